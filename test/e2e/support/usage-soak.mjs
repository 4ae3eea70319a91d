// Runs the built recorder on many lines, as Lambda would run one instance of it, and says on stderr what it took, as JSON.
// Its arguments: lines, keys, minutes.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const [lines = 0, keys = 0, minutes = 0] = process.argv.slice(2).map(Number);
const BATCH = 5000;
const START = Date.now() - (minutes + 1) * 60_000;

const written = { lines: 0, uses: 0, writes: 0 };
let peak = 0;
/** @type {{ handler(event: object): Promise<{ lines: number, uses: number, writes: number } | undefined> }} */
const { handler } = await import(new URL('../../../dist/usage/index.mjs', import.meta.url).href);
const started = performance.now();
const cpu = process.cpuUsage();
let packing = 0;
for (let first = 0; first < lines; first += BATCH) {
  const before = performance.now();
  const event = batchOf(first, Math.min(lines, first + BATCH));
  packing += performance.now() - before;
  const recorded = await handler(event);
  for (const name of /** @type {const} */ (['lines', 'uses', 'writes'])) written[name] += recorded?.[name] ?? 0;
  peak = Math.max(peak, process.memoryUsage().rss);
}
const seconds = (performance.now() - started - packing) / 1000;
const { user, system } = process.cpuUsage(cpu);
const cpuSeconds = (user + system) / 1e6;
process.stderr.write(`${JSON.stringify({ ...written, seconds, cpuSeconds, peakMB: peak / 1e6 })}\n`);

/**
 * Lines in the order of time, each of another key.
 *
 * @param {number} from
 * @param {number} to
 */
function batchOf(from, to) {
  const logEvents = [];
  for (let index = from; index < to; index++) {
    const at = START + Math.floor((index / lines) * minutes * 60_000);
    const key = (index * 7919) % keys;
    const message = JSON.stringify({
      ...{ level: 'INFO', timestamp: new Date(at).toISOString(), message: 'allow: api_key.valid', outcome: 'allow' },
      ...{
        reason: 'api_key.valid',
        authMethod: 'api_key',
        userId: `user-${key}`,
        apiKeyId: keyIdOf(key),
        secret: 'current',
      },
      ...{ sourceIp: `10.${(key >> 8) & 255}.${key & 255}.1`, apiId: 'a1b2c3d4e5', stage: 'prod' },
      ...{ requestId: '4f6c1a52-7f0d-4d53-9a44-6b9a2f1e0c11', durationMs: 3, tableRequests: 1, decisions: 1 },
    });
    logEvents.push({ id: String(index).padStart(56, '0'), timestamp: at, message });
  }
  const data = gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents })).toString('base64');
  return { awslogs: { data } };
}

/** @param {number} key */
function keyIdOf(key) {
  return createHash('sha256').update(String(key)).digest('hex').slice(0, 28);
}
