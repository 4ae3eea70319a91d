/** A Keycloak issuer: `<origin>[/auth]/realms/<realm>`. */
const REALM_PATH = /^(.*)\/realms\/([^/]+)$/;

/** How an issuer differs from the configured one, in words: what each of them has. Empty if they are the same. */
export function issuerDifferences(configured: string, actual: string): readonly string[] {
  if (configured === actual) return [];
  if (!URL.canParse(configured) || !URL.canParse(actual)) return ['one of them is not a URL'];
  const [ours, theirs] = [new URL(configured), new URL(actual)];
  const differences = [
    differ('the scheme', ours.protocol.slice(0, -1), theirs.protocol.slice(0, -1)),
    differ('the host', ours.hostname, theirs.hostname),
    differ('the port', portOf(ours), portOf(theirs)),
    ...pathDifferences(ours.pathname, theirs.pathname),
  ].filter((difference) => difference !== undefined);
  // URLs say that "HTTPS://ID.example.com:443" is "https://id.example.com"; `iss` is compared to the letter.
  return differences.length > 0
    ? differences
    : ['the letters (upper and lower case, a default port, or what follows the path)'];
}

/** What to do about it: in Keycloak, if tokens should say what is configured; in the variable, if they shouldn't. */
export function issuerAdvice(configured: string, actual: string): string {
  const orVariable = `or, if that is what your tokens should say, set GATEPASS_ISSUER to exactly ${actual}`;
  if (!URL.canParse(configured) || !URL.canParse(actual)) return `Set GATEPASS_ISSUER to exactly ${actual}.`;
  const [ours, theirs] = [new URL(configured), new URL(actual)];
  const [root = ''] = REALM_PATH.exec(ours.pathname.replace(/\/$/, ''))?.slice(1) ?? [];
  const hostname = `--hostname=${ours.origin}${root} (KC_HOSTNAME)`;
  if (ours.protocol === 'https:' && theirs.protocol === 'http:' && ours.hostname === theirs.hostname) {
    return (
      `TLS ends before Keycloak, which does not know it: start it with ${hostname}, or with ` +
      '--proxy-headers=xforwarded (KC_PROXY_HEADERS) if the proxy sets X-Forwarded-Proto.'
    );
  }
  if (ours.origin !== theirs.origin) {
    return `Start Keycloak with ${hostname}, or see Realm settings > General > Frontend URL; ${orVariable}.`;
  }
  return `Set GATEPASS_ISSUER to exactly ${actual}.`;
}

function differ(what: string, ours: string, theirs: string): string | undefined {
  return ours === theirs ? undefined : `${what} (configured ${ours}, there ${theirs})`;
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

function pathDifferences(ours: string, theirs: string): readonly (string | undefined)[] {
  if (ours === theirs) return [];
  const slash = differ('the end', endOf(ours), endOf(theirs));
  const [, ourRoot, ourRealm] = REALM_PATH.exec(trimSlash(ours)) ?? [];
  const [, theirRoot, theirRealm] = REALM_PATH.exec(trimSlash(theirs)) ?? [];
  if (ourRealm === undefined || theirRealm === undefined) return [slash, differ('the path', ours, theirs)];
  const prefix = differ('the path before /realms', ourRoot || 'none', theirRoot || 'none');
  const isOldPath = [ourRoot, theirRoot].includes('/auth');
  return [
    slash,
    prefix && isOldPath ? `${prefix}: Keycloak before 17 has /auth, later ones have it only if told to` : prefix,
    differ('the realm', ourRealm, theirRealm),
  ];
}

function endOf(path: string): string {
  return path.endsWith('/') ? 'with a slash' : 'without a slash';
}

function trimSlash(path: string): string {
  return path.replace(/\/$/, '');
}
