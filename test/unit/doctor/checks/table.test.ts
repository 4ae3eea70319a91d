import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../../../src/doctor/check.ts';
import { tableChecks } from '../../../../src/doctor/checks/table.ts';
import { REQUEST_MS, readSettings, type TableSettings } from '../../../../src/table/settings.ts';
import { createMovedClock } from '../../../support/moved-clock.ts';
import { runCheck } from '../answers.ts';
import { DESCRIPTION, type FakeAnswer, fakeTable, Refusal } from '../fake-table.ts';

const NAMES = {
  exists: 'table.exists',
  schema: 'table.key_schema',
  read: 'table.read',
  ttl: 'table.ttl',
  recovery: 'table.point_in_time_recovery',
  protection: 'table.deletion_protection',
  billing: 'table.billing',
} as const;

const clock = createMovedClock();

async function check(changes: Readonly<Record<string, FakeAnswer>> = {}): Promise<Record<keyof typeof NAMES, Finding>> {
  return judge(await readSettings(fakeTable(changes).table, clock.now));
}

async function judge(settings: TableSettings): Promise<Record<keyof typeof NAMES, Finding>> {
  const of = (key: keyof typeof NAMES) => runCheck(tableChecks, NAMES[key], settings);
  return {
    exists: await of('exists'),
    schema: await of('schema'),
    read: await of('read'),
    ttl: await of('ttl'),
    recovery: await of('recovery'),
    protection: await of('protection'),
    billing: await of('billing'),
  };
}

const described = (change: object) => ({ DescribeTable: { Table: { ...DESCRIPTION, ...change } } });
const LOCAL = { TableArn: 'arn:aws:dynamodb:ddblocal:000000000000:table/gatepass' };
const denied = new Refusal('AccessDeniedException', 'User: u is not authorized');

describe('a table', () => {
  it('is good as template.yaml deploys it', async () => {
    for (const finding of Object.values(await check())) expect(finding.severity).toBe('ok');
  });

  it('is a problem when it does not exist, and that is said once', async () => {
    const missing = new Refusal('ResourceNotFoundException');
    const { exists, ...others } = await check({
      DescribeTable: missing,
      DescribeTimeToLive: missing,
      DescribeContinuousBackups: new Refusal('TableNotFoundException'),
      BatchGetItem: missing,
      GetItem: missing,
    });
    expect(exists).toMatchObject({ severity: 'problem', found: expect.stringContaining('no such table') });
    for (const finding of Object.values(others)) expect(finding.severity).toBe('skipped');
  });

  it.each(['CREATING', 'DELETING', 'INACCESSIBLE_ENCRYPTION_CREDENTIALS'])(
    'is a problem while it is %s',
    async (status) => {
      expect((await check(described({ TableStatus: status }))).exists.severity).toBe('problem');
    },
  );

  it('works while it is UPDATING', async () => {
    expect((await check(described({ TableStatus: 'UPDATING' }))).exists.severity).toBe('ok');
  });

  it('need not be described: the authorizer does not', async () => {
    const { exists, read } = await check({ DescribeTable: denied });
    expect([exists.severity, read.severity]).toEqual(['skipped', 'ok']);
  });

  it.each([
    ['UnrecognizedClientException', 'does not know these credentials'],
    ['ExpiredTokenException', 'have expired'],
    ['InvalidSignatureException', 'signature'],
    ['SomethingNewException', 'SomethingNewException'],
  ])('is a problem when it answers %s', async (type, found) => {
    const { exists } = await check({ DescribeTable: new Refusal(type) });
    expect(exists).toMatchObject({ severity: 'problem', found: expect.stringContaining(found) });
  });

  it('is a problem when nothing listens at the endpoint', async () => {
    const { exists } = await check({ DescribeTable: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    expect(exists).toMatchObject({ severity: 'problem', found: expect.stringContaining('nothing listens') });
  });
});

describe('the keys of a table', () => {
  it.each([
    ['no sort key', { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] }],
    ['other names', { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }],
    [
      'another type',
      {
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'B' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
      },
    ],
  ])('are a problem with %s', async (_, change) => {
    expect((await check(described(change))).schema.severity).toBe('problem');
  });
});

describe('reading a table', () => {
  it('is asked as the authorizer reads, of an item that is not there', async () => {
    const { table, asked } = fakeTable();
    await readSettings(table, clock.now);
    const key = { pk: { S: 'doctor#no-such-item' }, sk: { S: 'doctor' } };
    expect(asked.get('GetItem')).toEqual({ TableName: 'gatepass', Key: key, ConsistentRead: true });
    expect(asked.get('BatchGetItem')).toEqual({ RequestItems: { gatepass: { Keys: [key], ConsistentRead: true } } });
  });

  it('asks for nothing that writes', async () => {
    const { table, asked } = fakeTable();
    await readSettings(table, clock.now);
    expect([...asked.keys()].sort()).toEqual([
      'BatchGetItem',
      'DescribeContinuousBackups',
      'DescribeTable',
      'DescribeTimeToLive',
      'GetItem',
    ]);
  });

  it.each(['BatchGetItem', 'GetItem'])('is a problem when %s is not allowed, whatever else is', async (operation) => {
    const { read } = await check({ [operation]: denied });
    expect(read).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('User: u is not authorized'),
      remedy: expect.stringContaining('dynamodb:BatchGetItem and dynamodb:GetItem'),
    });
  });

  it('is a problem when the keys do not fit', async () => {
    const { read } = await check({ GetItem: new Refusal('ValidationException', 'does not match the schema') });
    expect(read).toMatchObject({ severity: 'problem', remedy: expect.stringContaining('table.key_schema') });
  });
});

describe('the removal of items', () => {
  const ttl = (TimeToLiveStatus: string, AttributeName?: string) => ({
    DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } },
  });

  it('is worth a warning when it is off, with the command that switches it on', async () => {
    const { severity, remedy } = (await check(ttl('DISABLED'))).ttl;
    expect(severity).toBe('warning');
    expect(remedy).toBe(
      'aws dynamodb update-time-to-live --table-name gatepass --time-to-live-specification Enabled=true,AttributeName=purgeAt',
    );
  });

  it('is a problem by another attribute, which would remove what is in use', async () => {
    expect((await check(ttl('ENABLED', 'replacedUntil'))).ttl.severity).toBe('problem');
    expect((await check({ ...ttl('ENABLED', 'replacedUntil'), ...described(LOCAL) })).ttl.severity).toBe('problem');
  });

  it('is good while it is being switched on', async () => {
    expect((await check(ttl('ENABLING', 'purgeAt'))).ttl.severity).toBe('ok');
  });

  it('is not judged when these credentials may not ask, and says for which right', async () => {
    const { ttl: finding } = await check({ DescribeTimeToLive: denied });
    expect(finding).toEqual({ severity: 'skipped', found: expect.stringContaining('dynamodb:DescribeTimeToLive') });
  });

  it('may be off in a local table', async () => {
    expect((await check({ ...ttl('DISABLED'), ...described(LOCAL) })).ttl.severity).toBe('skipped');
  });
});

describe('the safety of a table', () => {
  const noRecovery = {
    DescribeContinuousBackups: {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
      },
    },
  };
  const unprotected = { DeletionProtectionEnabled: false };

  it('is worth a warning each, without recovery and without protection, with the command', async () => {
    const { recovery, protection } = await check({ ...noRecovery, ...described(unprotected) });
    expect(recovery).toMatchObject({
      severity: 'warning',
      remedy: expect.stringContaining('update-continuous-backups'),
    });
    expect(protection).toMatchObject({
      severity: 'warning',
      remedy: expect.stringContaining('--deletion-protection-enabled'),
    });
  });

  it('does not matter in a local table', async () => {
    const { recovery, protection } = await check({ ...noRecovery, ...described({ ...LOCAL, ...unprotected }) });
    expect([recovery.severity, protection.severity]).toEqual(['skipped', 'skipped']);
  });

  it('is not judged where there is no such operation, as in DynamoDB Local', async () => {
    const { recovery } = await check({ DescribeContinuousBackups: new Refusal('UnknownOperationException') });
    expect(recovery).toEqual({ severity: 'skipped', found: expect.stringContaining('does not have it') });
  });
});

describe('the capacity of a table', () => {
  it('is told in decisions when it is provisioned: each reads two units', async () => {
    const provisioned = { BillingModeSummary: undefined, ProvisionedThroughput: { ReadCapacityUnits: 25 } };
    const { billing } = await check(described(provisioned));
    expect(billing).toEqual({ severity: 'ok', found: expect.stringContaining('25 read units: 12 key decisions') });
  });
});

describe('the clock of a table', () => {
  it('is read off its answer, a refusal too', async () => {
    const date = 'Tue, 24 Nov 2026 08:15:30 GMT';
    const at = { sentAt: clock.now(), answeredAt: clock.now() };
    for (const changes of [{}, { DescribeTable: denied }]) {
      expect((await readSettings(fakeTable(changes, date).table, clock.now)).clock).toEqual({ date, ...at });
    }
  });

  it('is unknown when there was no answer', async () => {
    const { table } = fakeTable({ DescribeTable: new Error('no') });
    expect((await readSettings(table, clock.now)).clock).toBeUndefined();
  });
});

describe('a table that does not answer', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('costs 3 s in all, though it is asked five things', async () => {
    vi.useFakeTimers();
    const client = fakeTable().table.client;
    vi.spyOn(client, 'send').mockImplementation(() => new Promise(() => {}));
    const asked = readSettings({ client, name: 'gatepass' }, clock.now);
    await vi.advanceTimersByTimeAsync(REQUEST_MS);
    const answers = await asked;
    const { exists, read } = await judge(answers);
    expect(exists).toMatchObject({ severity: 'problem', found: expect.stringContaining('no answer in time') });
    expect(read.severity).toBe('skipped');
  });
});
