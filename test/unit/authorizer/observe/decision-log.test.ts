import { describe, expect, it } from 'vitest';
import { createDecisionLog, type DecisionLog } from '../../../../src/authorizer/observe/decision-log.ts';
import { allow, DENIALS, type DenialReason, deny, type Trace } from '../../../../src/decision.ts';
import { Fault } from '../../../../src/fault.ts';

const NOW_MS = 1_795_508_130_250;
const SUBJECT = { sourceIp: '192.0.2.10', requestId: 'r-1' };

const API_KEY_TRACE: Trace = {
  deadline: NOW_MS + 5000,
  tableRequests: 1,
  authMethod: 'api_key',
  userId: 'user-42',
  apiKeyId: 'key-1',
};
const BEARER_TRACE: Trace = {
  deadline: NOW_MS + 5000,
  tableRequests: 0,
  authMethod: 'bearer',
  userId: 'user-42',
  kid: 'kid-1',
};
const EMPTY_TRACE: Trace = { deadline: NOW_MS + 5000, tableRequests: 0 };

const METRICS = {
  Timestamp: NOW_MS,
  CloudWatchMetrics: [
    {
      Namespace: 'Gatepass',
      Dimensions: [['outcome'], ['authMethod', 'outcome'], ['reason']],
      Metrics: [
        { Name: 'decisions', Unit: 'Count' },
        { Name: 'durationMs', Unit: 'Milliseconds' },
      ],
    },
  ],
};

/** The one line that was written, read as JSON. */
function lineOf(work: (log: DecisionLog) => void): unknown {
  const written: string[] = [];
  work(
    createDecisionLog(
      (line) => written.push(line),
      () => NOW_MS,
    ),
  );
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^[^\n]+\n$/);
  return JSON.parse(written[0] ?? '');
}

describe('the log line', () => {
  it('of an allowed key names the key and its owner', () => {
    const principal = {
      userId: 'user-42',
      authMethod: 'api_key',
      apiKeyId: 'key-1',
      environment: 'live',
      email: 'ada@example.com',
    } as const;
    expect(lineOf((log) => log.decided(allow(principal), SUBJECT, API_KEY_TRACE, NOW_MS - 12))).toStrictEqual({
      level: 'INFO',
      timestamp: '2026-11-24T08:15:30.250Z',
      message: 'allow: api_key.valid',
      outcome: 'allow',
      reason: 'api_key.valid',
      authMethod: 'api_key',
      userId: 'user-42',
      apiKeyId: 'key-1',
      sourceIp: '192.0.2.10',
      requestId: 'r-1',
      durationMs: 12,
      tableRequests: 1,
      decisions: 1,
      _aws: METRICS,
    });
  });

  it('of an allowed token names the user and the kid', () => {
    const principal = { userId: 'user-42', authMethod: 'bearer', validUntil: 1 } as const;
    expect(lineOf((log) => log.decided(allow(principal), SUBJECT, BEARER_TRACE, NOW_MS))).toStrictEqual({
      level: 'INFO',
      timestamp: '2026-11-24T08:15:30.250Z',
      message: 'allow: token.valid',
      outcome: 'allow',
      reason: 'token.valid',
      authMethod: 'bearer',
      userId: 'user-42',
      kid: 'kid-1',
      sourceIp: '192.0.2.10',
      requestId: 'r-1',
      durationMs: 0,
      tableRequests: 0,
      decisions: 1,
      _aws: METRICS,
    });
  });

  it('tells which API and stage asked, and which secret was used until when', () => {
    const stageArn = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/$default';
    const trace = {
      ...API_KEY_TRACE,
      secret: 'replaced',
      secretSince: 1_795_508_100,
      secretUntil: 1_795_594_500,
    } as const;
    expect(
      lineOf((log) => log.decided(deny('api_key.replaced'), { ...SUBJECT, stageArn }, trace, NOW_MS)),
    ).toMatchObject({
      secret: 'replaced',
      secretSince: '2026-11-24T08:15:00Z',
      secretUntil: '2026-11-25T08:15:00Z',
      apiId: 'a1b2c3',
      stage: '$default',
    });
  });

  it('of an allowed key says that its own policy denies a caller outside its networks, and nothing of one inside', () => {
    const principal = { userId: 'user-42', authMethod: 'api_key', apiKeyId: 'key-1', environment: 'live' } as const;
    const outsideNetworks = (allowedNetworks: readonly string[], sourceIp: string | undefined) =>
      lineOf((log) =>
        log.decided(allow({ ...principal, allowedNetworks }), { ...SUBJECT, sourceIp }, API_KEY_TRACE, NOW_MS),
      );
    expect(outsideNetworks(['192.0.2.0/25'], '192.0.2.128')).toHaveProperty('outsideNetworks', true);
    expect(outsideNetworks(['192.0.2.0/25'], undefined)).toHaveProperty('outsideNetworks', true);
    expect(outsideNetworks(['192.0.2.0/25'], '192.0.2.127')).not.toHaveProperty('outsideNetworks');
  });

  it('of a preflight request says so, with no method', () => {
    expect(lineOf((log) => log.decided({ outcome: 'preflight' }, SUBJECT, EMPTY_TRACE, NOW_MS))).toMatchObject({
      level: 'INFO',
      message: 'preflight: preflight',
      outcome: 'preflight',
      reason: 'preflight',
      authMethod: 'none',
    });
  });

  it.each(Object.keys(DENIALS).filter((reason): reason is DenialReason => reason in DENIALS))(
    'of a refusal has the level of its reason: %s',
    (reason) => {
      expect(lineOf((log) => log.decided(deny(reason), SUBJECT, API_KEY_TRACE, NOW_MS))).toMatchObject({
        level: DENIALS[reason].level,
        message: `deny: ${reason}`,
        outcome: 'deny',
        reason,
        decisions: 1,
      });
    },
  );

  it('of a fault is an error that tells what failed and why', () => {
    const cause = new TypeError('not a JWK Set', { cause: new Error('connect ECONNREFUSED') });
    const fault = new Fault('fault.realm_keys', "The realm's keys could not be fetched.", { cause });
    const subject = { sourceIp: undefined, requestId: undefined };
    expect(lineOf((log) => log.failed(fault, subject, EMPTY_TRACE, NOW_MS - 1500))).toStrictEqual({
      level: 'ERROR',
      timestamp: '2026-11-24T08:15:30.250Z',
      message: 'fault: fault.realm_keys',
      outcome: 'fault',
      reason: 'fault.realm_keys',
      authMethod: 'none',
      durationMs: 1500,
      tableRequests: 0,
      decisions: 1,
      fault: "Fault: The realm's keys could not be fetched. <- TypeError: not a JWK Set <- Error: connect ECONNREFUSED",
      _aws: METRICS,
    });
  });

  it('of a fault is one line, whatever its message holds', () => {
    const fault = new Fault('fault.configuration', 'not valid:\n  - a\n  - b');
    expect(lineOf((log) => log.failed(fault, SUBJECT, EMPTY_TRACE, NOW_MS))).toMatchObject({
      fault: 'Fault: not valid:\n  - a\n  - b',
    });
  });

  it('of a fault holds no stack, nothing that an error carries along, and nothing thrown that is no error', () => {
    const cause = Object.assign(new Error('x'), { $metadata: { requestId: 'secret' }, config: { key: 'secret' } });
    const carried = lineOf((log) =>
      log.failed(new Fault('fault.table', 'The table.', { cause }), SUBJECT, EMPTY_TRACE, NOW_MS),
    );
    expect(carried).toMatchObject({ fault: 'Fault: The table. <- Error' });
    expect(JSON.stringify(carried)).not.toMatch(/secret|decision-log\.test/);
    const thrown = lineOf((log) =>
      log.failed(new Fault('fault.unexpected', 'Unknown.', { cause: 'secret' }), SUBJECT, EMPTY_TRACE, NOW_MS),
    );
    expect(thrown).toMatchObject({ fault: 'Fault: Unknown.' });
  });

  it("of a table's fault has the name, code and status of an error and not its message, which may repeat a key", () => {
    const cause = Object.assign(new Error('gp_live_secret', { cause: new Error('gp_live_secret') }), {
      name: 'PermanentRedirect',
      code: 'ECONNRESET',
      $metadata: { httpStatusCode: 301 },
    });
    const fault = new Fault('fault.table', 'The table.', { cause });
    expect(lineOf((log) => log.failed(fault, SUBJECT, EMPTY_TRACE, NOW_MS))).toMatchObject({
      fault: 'Fault: The table. <- PermanentRedirect (ECONNRESET, status 301) <- Error',
    });
  });

  it("of a table's time-out names the limit, which the answer of a table can not", () => {
    const timeout = Object.assign(new Error('no connection within 1000 ms'), { name: 'TimeoutError' });
    const text = (cause: Error) =>
      lineOf((log) => log.failed(new Fault('fault.table', 'T.', { cause }), SUBJECT, EMPTY_TRACE, NOW_MS));
    expect(text(timeout)).toMatchObject({ fault: 'Fault: T. <- TimeoutError: no connection within 1000 ms' });
    const answered = Object.assign(timeout, { $metadata: { httpStatusCode: 400 } });
    expect(text(answered)).toMatchObject({ fault: 'Fault: T. <- TimeoutError (status 400)' });
  });

  it('of a fault ends after five causes, also where they go round in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    const fault = new Fault('fault.unexpected', 'Unknown.', { cause: error });
    expect(lineOf((log) => log.failed(fault, SUBJECT, EMPTY_TRACE, NOW_MS))).toMatchObject({
      fault: `Fault: Unknown.${' <- Error: round'.repeat(4)}`,
    });
  });
});
