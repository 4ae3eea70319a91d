import { isIPv6 } from 'node:net';
import { isOwner } from '../../authorizer/api-key/key-and-owner.ts';
import { parseApiKey } from '../../key-format/format.ts';
import { MAX_IMPORTED_LENGTH, whyNotImported } from '../../key-format/imported.ts';
import { formatSecond } from '../../seconds.ts';
import type { ApiKeyItem } from '../../table/items.ts';
import { type Check, check, type Finding, ok, problem, quote, skip } from '../check.ts';
import type { KeyFacts } from '../credential-facts.ts';

export const keyChecks: readonly Check<KeyFacts>[] = [
  check('key.decision', 'The authorizer lets the caller through', ({ decision }) => decision),
  check('key.form', 'It has the form of a key that this authorizer takes', ({ key, config }) => {
    const parsed = parseApiKey(key, config.keyPrefix);
    if (parsed === undefined) return judgeImported(key, config);
    const [theirs, ours] = [quote(parsed.environment), quote(config.environment)];
    if (theirs === ours) return ok`A key of ours, its checksum right, for ${ours}.`;
    return problem`A key for the environment ${theirs}, and this authorizer takes ${ours}. → Use a key of this environment:
      "gatepass keys create --environment".`;
  }),
  check('key.stored', 'It is in the table', ({ keyId, apiKey, reason }) => {
    if (apiKey !== undefined) return ok`Key ${keyId ?? ''} of user ${quote(apiKey.userId)}.`;
    if (reason === 'api_key.deleted') {
      return problem`An imported key that was deleted, and stays so. → Make another: "gatepass keys create".`;
    }
    if (reason !== 'api_key.unknown') return skip`No key was found by it.`;
    return keyId === undefined
      ? problem`The table has no such imported key. → It is of another table or another stage, or was not copied whole, or
          never imported.`
      : problem`The table has no key ${keyId}. → It is of another table or another stage, or was deleted and has been
          removed since.`;
  }),
  onItem('key.secret', 'Its secret is the current one', (apiKey, { hash, keyId, nowMs }) => {
    const { replacedUntil: graceEnd = 0, expiresAt = graceEnd } = apiKey;
    if (hash === apiKey.leakedHash) {
      return problem`It was found in public and never works again. → "gatepass keys rotate ${keyId}" gives the key another.`;
    }
    if (hash === apiKey.hash) return ok`Its current secret.`;
    if (hash !== apiKey.replacedHash) {
      return problem`Its secret is neither the current one nor the one before. → The key was rotated more than once since, or
        the secret is made up: "gatepass keys rotate ${keyId}".`;
    }
    const until = formatSecond(Math.min(graceEnd, expiresAt));
    if (nowMs < graceEnd * 1000) return ok`The secret that was replaced: it works until ${until}.`;
    return problem`The secret that was replaced, whose grace ended at ${formatSecond(graceEnd)}. → Use the new key that the
      rotation gave.`;
  }),
  onItem('key.state', 'It is active', ({ active, deleted, hash, leakedHash }, { keyId }) => {
    if (deleted) return problem`Deleted, which can not be undone. → Make another: "gatepass keys create".`;
    if (active) return ok`Active.`;
    return leakedHash !== undefined && hash === leakedHash
      ? problem`Disabled, since its secret was found in public. → "gatepass keys rotate ${keyId}" enables it.`
      : problem`Disabled. → "gatepass keys enable ${keyId}".`;
  }),
  onItem('key.expiry', 'It has not expired', ({ expiresAt }, { nowMs }) => {
    if (expiresAt === undefined) return ok`Works until it is revoked.`;
    if (nowMs < expiresAt * 1000) return ok`Works until ${formatSecond(expiresAt)}.`;
    return problem`Expired at ${formatSecond(expiresAt)}. → Make another: "gatepass keys create".`;
  }),
  onItem('key.environment', "It is of this authorizer's environment", (apiKey, { config }) => {
    const [theirs, ours] = [quote(apiKey.environment), quote(config.environment)];
    if (theirs === ours) return ok`${ours}`;
    return problem`The key is for ${theirs}, and this authorizer takes ${ours}. → Use a key of this environment, or look at
      GATEPASS_ENVIRONMENT.`;
  }),
  onItem('key.networks', 'It may be used from somewhere', ({ allowedNetworks: networks }, { config }) => {
    if (networks === undefined) return ok`From anywhere.`;
    if (config.policyConditions === 'off') {
      return problem`It has allowed networks, and without conditions in policies nothing enforces them. → Use a key without,
        or a platform that evaluates conditions, with GATEPASS_POLICY_CONDITIONS=on.`;
    }
    const hasIPv6 = networks.some((network) => isIPv6(network.split('/')[0] ?? ''));
    const note = hasIPv6 ? '' : ' None of them is IPv6, so callers who come by IPv6 are refused.';
    return ok`From ${networks.join(', ')} only: the policy refuses requests from elsewhere.${note}`;
  }),
  onItem('key.account', 'Its owner is active', (apiKey, { account }) => {
    const user = quote(account?.userId ?? apiKey.userId);
    if (account === undefined) {
      return problem`User ${user} has no account. → Create it: "gatepass users create", or "gatepass sync --create".`;
    }
    if (account.deleted) {
      return problem`User ${user} is deleted. → "gatepass users restore" brings them back, without their keys.`;
    }
    if (!isOwner(account, apiKey)) {
      return problem`The account is of ${user}, and the key of ${quote(apiKey.userId)}. → Delete the key.`;
    }
    if (account.active) return ok`User ${user} is active.`;
    return problem`User ${user} is disabled. → Enable them in Keycloak, if the sync disabled the account, or by "gatepass
      users enable".`;
  }),
];

type KnownFacts = KeyFacts & { readonly keyId: string };

function onItem(
  name: string,
  expected: string,
  judge: (apiKey: ApiKeyItem, facts: KnownFacts) => Finding,
): Check<KeyFacts> {
  return check(name, expected, (facts) => {
    const { apiKey, keyId } = facts;
    return apiKey === undefined || keyId === undefined
      ? skip`There is no key to look at.`
      : judge(apiKey, { ...facts, keyId });
  });
}

function judgeImported(key: string, config: KeyFacts['config']): Finding {
  switch (whyNotImported(key, config)) {
    case undefined:
      return ok`It is looked up as a key of another system, by its hash.`;
    case 'own_prefix':
      return problem`It starts like a key of ours, but its form or its checksum is not right: cut off, or mistyped. → Copy
        the whole key again. What is lost of it can not be recovered: "gatepass keys rotate" makes a new secret.`;
    case 'characters':
      return problem`It starts like a key of another system, but has a space or another character that no key has, or more
        than ${MAX_IMPORTED_LENGTH.toLocaleString('en')} of them: it is refused and not looked up. → Copy the key again, and
        nothing beside it.`;
    case 'prefix': {
      const scheme = /^(basic|digest|dpop|jwt|token|api-?key)[ \t]/i.exec(key)?.[1];
      if (scheme !== undefined) {
        return problem`It is sent by the scheme ${scheme}, and none but Bearer is known. → Send the key alone, or "Bearer"
          and the key or the token.`;
      }
      return problem`It starts neither with ${config.keyPrefix}_ nor with a prefix of imported keys. → Check that it is a
        key of this API; for keys of another system, set GATEPASS_IMPORTED_PREFIXES.`;
    }
  }
}
