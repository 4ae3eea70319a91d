import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { createKeyId } from '../../../src/key-format/format.ts';
import { batchOf, lineOf } from '../../support/usage.ts';
import { aws, gatepass } from '../support/aws.ts';
import type { Everything } from '../support/everything.ts';
import { arnOf, decide, type Invocation, invoke, readLog } from '../support/functions.ts';
import { type Role, roleOf } from '../support/roles.ts';

/** The recorder of usage, deployed: behind a subscription of the authorizer's log, each of its rights needed. */
export function describeUsage(started: () => Everything): void {
  describe('usage', () => {
    test('of a key that the deployed authorizer let in comes out of gatepass usage', async () => {
      const { key, outputs, resources } = started();
      // The emulator takes a pattern of JSON for words, and sends nothing.
      const everything = ['--filter-pattern', '', '--destination-arn', await arnOf(resources.UsageFunction)];
      const filter = [
        '--log-group-name',
        outputs['AuthorizerLogGroup'] ?? '',
        '--filter-name',
        resources.UsageSubscription,
      ];
      await aws('logs', 'put-subscription-filter', ...filter, ...everything);
      expect((await decide(outputs, key)).line).toMatchObject({ outcome: 'allow' });
      const [, , keyId = ''] = key.split('_');
      const tables = ['--table', outputs['TableName'] ?? '', '--usage-table', resources.UsageTable];
      let usage: unknown;
      for (let tries = 0; tries < 30; tries++) {
        const { stdout } = await gatepass('usage', keyId, '--json', ...tables);
        [usage] = JSON.parse(stdout) as unknown[]; // the command's own format
        if (JSON.stringify(usage).includes('lastUsedAt')) break;
        await sleep(1000);
      }
      expect(usage).toMatchObject({ keyId, name: 'laptop', lastUsedAt: expect.any(Number) });
    });
  });

  describe("the recorder's role", () => {
    let role: Role;

    beforeAll(async () => {
      role = await roleOf(started().resources.UsageFunction);
    });

    /** A use that takes all that the recorder does: of a key that it doesn't know, by a secret that ends soon. */
    function recordOne(): Promise<Invocation> {
      const keyId = createKeyId(randomUUID(), randomBytes);
      const at = Math.floor(Date.now() / 1000) * 1000;
      const grace = { since: at - 86_400_000, until: at + 3_600_000 };
      return invoke(started().resources.UsageFunction, batchOf([lineOf({ keyId, at, sourceIp: '192.0.2.1', grace })]));
    }

    const NEEDED = [
      'RecordUsage dynamodb:GetItem',
      'RecordUsage dynamodb:PutItem',
      'RecordUsage dynamodb:UpdateItem',
      'TellWhatIsUnusual sns:Publish',
    ];

    test('has no right that nothing here needs, but to write its log', () => {
      expect(role.rights).toEqual(NEEDED);
    });

    test.each(NEEDED)('%s: without it a batch fails, and its line says why', async (right) => {
      expect(await recordOne()).toMatchObject({ isError: false });
      expect(await role.without([right], recordOne)).toMatchObject({ isError: true });
      const lines = await readLog(started().resources.UsageLogGroup);
      expect(lines.findLast(({ outcome }) => outcome === 'failed')).toMatchObject({
        why: expect.stringMatching(/AccessDenied|AuthorizationError/),
      });
    });
  });
}
