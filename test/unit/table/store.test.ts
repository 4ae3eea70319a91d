import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Trace } from '../../../src/decision.ts';
import { createReads } from '../../../src/table/sdk-reads.ts';
import { createStore } from '../../../src/table/store.ts';

const TABLE = 'gatepass';
const NOW_MS = 1_795_508_130_000;
const PK = 'account#0i5T1SDDFrAIMls9v';
const KEY_ID = '0i5T1SDDFrAIMls9v00000000000';
const HASH = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

const KEY_KEY = { pk: PK, sk: `key#${KEY_ID}` };
const ACCOUNT_KEY = { pk: PK, sk: 'account' };
const KEY_ITEM = { ...KEY_KEY, userId: 'user-42', active: true };
const ACCOUNT_ITEM = { ...ACCOUNT_KEY, userId: 'user-42', email: 'ada@example.com' };

interface Sent {
  readonly command: 'BatchGet' | 'Get' | 'another';
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly atMs: number;
}

type Answer = object | Error | 'never';

/** A store over a client that gives these answers one after the other, and what that client was sent. */
function storeOver(...answers: readonly Answer[]) {
  const sent: Sent[] = [];
  const left = [...answers];
  function send(command: { readonly input: unknown }, { abortSignal }: { readonly abortSignal: AbortSignal }) {
    const name = command instanceof BatchGetCommand ? 'BatchGet' : command instanceof GetCommand ? 'Get' : 'another';
    // A copy: the store may go on to use the object that it sent.
    sent.push({ command: name, input: structuredClone(command.input), signal: abortSignal, atMs: Date.now() - NOW_MS });
    const answer = left.shift();
    if (answer === undefined) throw new Error('the store asked more often than the test has answers');
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer === 'never') return new Promise(() => undefined);
    return Promise.resolve({ $metadata: { attempts: 1 }, ...answer });
  }
  // `send` has an overload for each command; the store uses it with these two alone.
  const client = { send } as unknown as Pick<DynamoDBDocumentClient, 'send'>;
  const trace: Trace = { deadline: NOW_MS + 5000, tableRequests: 0 };
  return { store: createStore({ reads: createReads(client), table: TABLE, now: Date.now }), sent, trace };
}

function found(...items: readonly object[]) {
  return { Responses: { [TABLE]: items } };
}

function unprocessed(...keys: readonly object[]) {
  return { UnprocessedKeys: { [TABLE]: { Keys: keys, ConsistentRead: true } } };
}

function throttled(attempts: number): Error {
  return Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: { attempts } });
}

function itemFault(message: string): object {
  return { name: 'Fault', reason: 'fault.item', message };
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a key and its account', () => {
  it('are read in one consistent BatchGetItem of their two items', async () => {
    const { store, sent, trace } = storeOver(found(KEY_ITEM, ACCOUNT_ITEM));
    await store.findApiKey(KEY_ID, trace);
    expect(sent).toMatchObject([{ command: 'BatchGet' }]);
    expect(sent[0]?.input).toStrictEqual({
      RequestItems: { [TABLE]: { Keys: [KEY_KEY, ACCOUNT_KEY], ConsistentRead: true } },
    });
    expect(trace.tableRequests).toBe(1);
  });

  it.each([
    ['in the order asked for', [KEY_ITEM, ACCOUNT_ITEM]],
    ['the other way round', [ACCOUNT_ITEM, KEY_ITEM]],
    [
      'among others',
      [
        { ...KEY_ITEM, sk: 'key#other', userId: 'user-43' },
        { ...ACCOUNT_ITEM, pk: 'account#other', userId: 'user-43' },
        ACCOUNT_ITEM,
        KEY_ITEM,
      ],
    ],
  ])('are told apart by their keys, %s', async (_, items) => {
    const { store, trace } = storeOver(found(...items));
    expect(await store.findApiKey(KEY_ID, trace)).toStrictEqual({
      apiKey: { userId: 'user-42', active: true },
      account: { userId: 'user-42', email: 'ada@example.com' },
    });
  });

  it.each([
    ['the account', [KEY_ITEM], { apiKey: { userId: 'user-42', active: true }, account: undefined }],
    ['the key', [ACCOUNT_ITEM], { apiKey: undefined, account: { userId: 'user-42', email: 'ada@example.com' } }],
    ['both', [], { apiKey: undefined, account: undefined }],
  ])('are undefined where the table has none: %s', async (_, items, expected) => {
    const { store, trace } = storeOver(found(...items));
    expect(await store.findApiKey(KEY_ID, trace)).toStrictEqual(expected);
  });

  it('are undefined where the table has neither, and a fault where the answer names no table', async () => {
    const empty = storeOver(found());
    expect(await empty.store.findApiKey(KEY_ID, empty.trace)).toStrictEqual({ apiKey: undefined, account: undefined });
    const silent = storeOver({});
    await expect(silent.store.findApiKey(KEY_ID, silent.trace)).rejects.toMatchObject({ reason: 'fault.table' });
  });

  it('are a fault that names the attributes, never their values, where an item is garbage', async () => {
    const secret = 'gp_live_secret';
    const badKey = storeOver(found({ ...KEY_ITEM, hash: secret, expiresAt: secret }, ACCOUNT_ITEM));
    await expect(badKey.store.findApiKey(KEY_ID, badKey.trace)).rejects.toMatchObject(
      itemFault(`The item key#${KEY_ID} of the table is not readable: see hash, expiresAt.`),
    );
    const badAccount = storeOver(found(KEY_ITEM, { ...ACCOUNT_ITEM, roles: ['a', { secret }] }));
    await expect(badAccount.store.findApiKey(KEY_ID, badAccount.trace)).rejects.toMatchObject(
      itemFault('The item account of the table is not readable: see roles.1.'),
    );
  });
});

describe('keys left unprocessed', () => {
  async function read({ store, trace }: ReturnType<typeof storeOver>) {
    const answer = store.findApiKey(KEY_ID, trace);
    answer.catch(() => undefined); // it may fail while the timers run
    await vi.runAllTimersAsync();
    return answer;
  }

  it('are asked for again, and only they, consistently', async () => {
    const given = storeOver({ ...found(KEY_ITEM), ...unprocessed(ACCOUNT_KEY) }, found(ACCOUNT_ITEM));
    expect(await read(given)).toMatchObject({ apiKey: { userId: 'user-42' }, account: { userId: 'user-42' } });
    expect(given.sent[1]?.input).toStrictEqual({
      RequestItems: { [TABLE]: { Keys: [ACCOUNT_KEY], ConsistentRead: true } },
    });
    expect(given.trace.tableRequests).toBe(2);
  });

  it('are asked for consistently even if the answer does not say so', async () => {
    const given = storeOver({ UnprocessedKeys: { [TABLE]: { Keys: [KEY_KEY, ACCOUNT_KEY] } } }, found(KEY_ITEM));
    await read(given);
    expect(given.sent[1]?.input).toStrictEqual({
      RequestItems: { [TABLE]: { Keys: [KEY_KEY, ACCOUNT_KEY], ConsistentRead: true } },
    });
  });

  it('are asked for four times in all, with longer and longer pauses', async () => {
    const given = storeOver(...Array.from({ length: 3 }, () => unprocessed(KEY_KEY)), found(KEY_ITEM));
    expect(await read(given)).toMatchObject({ apiKey: { userId: 'user-42' } });
    expect(given.sent.map(({ atMs }) => atMs)).toStrictEqual([0, 50, 150, 350]);
    expect(given.trace.tableRequests).toBe(4);
  });

  it('are a fault after four times', async () => {
    const given = storeOver(...Array.from({ length: 4 }, () => unprocessed(KEY_KEY)));
    await expect(read(given)).rejects.toMatchObject({
      name: 'Fault',
      reason: 'fault.table',
      message: 'The table gatepass left keys unprocessed 4 times.',
    });
    expect(given.sent).toHaveLength(4);
  });

  it.each([
    ['no table', {}],
    ['no keys', { [TABLE]: { Keys: [] } }],
    ['another table', { other: { Keys: [KEY_KEY] } }],
  ])('are none when the answer names %s', async (_, keys) => {
    const given = storeOver({ ...found(KEY_ITEM, ACCOUNT_ITEM), UnprocessedKeys: keys });
    await read(given);
    expect(given.sent).toHaveLength(1);
  });
});

describe('an imported key', () => {
  const POINTER = { keyId: KEY_ID };

  it('is looked up by its hash, consistently', async () => {
    const { store, sent, trace } = storeOver({ Item: { pk: `imported#${HASH}`, sk: 'key', ...POINTER } });
    expect(await store.findImported(HASH, trace)).toStrictEqual(POINTER);
    expect(sent).toMatchObject([{ command: 'Get' }]);
    expect(sent[0]?.input).toStrictEqual({
      TableName: TABLE,
      Key: { pk: `imported#${HASH}`, sk: 'key' },
      ConsistentRead: true,
    });
    expect(trace.tableRequests).toBe(1);
  });

  it('is undefined where nothing points from its hash', async () => {
    const { store, trace } = storeOver({});
    expect(await store.findImported(HASH, trace)).toBeUndefined();
  });

  it('is a fault where its pointer is garbage', async () => {
    const { store, trace } = storeOver({ Item: { keyId: 'x' } });
    await expect(store.findImported(HASH, trace)).rejects.toMatchObject(
      itemFault('The item key of the table is not readable: see keyId.'),
    );
  });
});

describe("a user's account", () => {
  it('is read by their id, consistently', async () => {
    const { store, sent, trace } = storeOver({ Item: ACCOUNT_ITEM });
    expect(await store.findAccount('user-42', trace)).toStrictEqual({ userId: 'user-42', email: 'ada@example.com' });
    expect(sent).toMatchObject([{ command: 'Get' }]);
    expect(sent[0]?.input).toStrictEqual({ TableName: TABLE, Key: ACCOUNT_KEY, ConsistentRead: true });
  });

  it('is undefined where there is none', async () => {
    const { store, trace } = storeOver({});
    expect(await store.findAccount('user-42', trace)).toBeUndefined();
  });

  it('is a fault where it is garbage', async () => {
    const { store, trace } = storeOver({ Item: { ...ACCOUNT_ITEM, active: 'yes' } });
    await expect(store.findAccount('user-42', trace)).rejects.toMatchObject(
      itemFault('The item account of the table is not readable: see active.'),
    );
  });
});

describe("a token's account and what revokes the token", () => {
  const REVOKED_PK = 'revoked#0i5T1SDDFrAIMls9v';
  const USER = { pk: REVOKED_PK, sk: 'user', notBefore: 100 };
  const SESSION = { pk: REVOKED_PK, sk: 'session#s-1', notBefore: 200 };
  const REALM = { pk: 'revoked#realm', sk: 'https://id.example.com/realms/main', notBefore: 300 };
  const ORIGIN = { issuer: REALM.sk, userId: 'user-42', sessionId: 's-1' };
  const keyOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => ({ pk, sk });

  it('are read in one consistent BatchGetItem of four items', async () => {
    const { store, sent, trace } = storeOver(found());
    await store.findTokenState(ORIGIN, trace);
    expect(sent).toMatchObject([{ command: 'BatchGet' }]);
    expect(sent[0]?.input).toStrictEqual({
      RequestItems: {
        [TABLE]: { Keys: [ACCOUNT_KEY, keyOf(USER), keyOf(SESSION), keyOf(REALM)], ConsistentRead: true },
      },
    });
    expect(trace.tableRequests).toBe(1);
  });

  it('are three items for a token without a session', async () => {
    const { store, sent, trace } = storeOver(found());
    await store.findTokenState({ ...ORIGIN, sessionId: undefined }, trace);
    const Keys = [ACCOUNT_KEY, keyOf(USER), keyOf(REALM)];
    expect(sent[0]?.input).toStrictEqual({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } });
  });

  it.each([
    ['nothing', [], undefined],
    ['the user', [USER], 100],
    ['the session', [USER, SESSION], 200],
    ['the realm', [REALM, SESSION, USER], 300],
    ['the first second that there is', [{ ...USER, notBefore: 0 }], 0],
  ])('tell the latest moment: %s', async (_, items, notBefore) => {
    const { store, trace } = storeOver(found(ACCOUNT_ITEM, ...items));
    const account = { userId: 'user-42', email: 'ada@example.com' };
    expect(await store.findTokenState(ORIGIN, trace)).toStrictEqual({ account, notBefore });
  });

  it('are read again as far as the table left them out', async () => {
    const { store, sent, trace } = storeOver({ ...found(ACCOUNT_ITEM), ...unprocessed(keyOf(USER)) }, found(USER));
    const answer = store.findTokenState(ORIGIN, trace);
    await vi.advanceTimersByTimeAsync(50);
    expect(await answer).toMatchObject({ notBefore: 100 });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['the account', { ...ACCOUNT_ITEM, active: 'yes' }, 'The item account of the table is not readable: see active.'],
    ['what revokes it', { ...USER, notBefore: -1 }, 'The item user of the table is not readable: see notBefore.'],
    [
      'no moment',
      { ...SESSION, notBefore: undefined },
      'The item session#s-1 of the table is not readable: see notBefore.',
    ],
  ])('are a fault where one is garbage: %s', async (_, item, message) => {
    const { store, trace } = storeOver(found(item));
    await expect(store.findTokenState(ORIGIN, trace)).rejects.toMatchObject(itemFault(message));
  });
});

describe('a request to the table', () => {
  it('that fails is a fault that keeps its cause', async () => {
    const error = throttled(3);
    for (const ask of ['findApiKey', 'findImported', 'findAccount'] as const) {
      const { store, trace } = storeOver(error);
      await expect(store[ask]('x', trace)).rejects.toMatchObject({
        name: 'Fault',
        reason: 'fault.table',
        message: 'The table gatepass could not be read.',
        cause: error,
      });
      expect(trace.tableRequests).toBe(3);
    }
  });

  it.each([
    ['the attempts that the SDK made', { $metadata: { attempts: 3 } }, 3],
    ['one where the SDK does not say', { $metadata: {} }, 1],
  ])('counts as %s', async (_, answer, attempts) => {
    const { store, trace } = storeOver({ ...answer, ...found() }, { ...answer });
    await store.findApiKey(KEY_ID, trace);
    expect(trace.tableRequests).toBe(attempts);
    await store.findAccount('user-42', trace);
    expect(trace.tableRequests).toBe(2 * attempts);
  });

  it.each([new Error('socket hang up'), Object.assign(new Error('x'), { $metadata: {} })])(
    'that fails without saying how often counts as one',
    async (error) => {
      const { store, trace } = storeOver(error);
      await expect(store.findAccount('user-42', trace)).rejects.toMatchObject({ reason: 'fault.table' });
      expect(trace.tableRequests).toBe(1);
    },
  );

  it('is given up at the deadline, and not before', async () => {
    const { store, sent, trace } = storeOver('never');
    const answer = store.findApiKey(KEY_ID, trace);
    let settled = false;
    const observed = answer.catch((error: unknown) => error).finally(() => (settled = true));
    await vi.advanceTimersByTimeAsync(4999);
    expect(settled).toBe(false);
    expect(sent[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await observed).toMatchObject({ name: 'Fault', reason: 'fault.deadline' });
    expect(sent[0]?.signal.aborted).toBe(true);
    expect(trace.tableRequests).toBe(1);
  });

  it('leaves no timer behind', async () => {
    const { store, trace } = storeOver(found(KEY_ITEM, ACCOUNT_ITEM), throttled(1));
    await store.findApiKey(KEY_ID, trace);
    await expect(store.findAccount('user-42', trace)).rejects.toMatchObject({ reason: 'fault.table' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
