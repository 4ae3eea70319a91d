import { CLOCK_SKEW_SECONDS, type Claims, checkTimes, endOf } from '../../bearer/claims.ts';
import { check, ok, problem, quote, warning } from '../check.ts';
import type { TokenFacts } from '../credential-facts.ts';
import { NOTED_SECONDS } from './clocks.ts';

export const timesCheck = check<TokenFacts>('token.times', 'It is valid now (exp, nbf, iat)', ({ claims, nowMs }) => {
  const odd = oddClaims({ exp: claims['exp'], nbf: claims['nbf'], iat: claims['iat'] });
  if (odd.length > 0) return problem`${odd.join('\n')} → ${NOT_KEYCLOAK}`;
  const now = Math.floor(nowMs / 1000);
  const [exp, nbf, iat] = [Number(claims['exp']), Number(claims['nbf']), Number(claims['iat'] ?? now)];
  switch (checkTimes(claims, nowMs)) {
    case 'token.expiry_missing':
      return problem`It has no exp, so it would never end. → Is it an access token? Offline tokens have none, and are for
        the token endpoint alone.`;
    case 'token.expired':
      return problem`It ended ${durationOf(now - endOf(exp))} ago (exp and ${CLOCK_SKEW_SECONDS} s). → Get a new one. How
        long they live: Realm settings > Tokens > Access Token Lifespan.`;
    case 'token.not_yet_valid':
      return problem`It begins in ${durationOf(nbf - now)} (nbf), more than the ${CLOCK_SKEW_SECONDS} s allowed:
        ${WHICH_CLOCK} → ${SET_CLOCK}`;
    case 'token.issued_in_future':
      return problem`It was issued ${durationOf(iat - now)} from now (iat), more than the ${CLOCK_SKEW_SECONDS} s allowed:
        ${WHICH_CLOCK} → ${SET_CLOCK}`;
    default:
      break;
  }
  if (iat - now > NOTED_SECONDS) {
    return warning`It was issued ${durationOf(iat - now)} from now (iat): ${WHICH_CLOCK} → ${SET_CLOCK}`;
  }
  const lifetime = claims['iat'] === undefined ? '' : ` (of ${durationOf(exp - iat)})`;
  return ok`Valid for another ${durationOf(Math.floor(exp) - now)}${lifetime}, and ${CLOCK_SKEW_SECONDS} s of skew.`;
});

const WHICH_CLOCK = "the realm's clock is ahead, or this machine's is behind.";
const SET_CLOCK = 'Compare `date -u` here and there with the true time, and set the wrong clock by NTP.';

/** What to do about a value that Keycloak never writes. */
export const NOT_KEYCLOAK =
  'Keycloak itself writes none like this: find the mapper that does, or who issued the token.';

const isText = (value: unknown) => typeof value === 'string';

/** The types of header and claims, where they are there (RFC 7515, RFC 7519; RFC 8693, section 4.2, for `scope`). */
const FORMS: Readonly<Record<string, readonly [form: string, has: (value: unknown) => boolean]>> = {
  ...Object.fromEntries(['alg', 'kid', 'iss', 'sub', 'jti', 'scope'].map((name) => [name, ['a text', isText]])),
  ...Object.fromEntries(['exp', 'nbf', 'iat'].map((name) => [name, ['a number', Number.isFinite]])),
  aud: ['a text or a list of texts', (value) => [value].flat().every(isText)],
};

/** Values of another type than they may have, each as a sentence. */
export function oddClaims(values: Claims): readonly string[] {
  return Object.entries(FORMS)
    .filter(([name, [, has]]) => values[name] !== undefined && !has(values[name]))
    .map(([name, [form]]) => `Its ${name} is ${quote(values[name])}; it must be ${form}.`);
}

/** Seconds for people, in their two largest units. */
function durationOf(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [size, unit] of [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
