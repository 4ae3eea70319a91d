import { jwksUriOf } from '../config/config.ts';
import type { Clock } from '../decision.ts';
import { STAND_IN_CONFIG } from '../doctor/checks/configuration.ts';
import { type AskRealm, documentOf, startRealm } from '../doctor/realm-facts.ts';
import { withoutControls } from '../terminal/format.ts';

/** How realms are asked. */
export interface Realms {
  readonly askRealm: AskRealm;
  readonly now: Clock;
}

/** What a realm says of itself. */
export interface Described {
  /** What it calls itself, which its tokens carry as `iss`; absent where no realm answered. */
  readonly issuer: string | undefined;
  /** For people. */
  readonly text: string;
}

const SHOWN = ['issuer', 'jwks_uri', 'token_endpoint', 'id_token_signing_alg_values_supported'] as const;

/** Reads a realm's discovery document (OpenID Connect Discovery 1.0, section 4). Never rejects. */
export async function describeRealm(issuer: string, { askRealm, now }: Realms): Promise<Described> {
  const { jwksTimeoutMs: timeoutMs } = STAND_IN_CONFIG;
  const realm = startRealm({ issuer, jwksUri: jwksUriOf(issuer), isJwksUriGiven: false, timeoutMs }, askRealm, now);
  const asked = await realm.discovery;
  const document = asked && documentOf(asked);
  if (typeof document !== 'object' || document === null || !('issuer' in document)) {
    const why = asked && 'problem' in asked ? asked.problem.found : 'what answers there is not a realm';
    return { issuer: undefined, text: `No realm was found at ${issuer}: ${why}` };
  }
  // A copy has the type of an object with values that are not known.
  const found: Readonly<Record<string, unknown>> = { ...document };
  const lines = SHOWN.map((name) => `  ${name}: ${withoutControls([found[name] ?? 'not said'].flat().join(', '))}`);
  return { issuer: String(found['issuer']), text: ['The realm says of itself:', ...lines].join('\n') };
}
