import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { getAccount } from '../accounts/accounts.ts';
import type { Admin } from '../accounts/admin.ts';
import { AdminError } from '../accounts/admin-error.ts';
import type { ApiKey } from '../accounts/api-key.ts';
import { MAX_KEYS } from '../accounts/key-count.ts';
import { getKey } from '../accounts/key-state.ts';
import { type IssuedKey, listKeys } from '../accounts/keys.ts';
import { changeOwnKey, createOwnKey, deleteOwnKey, openOwnAccount, rotateOwnKey } from '../accounts/own-keys.ts';
import type { GatepassCaller } from '../caller/index.ts';
import { toSeconds } from '../seconds.ts';
import { knownSince, readDays, readLastUses } from '../usage/reader.ts';
import { answerJson, answerNothing } from './answer.ts';
import { changeSchema, MAX_NETWORKS, newKeySchema, rotationSchema } from './bodies.ts';
import type { ConfirmSession } from './confirm-session.ts';
import { Refusal } from './refusal.ts';
import { readAccessToken, readBody } from './request.ts';
import { listOf, type Uses, usageOf, viewOf } from './views.ts';

const DAY_SECONDS = 86_400;

/** How many days a key's usage is shown for. */
const USAGE_DAYS = 30;

export interface OperationParts {
  readonly admin: Admin;
  readonly confirmSession: ConfirmSession;
  readonly keyPrefix: string;
  readonly environment: string;
  readonly scopes: readonly { readonly value: string; readonly label: string }[];
  readonly maxDays: number;
}

/** A request of somebody who may manage keys. */
export interface Call {
  readonly event: APIGatewayProxyEvent;
  readonly caller: GatepassCaller;
  /** The key that the path names. */
  readonly keyId: string;
  /** Tells the log which key was made. */
  readonly onKey: (keyId: string) => void;
  /** Tells the log what could not be told to the user. */
  readonly onFailure: (error: unknown) => void;
}

type Operation = (call: Call) => Promise<APIGatewayProxyResult>;

/** What users do with their keys, by `operationId` of openapi.yaml. */
export function createOperations(parts: OperationParts) {
  const { admin, confirmSession, keyPrefix, environment, scopes, maxDays } = parts;
  const newKey = newKeySchema({ scopes: scopes.map(({ value }) => value), maxDays });
  const at = () => toSeconds(admin.now());
  const confirm = ({ event, caller }: Call) => confirmSession(readAccessToken(event), caller.userId);
  const shown = ({ key, item }: IssuedKey) => ({ apiKey: key, key: viewOf(item, at()) });

  return {
    async getMe({ caller: { userId, email, firstName, lastName } }) {
      await assertNotCutOff(admin, userId);
      const names = { ...(email && { email }), ...(firstName && { firstName }), ...(lastName && { lastName }) };
      const limits = { maxDays, maxKeys: MAX_KEYS, maxNetworks: MAX_NETWORKS };
      return answerJson(200, { userId, ...names, scopes, environment, ...limits });
    },
    async listKeys({ caller, onFailure }) {
      if (!(await assertNotCutOff(admin, caller.userId))) return answerJson(200, { keys: [] });
      const keys = (await listKeys(admin, caller.userId)).filter(({ deleted }) => deleted !== true);
      // A user must be able to end a key, whatever has become of what is known of its use.
      const uses = await readUses(admin, keys).catch(onFailure);
      return answerJson(200, listOf(keys, uses ?? undefined, at()));
    },
    async getUsage(call) {
      const { keyId } = await ownedKey(admin, call);
      if (admin.usage === undefined) throw new Refusal('usage_not_recorded');
      return answerJson(200, usageOf(await readDays(admin.usage, keyId, USAGE_DAYS, admin.now())));
    },
    async createKey(call) {
      const { name, scope, expiresInDays, networks } = readBody(call.event, newKey);
      const { caller } = call;
      await confirm(call);
      await openOwnAccount(admin, caller);
      const issued = await createOwnKey(admin, {
        ...{ userId: caller.userId, name, scope, prefix: keyPrefix, environment },
        allowedNetworks: networks,
        expiresAt: at() + expiresInDays * DAY_SECONDS,
      });
      call.onKey(issued.item.keyId);
      return answerJson(201, shown(issued));
    },
    async rotateKey(call) {
      const { graceSeconds, discard } = readBody(call.event, rotationSchema);
      const owned = await ownedKey(admin, call);
      await confirm(call);
      return answerJson(200, shown(await rotateOwnKey(admin, owned, { graceSeconds, discard, prefix: keyPrefix })));
    },
    async changeKey(call) {
      const { networks, ...change } = readBody(call.event, changeSchema);
      const owned = await ownedKey(admin, call);
      if (change.active === true) await confirm(call);
      const changed = await changeOwnKey(admin, owned, { ...change, allowedNetworks: networks }, maxDays * DAY_SECONDS);
      return answerJson(200, viewOf(changed, at()));
    },
    async deleteKey(call) {
      await deleteOwnKey(admin, await ownedKey(admin, call));
      return answerNothing();
    },
  } satisfies Record<string, Operation>;
}

/** How keys were last used, and since when that is known; nothing where it isn't recorded. */
async function readUses({ usage }: Admin, keys: readonly ApiKey[]): Promise<Uses | undefined> {
  if (usage === undefined) return undefined;
  const ids = keys.map(({ keyId }) => keyId);
  const [last, since] = await Promise.all([readLastUses(usage, ids), knownSince(usage)]);
  return since === undefined ? undefined : { last, since };
}

/** A key of the caller's that is not deleted; another's is not found, before anything else is said or done. */
async function ownedKey(admin: Admin, { caller: { userId }, keyId }: Call) {
  await assertNotCutOff(admin, userId);
  const key = await getKey(admin, keyId);
  if (key.userId === userId && key.deleted !== true) return { userId, keyId };
  throw new AdminError('key_not_found', `There is no key ${keyId} of user ${userId}.`);
}

/** @returns whether the user has an account. @throws AdminError `user_not_active` */
async function assertNotCutOff(admin: Admin, userId: string): Promise<boolean> {
  const account = await getAccount(admin, userId).catch((error: unknown) => {
    if (error instanceof AdminError && error.code === 'user_not_found') return undefined;
    throw error;
  });
  if (account === undefined) return false;
  if (account.active === true && account.deleted !== true) return true;
  throw new AdminError('user_not_active', `User ${userId} is disabled or deleted.`);
}
