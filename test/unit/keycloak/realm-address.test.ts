import { describe, expect, it } from 'vitest';
import { realmAddress } from '../../../src/keycloak/realm-address.ts';

describe('the address of the Admin API', () => {
  it.each([
    ['https://id.example.com/realms/main', undefined, 'https://id.example.com', 'main'],
    ['https://id.example.com/auth/realms/main', undefined, 'https://id.example.com/auth', 'main'],
    ['https://id.example.com/realms/my%20realm', undefined, 'https://id.example.com', 'my realm'],
    [
      'https://id.example.com/realms/main',
      'https://keycloak.internal:8443/kc/',
      'https://keycloak.internal:8443/kc',
      'main',
    ],
    ['http://127.0.0.1:8080/realms/main', undefined, 'http://127.0.0.1:8080', 'main'],
    ['https://id.example.com/realms/main', 'http://localhost:8080', 'http://localhost:8080', 'main'],
    ['https://id.example.com/realms/main', 'http://[::1]:8080', 'http://[::1]:8080', 'main'],
  ])('%s by %s is %s, realm %s', (issuer, adminUrl, baseUrl, realmName) => {
    expect(realmAddress(issuer, adminUrl)).toEqual({ baseUrl, realmName });
  });

  it.each([
    ['https://id.example.com/main', undefined],
    ['https://id.example.com/realms/main/', undefined],
    ['https://id.example.com/realms/main?a=b', undefined],
    ['http://id.example.com/realms/main', undefined],
    ['https://id.example.com/realms/main', 'http://keycloak.internal'],
    ['https://id.example.com/realms/main', 'http://127.0.0.1.example.com'],
    ['https://id.example.com/realms/main', 'https://me:secret@id.example.com'],
    ['https://id.example.com/realms/main', 'https://id.example.com?a=b'],
    ['https://id.example.com/realms/main', 'keycloak'],
  ])('is refused for %s by %s', (issuer, adminUrl) => {
    expect(() => realmAddress(issuer, adminUrl)).toThrow(expect.objectContaining({ code: 'address' }));
  });
});
