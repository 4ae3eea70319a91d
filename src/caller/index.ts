/** Who called, as Gatepass told API Gateway: the same for an API key and for a token of the same user. */
export interface GatepassCaller {
  /** Keycloak's `sub`, or the key owner's account, which are the same id for the same user. */
  readonly userId: string;
  readonly authMethod: 'api_key' | 'bearer';
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  /** The public id of the key that was used; never the key. */
  readonly apiKeyId?: string;
  /** The key's environment. */
  readonly environment?: string;
  /** Space-separated. Gatepass hands it on and doesn't enforce it. */
  readonly scope?: string;
  /** Realm roles; none is an empty list. Gatepass hands them on and doesn't enforce them. */
  readonly roles: readonly string[];
  /** The client that the token was issued to. */
  readonly clientId?: string;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const TEXTS = ['email', 'firstName', 'lastName', 'apiKeyId', 'environment', 'scope', 'clientId'] as const;

/**
 * Reads the caller from the event of a backend behind Gatepass: REST API, HTTP API (payload 1.0 and 2.0), WebSocket.
 *
 * Values are not empty and have no control characters. Gives nothing when the event carries no caller of Gatepass, as on a route without the authorizer: don't serve a
 * protected route then. Leaves out what API Gateway and Gatepass keep there for themselves. Trusts the event, so it is
 * worth what the event is: call it in a function that only API Gateway invokes, and not on what a client sent.
 *
 * @example
 * export async function handler(event: APIGatewayProxyEvent) {
 *   const caller = getCaller(event);
 *   if (caller === undefined) return { statusCode: 500, body: 'This route is not protected.' };
 *   return { statusCode: 200, body: `Hello, ${caller.firstName ?? caller.userId}` };
 * }
 */
export function getCaller(event: unknown): GatepassCaller | undefined {
  const context = property(property(event, 'requestContext'), 'authorizer');
  // HTTP APIs put a Lambda authorizer's context one level lower.
  const values = property(context, 'lambda') ?? context;
  const userId = text(property(values, 'userId'));
  const authMethod = property(values, 'authMethod');
  if (userId === undefined || (authMethod !== 'api_key' && authMethod !== 'bearer')) return undefined;

  const caller: Writable<GatepassCaller> = { userId, authMethod, roles: readRoles(property(values, 'roles')) };
  for (const name of TEXTS) {
    const value = text(property(values, name));
    if (value !== undefined) caller[name] = value;
  }
  return caller;
}

/** An array in a string; anything else grants nothing. */
function readRoles(value: unknown): readonly string[] {
  try {
    const roles: unknown = JSON.parse(text(value) ?? '[]');
    return Array.isArray(roles) ? roles.flatMap((role) => text(role) ?? []) : [];
  } catch {
    return [];
  }
}

function property(value: unknown, name: string): unknown {
  // Any object can be asked for a member by name.
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** No control character reaches a backend, whatever made the context. */
function text(value: unknown): string | undefined {
  const clean = typeof value === 'string' ? value.replaceAll(/\p{Cc}/gu, '') : '';
  return clean === '' ? undefined : clean;
}
