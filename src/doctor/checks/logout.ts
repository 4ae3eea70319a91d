import { isSecureUrl } from '../../config/secure-url.ts';
import type { ClientSettings } from '../../keycloak/client-settings.ts';
import { type Check, check, type Finding, ok, problem, quote, skip } from '../check.ts';
import type { LogoutFacts } from '../logout-facts.ts';

type Facts = LogoutFacts | Finding;

export const logoutChecks: readonly Check<Facts>[] = [
  check('logout.clients', 'The realm has the clients whose logouts are heard of', (facts) => {
    if ('severity' in facts) return facts;
    const missing = [...facts.clients].filter(([, settings]) => settings === undefined).map(([id]) => quote(id));
    if (missing.length === 0) return ok`It has ${[...facts.clients.keys()].join(', ')}.`;
    return problem`It has no client ${missing.join(', ')}. → Correct LogoutClients: ids are compared to the letter.`;
  }),
  ofEach(
    'logout.backchannel_url',
    'Each is told of logouts by the back channel',
    (id, { backchannelLogoutUrl: url }) => {
      if (url !== undefined && isSecureUrl(url)) return undefined;
      const found = url === undefined ? `${id} has no backchannel logout URL` : `That of ${id} is not by https: ${url}`;
      return problem`${found}. → Clients > ${id} > Settings > Logout settings > Backchannel logout URL: the stack's LogoutUrl.`;
    },
  ),
  ofEach('logout.session_required', 'Each names the session that ended', (id, { isSessionRequired }) =>
    isSessionRequired
      ? undefined
      : problem`${id} does not: a sign-out from one browser ends all tokens of the user. → Clients > ${id} > Settings >
          Logout settings > Backchannel logout session required: On.`,
  ),
  ofEach('logout.front_channel', 'None is told in the browser instead', (id, { isFrontChannel }) =>
    isFrontChannel
      ? problem`${id} has front-channel logout on, and is not told by the back channel. → Clients > ${id} > Settings > Logout
          settings > Front channel logout: Off.`
      : undefined,
  ),
  ofEach('logout.token_lifetime', 'No access token outlives what revokes it', (id, { tokenLifetime }, facts) =>
    tokenLifetime <= facts.maxTokenLifetime
      ? undefined
      : problem`Access tokens of ${id} live for ${tokenLifetime} s, and what revokes them is kept for
          ${facts.maxTokenLifetime} s. → Shorten them (Realm settings > Tokens > Access Token Lifespan, or Clients > ${id} >
          Advanced > Access Token Lifespan), or raise MaxTokenLifetime (--max-token-lifetime here).`,
  ),
];

/** A check of each client that there is; the first finding is told, and of how many more it is true. */
function ofEach(
  name: string,
  expected: string,
  judge: (clientId: string, settings: ClientSettings, facts: LogoutFacts) => Finding | undefined,
): Check<Facts> {
  return check(name, expected, (facts) => {
    if ('severity' in facts) return skip`The clients could not be seen.`;
    const known = [...facts.clients].flatMap(([id, settings]) => (settings === undefined ? [] : [{ id, settings }]));
    if (known.length === 0) return skip`The realm has none of the clients.`;
    const findings = known.flatMap(({ id, settings }) => judge(id, settings, facts) ?? []);
    const [first] = findings;
    if (first === undefined) return ok`So it is with ${known.map(({ id }) => id).join(', ')}.`;
    const more = findings.length > 1 ? ` The same of ${findings.length - 1} more.` : '';
    return { ...first, found: first.found + more };
  });
}
