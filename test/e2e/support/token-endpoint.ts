/** Asks a realm's token endpoint (RFC 6749, section 3.2), and throws what it says if it refuses. */
export async function requestToken(issuer: string, form: Readonly<Record<string, string>>): Promise<unknown> {
  const uri = `${issuer}/protocol/openid-connect/token`;
  const response = await fetch(uri, { method: 'POST', body: new URLSearchParams(form) });
  if (response.ok) return response.json();
  throw new Error(`${uri} answered ${response.status}: ${await response.text()}`);
}
