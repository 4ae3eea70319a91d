// What an authorizer written plainly has around a library: takes the credentials out, and answers with a policy and a
// line of the log. The same for all peers, so that they differ in the library alone.
const { ISSUER = '', AUDIENCE = '', CLIENT = '' } = process.env;

/** Seconds by which the realm's clock may be off. */
export const TOLERANCE = 30;

/** @param {(credential: string, kind: 'token' | 'key') => Promise<Record<string, unknown> | undefined>} authenticate */
export function handlerOf(authenticate) {
  /** @param {{ headers: Record<string, string>, methodArn: string, requestContext: { requestId: string } }} event */
  return async (event) => {
    const startedAt = Date.now();
    const value = event.headers['Authorization'] ?? event.headers['authorization'] ?? '';
    const isToken = value.startsWith('Bearer ') && !value.startsWith('Bearer gp_');
    const credential = value.replace(/^Bearer /, '');
    const context = await authenticate(credential, isToken ? 'token' : 'key').catch(() => undefined);
    const stage = event.methodArn.split('/').slice(0, 2).join('/');
    const outcome = context === undefined ? 'deny' : 'allow';
    const line = { outcome, ...context, requestId: event.requestContext.requestId, durationMs: Date.now() - startedAt };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return {
      principalId: context?.['userId'] ?? 'anonymous',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Action: 'execute-api:Invoke', Effect: context === undefined ? 'Deny' : 'Allow', Resource: `${stage}/*` },
        ],
      },
      context,
    };
  };
}

/**
 * What no library checks of a Keycloak access token by itself.
 *
 * @param {Record<string, any>} claims
 */
export function contextOf(claims) {
  if (claims['typ'] !== 'Bearer' || claims['azp'] !== CLIENT || typeof claims['sub'] !== 'string') return undefined;
  if (typeof claims['exp'] !== 'number' || claims['cnf'] !== undefined) return undefined;
  return {
    userId: claims['sub'],
    email: claims['email'],
    firstName: claims['given_name'],
    lastName: claims['family_name'],
    roles: JSON.stringify(claims['realm_access']?.roles ?? []),
    scope: claims['scope'],
    clientId: claims['azp'],
    authMethod: 'bearer',
  };
}

export { AUDIENCE, ISSUER };
