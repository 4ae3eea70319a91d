/** Every check, with what it asks. The ids are stable; docs/doctor.md explains each. Reports keep this order. */
export const QUESTIONS = {
  'configuration.values': 'Are the given GATEPASS_* values valid?',
  'configuration.audience': 'Are tokens limited to those that are meant for this API?',
  'realm.https': 'Are the realm and its keys asked over TLS?',
  'realm.discovery': 'Does the realm answer, and is its issuer the configured one, to the letter?',
  'realm.algorithm': 'Does the realm sign with RS256?',
  'realm.jwks_uri': "Can the realm's keys be fetched from where the authorizer fetches them?",
  'realm.signing_key': 'Is there a key that may verify RS256 tokens?',
  'clock.realm': "Does the realm's clock agree with ours?",
  'clock.table': "Does the table's clock agree with ours?",
  'table.exists': 'Is there such a table, and is it active?',
  'table.key_schema': 'Are its keys the strings pk and sk?',
  'table.read': 'May these credentials read it as the authorizer does?',
  'table.ttl': 'Does it remove items by purgeAt, and by nothing else?',
  'table.point_in_time_recovery': 'Can it be restored to any moment of the last days?',
  'table.deletion_protection': 'Is it protected from being deleted?',
  'table.billing': 'How is its capacity paid for?',
  'token.decision': 'What does the authorizer decide about the token?',
  'token.shape': 'Does it look like a token?',
  'token.alg': 'Is it signed as RS256, without extensions?',
  'token.iss': 'Was it issued by the configured realm?',
  'token.kid': 'Does it name a signing key of the realm?',
  'token.signature': "Is its signature the realm's?",
  'token.times': 'Is it valid now (exp, nbf, iat)?',
  'token.typ': 'Is it an access token?',
  'token.sub': 'Does it name its user?',
  'token.aud': 'Is it meant for this API?',
  'token.azp': 'Was it issued to an allowed client?',
  'token.cnf': 'May whoever bears it use it?',
} as const;

/** What `gatepass explain` asks about a key; about a token it asks what is above. */
export const KEY_QUESTIONS = {
  'key.decision': 'What does the authorizer decide about the key?',
  'key.form': 'Does it look like a key that this authorizer takes?',
  'key.stored': 'Is it in the table?',
  'key.secret': 'Is its secret the current one?',
  'key.state': 'Is it active?',
  'key.expiry': 'Is it still to expire?',
  'key.environment': "Is it of this authorizer's environment?",
  'key.networks': 'Where may it be used from?',
  'key.account': 'Is its owner in good standing?',
} as const;

export type KeyCheckId = keyof typeof KEY_QUESTIONS;

export type CheckId = keyof typeof QUESTIONS;

/** The ids of one group: `realm`, `clock` and so on. */
export type Group<Name extends string> = Extract<CheckId, `${Name}.${string}`>;

/** `warning`: works today and will bite. `skipped`: not examined; `found` says why. */
export type Severity = 'ok' | 'warning' | 'problem' | 'skipped';

export interface Verdict {
  readonly severity: Severity;
  readonly found: string;
  /** What to do about it: the Keycloak setting, the variable, the AWS command. */
  readonly todo?: string | undefined;
}

export interface Finding extends Verdict {
  readonly id: CheckId | KeyCheckId;
  readonly question: string;
}

/** Checks under way. */
export type Checks<Id extends CheckId> = { readonly [id in Id]: Promise<Verdict> };

export function ok(found: string): Verdict {
  return { severity: 'ok', found };
}

export function warning(found: string, todo: string): Verdict {
  return { severity: 'warning', found, todo };
}

export function problem(found: string, todo: string): Verdict {
  return { severity: 'problem', found, todo };
}

export function skipped(why: string): Verdict {
  return { severity: 'skipped', found: why };
}

const MAX_SHOWN = 160;

/** A value of others for people to read: as JSON, so that its ends are seen; cut off when long, no control characters. */
export function shown(value: unknown): string {
  const json = (JSON.stringify(value) ?? 'nothing').replaceAll(/\p{Cc}/gu, '');
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}

/** How bad it is on the whole. What was skipped doesn't count. */
export function worstOf(findings: readonly Verdict[]): Exclude<Severity, 'skipped'> {
  const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
  return has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok';
}
