import { type Allowed, allow, type Clock, type Denial, type DenialReason, deny, type Trace } from '../../decision.ts';
import { parseApiKey } from '../../key-format/format.ts';
import { hashApiKey, hashesEqual } from '../../key-format/hash.ts';
import { type KeyForms, whyNotImported } from '../../key-format/imported.ts';
import { readProfile } from '../../profile.ts';
import type { Account, ApiKeyItem } from '../../table/items.ts';
import type { Store } from '../../table/store.ts';
import { findKeyAndOwner, isOwner, type KeyStore } from './key-and-owner.ts';

export interface ApiKeyAuthenticatorParts extends KeyForms {
  readonly store: KeyStore & Pick<Store, 'findImported'>;
  readonly now: Clock;
  /** Only keys of this environment are accepted. */
  readonly environment: string;
  /** `off`: no policy can hold a request against a key's networks, so keys that have some are refused. */
  readonly policyConditions: 'on' | 'off';
}

export type ApiKeyAuthenticator = (value: string, trace: Trace) => Promise<Allowed | Denial>;

/**
 * Decides an API key by the key and its owner's account, both read from the table.
 *
 * Reads once for a key of ours, once more for an imported and for a moved one, and not at all for a value whose form
 * rules it out.
 * Does not enforce scope, roles or networks: the first two are the backend's, the third the policy's.
 */
export function createApiKeyAuthenticator(parts: ApiKeyAuthenticatorParts): ApiKeyAuthenticator {
  const { store, now, keyPrefix, environment, policyConditions } = parts;

  return async (value, trace) => {
    const hash = hashApiKey(value);
    const keyId = await locate(value, hash, trace);
    if (typeof keyId !== 'string') return keyId;
    trace.apiKeyId = keyId;

    const { apiKey, account } = await findKeyAndOwner(store, keyId, trace);
    trace.userId = apiKey && account && isOwner(account, apiKey) ? account.userId : apiKey?.userId;
    const secret = apiKey && matchSecret(apiKey, hash);
    trace.secret = secret?.which;
    trace.secretSince = secret?.since;
    trace.secretUntil = secret?.validUntil;
    return decide({ apiKey, account, keyId, hash, secret, environment, policyConditions, now: now() });
  };

  async function locate(value: string, hash: string, trace: Trace): Promise<string | Denial> {
    const own = parseApiKey(value, keyPrefix);
    if (own !== undefined) return own.environment === environment ? own.keyId : deny('api_key.environment');
    if (whyNotImported(value, parts) !== undefined) return deny('api_key.malformed');
    const pointer = await store.findImported(hash, trace);
    if (pointer?.deleted === true) return deny('api_key.deleted');
    return pointer?.keyId ?? deny('api_key.unknown');
  }
}

interface Facts {
  readonly apiKey: ApiKeyItem | undefined;
  readonly account: Account | undefined;
  readonly keyId: string;
  readonly hash: string;
  readonly secret: Secret | undefined;
  readonly environment: string;
  readonly policyConditions: 'on' | 'off';
  readonly now: number;
}

function decide({ apiKey, account, keyId, hash, secret, environment, policyConditions, now }: Facts): Allowed | Denial {
  if (apiKey === undefined) return deny('api_key.unknown');
  // Whoever enables the key: the thief has it still.
  if (hashesEqual(hash, apiKey.leakedHash)) return deny('api_key.leaked');
  if (secret === undefined) return deny('api_key.secret');
  if (hasPassed(secret.validUntil, now)) return deny('api_key.replaced');
  const reason = checkKey(apiKey, environment, now);
  if (reason !== undefined) return deny(reason);
  const owner = checkAccount(account, apiKey);
  if (typeof owner === 'string') return deny(owner);
  // A decision of ours would be kept for requests from other networks.
  if (policyConditions === 'off' && apiKey.allowedNetworks !== undefined) return deny('api_key.networks');
  return allow({
    userId: owner.userId,
    ...readProfile((name) => owner[name]),
    authMethod: 'api_key',
    apiKeyId: keyId,
    environment,
    scope: apiKey.scope,
    allowedNetworks: apiKey.allowedNetworks,
    validUntil: earliest(apiKey.expiresAt, secret.validUntil),
  });
}

/** Which of a key's secrets was used. Times in epoch seconds. */
interface Secret {
  readonly which: 'current' | 'replaced';
  readonly since?: number | undefined;
  readonly validUntil: number | undefined;
}

/** The current secret has no end of its own; a replaced one ends with its grace, and had none if none is stored. */
function matchSecret(apiKey: ApiKeyItem, hash: string): Secret | undefined {
  if (hashesEqual(hash, apiKey.hash)) return { which: 'current', validUntil: undefined };
  if (!hashesEqual(hash, apiKey.replacedHash)) return undefined;
  return { which: 'replaced', since: apiKey.rotatedAt, validUntil: apiKey.replacedUntil ?? 0 };
}

function checkKey(apiKey: ApiKeyItem, environment: string, now: number): DenialReason | undefined {
  if (apiKey.deleted === true) return 'api_key.deleted';
  if (apiKey.active !== true) return 'api_key.inactive';
  if (hasPassed(apiKey.expiresAt, now)) return 'api_key.expired';
  if (apiKey.environment !== environment) return 'api_key.environment';
  return undefined;
}

type Owner = Account & { readonly userId: string };

function checkAccount(account: Account | undefined, apiKey: ApiKeyItem): Owner | DenialReason {
  if (account === undefined) return 'api_key.account_missing';
  if (account.deleted === true) return 'api_key.account_deleted';
  const { userId } = account;
  if (userId === undefined || !isOwner(account, apiKey)) return 'api_key.account_mismatch';
  if (account.active !== true) return 'api_key.account_disabled';
  return { ...account, userId };
}

/** The same comparison as the policy's `DateGreaterThanEquals aws:CurrentTime`. */
function hasPassed(epochSeconds: number | undefined, nowMs: number): boolean {
  return epochSeconds !== undefined && nowMs >= epochSeconds * 1000;
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
