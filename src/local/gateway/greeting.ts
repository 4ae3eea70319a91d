import type { Output } from '../../terminal/output.ts';

interface GreetingFacts {
  /** Where the API is, its stage included. */
  readonly base: string;
  readonly kind: 'rest' | 'http';
  /** In seconds. */
  readonly ttl: number;
  /** Credentials of the local parts; absent where a real part stands in for them. */
  readonly key: string | undefined;
  readonly token: string | undefined;
  /** The page on which users manage their keys. */
  readonly page: string;
}

/** Prints what comes before the first request: where it listens, demo credentials, lines to paste. */
export function greet({ out, reveal }: Output, { base, kind, ttl, key, token, page }: GreetingFacts): void {
  const caching = ttl === 0 ? 'nothing is cached' : `results are cached for ${ttl} s`;
  out(`A local API Gateway (${kind === 'rest' ? 'REST' : 'HTTP'} API) at ${base}; ${caching}.\n`);
  if (key === undefined) out('KEY=      # make one with: ./gatepass keys create --user … --name … --table …');
  else reveal(`KEY=${key}`, key);
  if (token === undefined) out('TOKEN=    # an access token of your realm');
  else reveal(`TOKEN=${token}`, token);
  const route = `${base}/api/v1/whoami`;
  out(
    [
      '',
      `curl -i ${route} -H "Authorization: $KEY"`,
      `curl -i ${route} -H "Authorization: Bearer $TOKEN"`,
      `curl -i ${route}`,
      `curl -i ${route} -X OPTIONS`,
      '',
      `Make a key by yourself, signed in with one click: ${page}`,
      '',
      'Requests (Ctrl-C ends):',
    ].join('\n'),
  );
}
