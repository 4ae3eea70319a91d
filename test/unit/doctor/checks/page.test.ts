import { describe, expect, it } from 'vitest';
import { pageChecks } from '../../../../src/doctor/checks/page.ts';
import { startPage } from '../../../../src/doctor/page-facts.ts';
import { answerOf, ISSUER, NO_ANSWER, realmOf, runCheck } from '../answers.ts';
import {
  ENDPOINTS,
  GOOD_CLIENT,
  PAGE_CLIENT,
  PAGE_ORIGIN,
  PAGE_URL,
  type PageClient,
  servePageClient,
} from '../fake-page-client.ts';

async function run(
  name: string,
  change: Partial<PageClient> = {},
  fetch = servePageClient({ ...GOOD_CLIENT, ...change }),
) {
  const realm = realmOf({ discovery: answerOf(ENDPOINTS) });
  return runCheck(pageChecks, name, await startPage({ url: PAGE_URL, clientId: PAGE_CLIENT, fetch }, realm));
}

describe('the client of the self-service page', () => {
  it.each(pageChecks.map(({ name }) => name))('is well by %s when it is set as it should be', async (name) => {
    expect((await run(name)).severity).toBe('ok');
  });

  it.each<[string, Partial<PageClient>, string, string, string]>([
    ['page.client', { isKnown: false }, 'problem', 'no such client', 'Client authentication off'],
    ['page.redirect_uri', { isKnown: false }, 'problem', 'does not send users back', `${PAGE_URL}, exactly`],
    ['page.redirect_uri', { redirectUris: /./ }, 'problem', 'any address', 'without *'],
    ['page.redirect_uri', { redirectUris: /prod.keys.other$/ }, 'warning', `${PAGE_URL}/other`, 'without *'],
    ['page.redirect_uri', { redirectUris: /com.other$/ }, 'warning', `${PAGE_ORIGIN}/other`, 'without *'],
    ['page.pkce', { isPkceDemanded: false }, 'problem', 'A sign-in without PKCE is accepted', 'S256'],
    ['page.pkce', { isPlainTaken: true }, 'problem', 'A sign-in with PKCE by plain is accepted', 'S256'],
    ['page.redirect_uri', { isStandardFlow: false }, 'problem', 'does not send users back', 'Standard flow on'],
    ['page.pkce', { isS256Taken: false }, 'problem', 'S256 is refused ("invalid_request")', 'S256'],
    ['page.flows', { implicit: true }, 'problem', 'On: Implicit flow.', 'Standard flow alone'],
    ['page.flows', { password: true }, 'problem', 'On: Direct access grants.', 'Standard flow alone'],
    ['page.flows', { service: true }, 'problem', 'On: Service accounts roles.', 'Standard flow alone'],
    ['page.flows', { device: true }, 'problem', 'On: OAuth 2.0 Device Authorization Grant.', 'Standard flow alone'],
    ['page.web_origins', { webOrigins: [] }, 'problem', 'nobody can sign in', `${PAGE_ORIGIN} alone`],
    ['page.web_origins', { webOrigins: ['*'] }, 'warning', 'any origin', `${PAGE_ORIGIN} alone`],
    ['page.sign_out', { logout: false }, 'problem', 'answered 400', 'post logout'],
  ])('is found by %s with %j', async (name, change, severity, found, remedy) => {
    expect(await run(name, change)).toMatchObject({
      severity,
      found: expect.stringContaining(found),
      remedy: expect.stringContaining(remedy),
    });
  });

  it.each(['page.pkce', 'page.flows', 'page.web_origins', 'page.sign_out'])(
    'is not judged by %s where every sign-in is refused',
    async (name) => {
      expect((await run(name, { isKnown: false })).severity).toBe('skipped');
    },
  );

  it('is not judged without the discovery document that names the endpoints', async () => {
    const page = { url: PAGE_URL, clientId: PAGE_CLIENT, fetch: servePageClient() };
    for (const discovery of [NO_ANSWER, answerOf({ issuer: ISSUER })]) {
      const facts = await startPage(page, realmOf({ discovery }));
      for (const { name } of pageChecks) expect((await runCheck(pageChecks, name, facts)).severity).toBe('skipped');
    }
  });

  it('is not asked for a device where the realm has no such endpoint', async () => {
    const { device_authorization_endpoint: _, ...others } = ENDPOINTS;
    const page = { url: PAGE_URL, clientId: PAGE_CLIENT, fetch: servePageClient({ ...GOOD_CLIENT, device: true }) };
    const facts = await startPage(page, realmOf({ discovery: answerOf(others) }));
    expect((await runCheck(pageChecks, 'page.flows', facts)).severity).toBe('ok');
  });

  it('says why, when the realm gives no answer', async () => {
    const cut = async () => Promise.reject(Object.assign(new Error('fetch failed'), { code: 'ECONNRESET' }));
    expect(await run('page.client', {}, cut)).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('the connection was cut'),
    });
  });
});
