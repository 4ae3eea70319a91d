import { describe, expect, it } from 'vitest';
import { issuerDifference, issuerRemedy } from '../../../src/doctor/issuer-difference.ts';

const ISSUER = 'https://id.example.com/realms/main';

describe('how an issuer differs from the configured one', () => {
  it.each([
    [
      'http://id.example.com/realms/main',
      'the scheme (configured https, there http); the port (configured 443, there 80)',
    ],
    ['https://keycloak.internal/realms/main', 'the host (configured id.example.com, there keycloak.internal)'],
    ['https://id.example.com:8443/realms/main', 'the port (configured 443, there 8443)'],
    ['https://id.example.com/realms/main/', 'the end (configured without a slash, there with a slash)'],
    ['https://id.example.com/realms/Main', 'the realm (configured main, there Main)'],
    ['https://id.example.com/other', 'the path (configured /realms/main, there /other)'],
  ])('is said of %s part by part', (actual, differences) => {
    expect(issuerDifference(ISSUER, actual)).toBe(differences);
  });

  it('names the prefix /auth of old Keycloaks, whichever side has it', () => {
    const old = 'https://id.example.com/auth/realms/main';
    expect(issuerDifference(ISSUER, old)).toMatch(/configured none, there \/auth.*before 17/);
    expect(issuerDifference(old, ISSUER)).toMatch(/configured \/auth, there none.*before 17/);
  });

  it.each([
    'HTTPS://id.example.com/realms/main',
    'https://ID.example.com/realms/main',
    `https://id.example.com:443/realms/main`,
  ])('is seen in %s too, which is the same URL but not the same letters', (actual) => {
    expect(issuerDifference(ISSUER, actual)).toContain('letters');
  });

  it('is said of what is not a URL', () => {
    expect(issuerDifference(ISSUER, 'main')).toBe('one of them is not a URL');
  });
});

describe('what to do about another issuer', () => {
  it('names the proxy options of Keycloak, when TLS ends before it', () => {
    expect(issuerRemedy(ISSUER, 'http://id.example.com/realms/main')).toMatch(/--proxy-headers=xforwarded/);
  });

  it('names the hostname option, whole with the path, when the host is another', () => {
    const advice = issuerRemedy('https://id.example.com/auth/realms/main', 'https://keycloak:8080/auth/realms/main');
    expect(advice).toContain('--hostname=https://id.example.com/auth ');
    expect(advice).toContain('set GATEPASS_ISSUER to exactly https://keycloak:8080/auth/realms/main');
  });

  it.each(['https://id.example.com/realms/main/', 'https://id.example.com/realms/other', 'main'])(
    'is the variable alone, when the path is another: %s',
    (actual) => {
      expect(issuerRemedy(ISSUER, actual)).toBe(`Set GATEPASS_ISSUER to exactly ${actual}.`);
    },
  );
});
