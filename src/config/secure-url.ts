/** What a URL to a realm must be: whoever is on the way could else read a secret, or put in keys of their own. */
export const SECURE_URL_RULE = 'must be an https URL (http only on loopback) without a password';

/** Whether this is a URL in full, without user and password, that is asked by https, or by http on loopback. */
export function isSecureUrl(text: string): boolean {
  // URL.parse alone would trim, and take a scheme in capitals or without its slashes.
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return username === '' && password === '' && (protocol === 'https:' || isLoopback(hostname));
}

/** @param hostname as `URL` gives it: in lower case, IPv4 in four parts, IPv6 in brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
