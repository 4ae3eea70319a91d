import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RealmUser } from '../../e2e/support/realm.ts';
import type { Everything } from '../support/everything.ts';
import { readLog } from '../support/functions.ts';
import { type Role, roleOf } from '../support/roles.ts';
import { addressOf, call } from '../support/stage.ts';

type Line = Readonly<Record<string, unknown>>;

/** The receiver of logout tokens, deployed, and told by Keycloak itself. */
export function describeLogout(started: () => Everything): void {
  let dora: RealmUser;

  beforeAll(async () => {
    const { realm, outputs } = started();
    const profile = { email: 'dora@example.com', firstName: 'Dora', lastName: 'Diver' };
    dora = await realm.createUser({ username: 'dora', ...profile });
    // As docs/revocation.md says.
    const found = await realm.admin.get('/clients?clientId=demo-web');
    const clientSchema = v.looseObject({ id: v.string(), attributes: v.record(v.string(), v.unknown()) });
    const [client] = v.parse(v.tuple([clientSchema]), found);
    const attributes = {
      ...client.attributes,
      'backchannel.logout.url': addressOf(outputs['LogoutUrl']),
      'backchannel.logout.session.required': 'true',
    };
    await realm.admin.put(`/clients/${client.id}`, { ...client, frontchannelLogout: false, attributes });
  });

  /** At the example API, whose TTL is a second. */
  const use = (token: string) => call(started().outputs['ExampleApiUrl'], '/api/v1/whoami', `Bearer ${token}`);

  /** Logs the user in and out again. Returns their token, and what the receiver logged of it. */
  async function logInAndOut(): Promise<{ readonly token: string; readonly line: Line | undefined }> {
    const { realm, resources } = started();
    const { access_token: token } = await realm.logIn('demo-web', dora);
    expect((await use(token)).status).toBe(200);
    await realm.admin.post(`/users/${dora.id}/logout`, {});
    const lines = await readLog(resources.LogoutLogGroup);
    return { token, line: lines.findLast(({ outcome }) => outcome !== undefined) };
  }

  describe('the receiver of logout tokens', () => {
    test('cuts off a token whose user Keycloak logs out', async () => {
      const { token, line } = await logInAndOut();
      expect(line).toMatchObject({ outcome: 'done', userId: dora.id });
      await sleep(1500);
      expect((await use(token)).status).toBe(403); // 401 on AWS: the emulator loses a document's gateway responses
      const lines = await readLog(started().outputs['AuthorizerLogGroup'] ?? '');
      expect(lines.findLast(({ userId }) => userId === dora.id)).toMatchObject({ reason: 'token.revoked' });
    });

    test('answers what is no logout token with 400', async () => {
      const request = { method: 'POST', body: { logout_token: 'none' } };
      expect(await call(started().outputs['LogoutUrl'], '', undefined, request)).toMatchObject({ status: 400 });
    });
  });

  describe("the receiver's role", () => {
    let role: Role;

    beforeAll(async () => {
      role = await roleOf(started().resources.LogoutFunction);
    });

    test('has no right that nothing here needs, but to write its log', () => {
      expect(role.rights).toEqual(['RevokeTokens dynamodb:PutItem']);
    });

    test('RevokeTokens dynamodb:PutItem: without it nothing is revoked, and the log names the denial', async () => {
      const { line } = await role.without(['RevokeTokens dynamodb:PutItem'], logInAndOut);
      expect(line).toMatchObject({ outcome: 'fault', fault: expect.stringContaining('AccessDenied') });
      expect((await logInAndOut()).line).toMatchObject({ outcome: 'done' });
    });
  });
}
