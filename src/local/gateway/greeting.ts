interface GreetingFacts {
  /** Where the API is, its stage included. */
  readonly base: string;
  readonly kind: 'rest' | 'http';
  readonly ttl: number;
  /** Credentials of the local parts; absent where a real part stands in for them. */
  readonly key: string | undefined;
  readonly token: string | undefined;
  /** The page on which users manage their keys. */
  readonly page: string;
}

/** What `npm start` prints before the first request: where it listens, demo credentials, lines to paste. */
export function greeting({ base, kind, ttl, key, token, page }: GreetingFacts): string {
  const kept = ttl === 0 ? 'every request is decided anew' : `decisions are kept for ${ttl} s`;
  const route = `${base}/api/v1/whoami`;
  const lines = [`A local API Gateway (${kind === 'rest' ? 'REST' : 'HTTP'} API) at ${base}; ${kept}.`, ''];
  if (key !== undefined) lines.push(`KEY=${key}`);
  if (token !== undefined) lines.push(`TOKEN=${token}`);
  if (key === undefined) lines.push('KEY=      # make one with: ./gatepass keys create --user … --name … --table …');
  if (token === undefined) lines.push('TOKEN=    # an access token of your realm');
  lines.push(
    '',
    `curl -i ${route} -H "Authorization: $KEY"`,
    `curl -i ${route} -H "Authorization: Bearer $TOKEN"`,
    `curl -i ${route}`,
    `curl -i ${route} -X OPTIONS`,
    '',
    `Make a key by yourself, signed in with one click: ${page}`,
    '',
    'Requests (Ctrl-C ends):',
    '',
  );
  return lines.join('\n');
}
