import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Claims, Realm } from './realm.ts';
import { ISSUER, sign } from './realm.ts';

export const LOGOUT_CLIENT = 'orders-web';

/** The claims of a logout token as Keycloak 26.7 sends it; a claim set to undefined is left out. */
export function logoutClaims(now: number, change: Claims = {}): Claims {
  return {
    exp: now + 120,
    iat: now,
    jti: 'a-jti',
    iss: ISSUER,
    aud: LOGOUT_CLIENT,
    sub: 'user-42',
    typ: 'Logout',
    sid: 'session-1',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    ...change,
  };
}

export function logoutToken(realm: Realm, claims: Claims, header: Claims = {}): Promise<string> {
  return sign(claims, realm.signing, { typ: 'logout+jwt', ...header });
}

/** A request to the receiver's route, as API Gateway hands it on. */
export function logoutEvent(body: string, change: Partial<APIGatewayProxyEvent> = {}): APIGatewayProxyEvent {
  const event = {
    httpMethod: 'POST',
    resource: '/logout',
    path: '/logout',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body,
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
    ...change,
  };
  // Of the event's many fields the receiver reads these.
  return event as unknown as APIGatewayProxyEvent;
}
