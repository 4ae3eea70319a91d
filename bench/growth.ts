import { createTable, openTable } from '../src/table/table.ts';
import { type Bundles, entryOf } from './bundles.ts';
import { eventWith } from './events.ts';
import type { Job } from './job.ts';
import { accountWithKeys, fillTable, writeItems } from './keys.ts';
import type { Scene } from './scene.ts';
import { runWarm, type WarmCase, type WarmRow } from './warm.ts';

/** What grows: the keys of a table, the keys of an account, the roles of a token. */
export async function measureGrowth(
  job: Job,
  scene: Scene,
  bundles: Bundles,
  tell: (line: string) => void,
): Promise<WarmRow[]> {
  const [few, many] = job.smoke ? [20, 200] : [1000, job.keys];
  const module = entryOf(bundles.ours);
  const cases: WarmCase[] = [];
  for (const count of [few, many]) {
    tell(`growth: writing ${count} keys`);
    const table = openTable(`gatepass-${count}`);
    await createTable(table);
    const by = { module, env: { GATEPASS_TABLE: table.name } };
    const events = (await fillTable(table, count)).map(eventWith);
    cases.push({ name: `a table of ${count} keys`, credential: 'key', by, events, isAllowed: true });
    if (count === many) continue;
    for (const own of [1, 50]) {
      const { items, key } = accountWithKeys(own);
      await writeItems(table, items);
      const name = `an account of ${own} ${own === 1 ? 'key' : 'keys'}`;
      cases.push({ name, credential: 'key', by, events: [eventWith(key)], isAllowed: true });
    }
  }
  for (const count of [1, 50, 200]) {
    const roles = Array.from({ length: count }, (_, index) => `role-${index}`);
    cases.push({
      name: `${count} realm ${count === 1 ? 'role' : 'roles'}`,
      credential: 'token',
      by: { module, env: {} },
      events: [eventWith(`Bearer ${scene.token({ realm_access: { roles } })}`)],
      isAllowed: true,
    });
  }
  tell(`growth: ${job.rounds} rounds`);
  return runWarm(bundles.warmProcess, job, scene, cases);
}
