import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { startLocalFunction } from '../local-function.ts';
import { startLocalParts } from '../local-parts.ts';
import { readApi } from './api.ts';
import { createGateway, type RequestLine } from './gateway.ts';
import { greeting } from './greeting.ts';
import { policySchema } from './policy-evaluation.ts';
import { createLocalSelfService } from './self-service.ts';
import { serve } from './server.ts';

const TEMPLATE = fileURLToPath(new URL('../../template.yaml', import.meta.url));

interface Options {
  readonly port: number;
  readonly ttl: number;
  readonly api: 'rest' | 'http';
  readonly corsOrigin: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly table?: string;
  readonly endpointUrl?: string;
  readonly upstream?: string;
  readonly resourcePolicy?: string;
}

const program = new Command('npm start --')
  .description('Runs a local API Gateway in front of the built Lambda bundle, as template.yaml deploys it.')
  .option('--port <port>', 'the port to listen on', toInteger(0, 65_535), 3000)
  .option('--ttl <seconds>', 'how long decisions are kept; 0 asks each time', toInteger(0, 3600), 60)
  .addOption(new Option('--api <kind>', 'the kind of API to be').choices(['rest', 'http']).default('rest'))
  .option('--cors-origin <origin>', 'the origin whose pages may read the answers', '*')
  .option('--issuer <url>', 'a real realm, instead of the local one')
  .option('--audience <aud>', 'the allowed audience, with --issuer')
  .option('--table <name>', 'a real table, instead of the local one, as the AWS SDK finds it')
  .option('--endpoint-url <url>', 'another DynamoDB endpoint for --table, as DynamoDB Local')
  .option('--upstream <url>', 'a backend of yours to hand allowed requests on to')
  .option('--resource-policy <file>', 'a resource policy of the API, as JSON')
  .addHelpText('after', '\nExamples:\n  npm start\n  npm start -- --ttl 0 --upstream http://127.0.0.1:8080')
  .action(start);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`npm start: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}

async function start(options: Options): Promise<void> {
  const { port, ttl, api: kind, corsOrigin, upstream } = options;
  if (kind === 'http' && options.resourcePolicy !== undefined) {
    throw new Error('HTTP APIs have no resource policies: leave --resource-policy out, or give --api rest.');
  }
  const resourcePolicy = options.resourcePolicy === undefined ? undefined : await readPolicy(options.resourcePolicy);
  const api = readApi(TEMPLATE, { AuthorizerTtl: String(ttl), CorsOrigin: corsOrigin });
  const parts = await startLocalParts({ keep: true });
  const instance = await startLocalFunction(environmentOf(options, parts.env));
  let exampleUrl = '';
  const onRequest = (line: RequestLine) => process.stdout.write(`${describe(line)}\n`);
  const selfService = createLocalSelfService({ template: TEMPLATE, parts, exampleUrl: () => exampleUrl, onRequest });
  const gateway = createGateway({
    api,
    kind,
    invoke: instance.invoke,
    now: Date.now,
    newRequestId: randomUUID,
    resourcePolicy,
    upstream,
    onRequest,
  });
  const server = await serve(
    (request) => (selfService.has(request.path) ? selfService.gateway(request) : gateway(request)),
    port,
  );
  const base = kind === 'rest' ? `${server.url}/${api.stage}` : server.url;
  exampleUrl = `${base}/api/v1/whoami`;
  const { fill } = parts.credentials;
  const key = options.table === undefined ? await fill('{{API_KEY}}') : undefined;
  const token = options.issuer === undefined ? await fill('{{ACCESS_TOKEN}}') : undefined;
  process.stdout.write(greeting({ base, kind, ttl, key, token, page: `${server.url}${selfService.path}` }));

  const stop = async () => {
    await server.stop();
    await instance.stop();
    await selfService.stop();
    await parts.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

/** The local parts' environment, with the real parts that were asked for in their place. */
function environmentOf(
  { issuer, audience, table, endpointUrl }: Options,
  local: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = { ...local };
  if (issuer !== undefined) {
    if (audience === undefined) throw new Error('Which audience must the tokens of --issuer have? Give --audience.');
    Object.assign(env, { GATEPASS_ISSUER: issuer, GATEPASS_JWKS_URI: '', GATEPASS_AUDIENCE: audience });
    env['GATEPASS_CLIENTS'] = '*';
  }
  if (table !== undefined) {
    delete env['AWS_ENDPOINT_URL_DYNAMODB'];
    for (const [name, value] of Object.entries(process.env)) if (/^AWS_/.test(name) && value) env[name] = value;
    env['GATEPASS_TABLE'] = table;
    if (endpointUrl !== undefined) env['AWS_ENDPOINT_URL_DYNAMODB'] = endpointUrl;
  }
  return env;
}

async function readPolicy(file: string): Promise<v.InferOutput<typeof policySchema>> {
  const path = resolve(process.env['INIT_CWD'] ?? '.', file);
  return v.parse(policySchema, JSON.parse(await readFile(path, 'utf8')));
}

function describe({ method, path, status, verdict, milliseconds }: RequestLine): string {
  const decision =
    verdict === undefined ? 'no authorizer' : `${verdict.source} ${verdict.kind} ${verdict.reason ?? ''}`;
  const time = new Date().toISOString().slice(11, 19);
  return `${time}  ${method} ${path}  ${status}  ${decision.trim()}  ${milliseconds} ms`;
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isBusy = 'code' in error && error.code === 'EADDRINUSE';
  return isBusy ? 'That port is taken: give another with --port.' : error.message;
}

function toInteger(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
