/** The path of a Keycloak issuer: `[/auth]/realms/<realm>`. */
const REALM_PATH = /^(.*)\/realms\/([^/]+)$/;

/** How another issuer differs from the configured one, in words: what each of them has. */
export function issuerDifference(configured: string, actual: string): string {
  if (!URL.canParse(configured) || !URL.canParse(actual)) return 'one of them is not a URL';
  const [ours, theirs] = [partsOf(configured), partsOf(actual)];
  const areRealms = ours['the realm'] !== undefined && theirs['the realm'] !== undefined;
  const unused = areRealms ? ['the path'] : ['the path before /realms', 'the realm'];
  const differences = Object.keys(ours)
    .filter((part) => ours[part] !== theirs[part] && !unused.includes(part))
    .map((part) => `${part} (configured ${ours[part]}, there ${theirs[part]})${noteOn(ours[part], theirs[part])}`);
  // URLs say that "HTTPS://ID.example.com:443" is "https://id.example.com"; `iss` is compared to the letter.
  const letters = 'the letters (upper and lower case, a default port, or what follows the path)';
  return differences.join('; ') || letters;
}

/** What to do about it: in Keycloak, if tokens should say what is configured; in the variable, if they shouldn't. */
export function issuerRemedy(configured: string, actual: string): string {
  const variable = `GATEPASS_ISSUER to exactly ${actual}.`;
  if (!URL.canParse(configured) || !URL.canParse(actual)) return `Set ${variable}`;
  const [ours, theirs] = [new URL(configured), new URL(actual)];
  if (ours.origin === theirs.origin) return `Set ${variable}`;
  const [, root = ''] = REALM_PATH.exec(ours.pathname.replace(/\/$/, '')) ?? [];
  const hostname = `--hostname=${ours.origin}${root} (KC_HOSTNAME)`;
  if (ours.protocol === 'https:' && theirs.protocol === 'http:' && ours.hostname === theirs.hostname) {
    return (
      `TLS ends before Keycloak, which does not know it: start it with ${hostname}, or with ` +
      '--proxy-headers=xforwarded (KC_PROXY_HEADERS) if the proxy sets X-Forwarded-Proto.'
    );
  }
  return (
    `Start Keycloak with ${hostname}, or see Realm settings > General > Frontend URL; or, if that is what your tokens ` +
    `should say, set ${variable}`
  );
}

function partsOf(issuer: string): Readonly<Record<string, string | undefined>> {
  const { protocol, hostname, port, pathname } = new URL(issuer);
  const [, root, realm] = REALM_PATH.exec(pathname.replace(/\/$/, '')) ?? [];
  return {
    'the scheme': protocol.slice(0, -1),
    'the host': hostname,
    'the port': port || (protocol === 'https:' ? '443' : '80'),
    'the end': pathname.endsWith('/') ? 'with a slash' : 'without a slash',
    'the path': pathname,
    'the path before /realms': root || 'none',
    'the realm': realm,
  };
}

function noteOn(...values: readonly (string | undefined)[]): string {
  return values.includes('/auth') ? ': Keycloak before 17 has /auth, later ones have it only if told to' : '';
}
