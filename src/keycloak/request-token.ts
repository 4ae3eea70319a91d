import { fetchWithError } from '@keycloak/keycloak-admin-client';
import * as v from 'valibot';
import { USER_AGENT } from '../user-agent.ts';
import type { RealmAddress } from './realm-address.ts';

/** Who the sync is to the realm. */
export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** One request, its body included. */
export const REQUEST_MS = 10_000;

const answerSchema = v.object({ access_token: v.pipe(v.string(), v.nonEmpty()) });

/**
 * Gets an access token for a client's service account (RFC 6749, section 4.4).
 *
 * Not by the admin client's own `auth`, which prints a line to standard output for want of a refresh token.
 */
export async function requestToken(address: RealmAddress, { clientId, clientSecret }: ServiceAccount): Promise<string> {
  const pair = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const response = await fetchWithError(`${realmUrl(address)}/protocol/openid-connect/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
      'user-agent': USER_AGENT,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    // A redirect, which would take the secret elsewhere, is an answer like any other.
    redirect: 'manual',
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  return v.parse(answerSchema, await response.json()).access_token;
}

export function realmUrl({ baseUrl, realmName }: RealmAddress): string {
  return `${baseUrl}/realms/${encodeURIComponent(realmName)}`;
}
