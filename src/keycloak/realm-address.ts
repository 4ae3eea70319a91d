import { isSecureUrl } from '../config/secure-url.ts';
import { SyncError } from './sync-error.ts';

/** Where a realm's Admin API is. */
export interface RealmAddress {
  /** The server's address, with its path if it has one, as `https://id.example.com/auth`. */
  readonly baseUrl: string;
  readonly realmName: string;
}

/**
 * Finds the realm's name and server in its issuer, `<server>/realms/<name>`.
 *
 * @param adminUrl where the server's Admin API is reached, if not at the issuer's server.
 * @throws SyncError `address` unless both are https URLs (http only on the loopback), since a secret is sent there.
 */
export function realmAddress(issuer: string, adminUrl?: string): RealmAddress {
  const [, server, name] = /^(https?:\/\/[^?#]+)\/realms\/([^/?#]+)$/.exec(issuer) ?? [];
  if (server === undefined || name === undefined) {
    throw new SyncError(
      'address',
      `The issuer ${issuer} is no realm of a Keycloak: give it exactly as in your tokens' iss, ` +
        'as https://id.example.com/realms/main.',
    );
  }
  const baseUrl = (adminUrl ?? server).replace(/\/+$/, '');
  if (isSecureUrl(baseUrl) && !/[?#]/.test(baseUrl)) return { baseUrl, realmName: decodeURIComponent(name) };
  throw new SyncError(
    'address',
    `The Admin API can't be asked at ${baseUrl}: give an https URL (http only on the loopback) without a query, ` +
      'as https://id.example.com.',
  );
}
