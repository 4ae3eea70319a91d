import { type Claims, checkTimes, endOf } from '../../bearer/claims.ts';
import { ok, problem, type Verdict, warning } from '../check.ts';

/** From here on a realm's clock that runs ahead is worth a word; from 30 s on its tokens are refused. */
const AHEAD_SECONDS = 5;
const SET_CLOCKS = "Set the realm's clock by NTP, and see the checks of the clocks.";

export function checkTokenTimes(claims: Claims, nowMs: number): Verdict {
  const now = Math.floor(nowMs / 1000);
  const [exp, nbf, iat] = [claims['exp'], claims['nbf'], claims['iat']].map(Number);
  switch (checkTimes(claims, nowMs)) {
    case 'token.expiry_missing':
      return problem(
        'It has no exp, so it would never end.',
        'Is it an access token? Offline tokens have none, and are for the token endpoint alone.',
      );
    case 'token.expired':
      return problem(
        `It ended ${durationOf(now - endOf(exp ?? 0))} ago (exp and 30 s).`,
        'Get a new one. How long they live: Realm settings > Tokens > Access Token Lifespan.',
      );
    case 'token.not_yet_valid':
      return problem(`It begins in ${durationOf((nbf ?? 0) - now)} (nbf), more than the 30 s allowed.`, SET_CLOCKS);
    case 'token.issued_in_future':
      return problem(`It says it was issued ${durationOf((iat ?? 0) - now)} from now (iat).`, SET_CLOCKS);
    default:
      break;
  }
  if (iat !== undefined && iat - now > AHEAD_SECONDS) {
    return warning(
      `It was issued ${durationOf(iat - now)} from now (iat): the realm's clock is ahead of ours.`,
      SET_CLOCKS,
    );
  }
  const lifetime = claims['iat'] === undefined ? '' : ` (of ${durationOf((exp ?? 0) - (iat ?? 0))})`;
  return ok(`Valid for another ${durationOf(Math.floor(exp ?? 0) - now)}${lifetime}, and 30 s of skew.`);
}

/** Seconds for people, in their two largest units. */
function durationOf(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [size, name] of units) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${name}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
