import { type ApiKeyAuthenticatorParts, createApiKeyAuthenticator } from '../../authorizer/api-key/authenticate.ts';
import { DECISION_MS } from '../../deadline.ts';
import type { Trace } from '../../decision.ts';
import { Fault } from '../../fault.ts';
import { parseApiKey } from '../../key-format/format.ts';
import { hashApiKey } from '../../key-format/hash.ts';
import { MAX_IMPORTED_LENGTH, whyNotImported } from '../../key-format/imported.ts';
import type { Account, ApiKeyItem } from '../../table/items.ts';
import { type KeyCheckId, ok, problem, shown, skipped, type Verdict } from '../check.ts';

/**
 * Says what the authorizer decides about a key, by the authorizer's own code, and how each of the things that it looks
 * at is: the decision alone names but the first that is wrong. Holds no part of the key but its id.
 */
export async function examineKey(key: string, parts: ApiKeyAuthenticatorParts): Promise<Record<KeyCheckId, Verdict>> {
  const { store, now } = parts;
  const trace: Trace = { deadline: now() + DECISION_MS, tableRequests: 0 };
  const decision = await decide(key, parts, trace);
  const keyId = trace.apiKeyId;
  const known = keyId === undefined ? undefined : await store.findApiKey(keyId, trace).catch(() => undefined);
  const facts = { key, keyId, apiKey: known?.apiKey, account: known?.account, parts };
  return {
    'key.decision': decision,
    'key.form': checkForm(key, parts),
    'key.stored': checkStored(facts),
    ...(known?.apiKey === undefined ? UNASKED : checkItem(known.apiKey, facts)),
  };
}

interface Facts {
  readonly key: string;
  readonly keyId: string | undefined;
  readonly apiKey: ApiKeyItem | undefined;
  readonly account: Account | undefined;
  readonly parts: ApiKeyAuthenticatorParts;
}

async function decide(key: string, parts: ApiKeyAuthenticatorParts, trace: Trace): Promise<Verdict> {
  try {
    const decision = await createApiKeyAuthenticator(parts)(key, trace);
    if (decision.outcome === 'allow') return ok('It lets the caller through.');
    return problem(
      `It refuses the key with 401 (${decision.reason}).`,
      'See what is wrong below. The code is explained in docs/reasons.md.',
    );
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return problem(`None: 503 (${error.reason}). ${error.message}`, 'See "gatepass doctor" about the table.');
  }
}

function checkForm(key: string, parts: ApiKeyAuthenticatorParts): Verdict {
  const { keyPrefix, environment } = parts;
  const parsed = parseApiKey(key, keyPrefix);
  if (parsed !== undefined) {
    if (parsed.environment === environment) return ok(`A key of ours, its checksum right, for ${shown(environment)}.`);
    return problem(
      `A key for the environment ${shown(parsed.environment)}, and this authorizer takes ${shown(environment)}.`,
      'Use a key of this environment: "gatepass keys create --environment".',
    );
  }
  const unfit = whyNotImported(key, parts);
  if (unfit === undefined) return ok('It is looked up as a key of another system, by its hash.');
  if (unfit === 'own_prefix') {
    return problem(
      'It starts like a key of ours, but its form or its checksum is not right: cut off, or mistyped.',
      'Copy the whole key again. What is lost of it can not be recovered: "gatepass keys rotate" makes a new secret.',
    );
  }
  if (unfit === 'characters') {
    return problem(
      `It starts like a key of another system, but has a space or another character that no key has, or more than ` +
        `${MAX_IMPORTED_LENGTH.toLocaleString('en')} of them: it is refused and not looked up.`,
      'Copy the key again, and nothing beside it.',
    );
  }
  return problem(
    `It starts neither with ${keyPrefix}_ nor with a prefix of imported keys.`,
    'Check that it is a key of this API; for keys of another system, set GATEPASS_IMPORTED_PREFIXES.',
  );
}

function checkStored({ keyId, apiKey }: Facts): Verdict {
  if (keyId === undefined) return skipped('No key was found by it.');
  if (apiKey !== undefined) return ok(`Key ${keyId} of user ${shown(apiKey.userId)}.`);
  return problem(
    `The table has no key ${keyId}.`,
    'It is of another table or another stage, or was deleted more than 30 days ago.',
  );
}

const NOT_FOUND = skipped('There is no key to look at.');
const UNASKED = {
  'key.secret': NOT_FOUND,
  'key.state': NOT_FOUND,
  'key.expiry': NOT_FOUND,
  'key.environment': NOT_FOUND,
  'key.networks': NOT_FOUND,
  'key.account': NOT_FOUND,
} as const;

function checkItem(apiKey: ApiKeyItem, facts: Facts): Record<keyof typeof UNASKED, Verdict> {
  const { environment } = facts.parts;
  return {
    'key.secret': checkSecret(apiKey, facts),
    'key.state': checkState(apiKey, facts),
    'key.expiry': checkExpiry(apiKey, facts),
    'key.environment':
      apiKey.environment === environment
        ? ok(shown(environment))
        : problem(
            `The key is for ${shown(apiKey.environment)}, and this authorizer takes ${shown(environment)}.`,
            'Use a key of this environment, or look at GATEPASS_ENVIRONMENT.',
          ),
    'key.networks':
      apiKey.allowedNetworks === undefined
        ? ok('From anywhere.')
        : ok(`From ${apiKey.allowedNetworks.join(', ')} only: the policy refuses requests from elsewhere.`),
    'key.account': checkAccount(apiKey, facts),
  };
}

function checkSecret(apiKey: ApiKeyItem, { key, keyId, parts }: Facts): Verdict {
  const hash = hashApiKey(key);
  if (hash === apiKey.hash) return ok('Its current secret.');
  if (hash !== apiKey.replacedHash) {
    return problem(
      'Its secret is neither the current one nor the one before.',
      `The key was rotated more than once since, or the secret is made up: "gatepass keys rotate ${keyId}".`,
    );
  }
  const until = timeOf(apiKey.replacedUntil ?? 0);
  if (parts.now() < (apiKey.replacedUntil ?? 0) * 1000)
    return ok(`The secret that was replaced: it works until ${until}.`);
  return problem(
    `The secret that was replaced, whose grace ended at ${until}.`,
    'Use the new key that the rotation gave.',
  );
}

function checkState({ active, deleted }: ApiKeyItem, { keyId }: Facts): Verdict {
  if (deleted === true) return problem('Deleted, which can not be undone.', 'Make another: "gatepass keys create".');
  if (active === true) return ok('Active.');
  return problem('Disabled.', `"gatepass keys enable ${keyId}".`);
}

function checkExpiry({ expiresAt }: ApiKeyItem, { parts }: Facts): Verdict {
  if (expiresAt === undefined) return ok('Works until it is revoked.');
  if (parts.now() < expiresAt * 1000) return ok(`Works until ${timeOf(expiresAt)}.`);
  return problem(`Expired at ${timeOf(expiresAt)}.`, 'Make another: "gatepass keys create".');
}

function checkAccount({ userId }: ApiKeyItem, { account }: Facts): Verdict {
  const user = shown(userId);
  if (account === undefined) {
    return problem(`User ${user} has no account.`, 'Create it: "gatepass users create", or "gatepass sync --create".');
  }
  if (account.userId !== userId) {
    return problem(`The account is of ${shown(account.userId)}, and the key of ${user}.`, 'Delete the key.');
  }
  if (account.deleted === true) return problem(`User ${user} is deleted.`, 'Nothing: this can not be undone.');
  if (account.active === true) return ok(`User ${user} is active.`);
  return problem(
    `User ${user} is disabled.`,
    'Enable them in Keycloak, if the sync disabled the account, or by "gatepass users enable".',
  );
}

function timeOf(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}
