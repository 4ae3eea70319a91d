import { Command } from 'commander';
import { type FoundKey, findKeys } from '../accounts/find-key.ts';
import { formatJson, formatTable } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { type ConnectOptions, onAdmin, withUsageTable } from './connect.ts';
import { toRow } from './keys-output.ts';
import { lastUseOf, readKeysInUse, useColumns } from './last-use.ts';

const HOLDS: Readonly<Record<FoundKey['holds'], string>> = {
  current: 'its current secret',
  replaced: 'the secret that was replaced',
  other: 'another secret: an older one, or made up',
  id: 'its id',
};

/** `gatepass keys find`: whose key this is and how it stands, without printing it. */
export function findCommand({ out, err }: Output): Command {
  return withUsageTable(new Command('find'))
    .description('find a key by an id, a fragment out of a log or a leak report, or the whole key (on standard input)')
    .argument('[text]', 'an id or a fragment; without it, standard input is read')
    .addHelpText(
      'after',
      `
With a usage table it also tells when the key was last used and from where: a sample, since kept decisions are not seen.

Examples:
  gatepass keys find 0i5T1SDDFrAIMls9v --table gatepass
  pbpaste | gatepass keys find --table gatepass`,
    )
    .action(async (given: string | undefined, options: ConnectOptions) => {
      const text = given ?? (await readSecret('the key or a fragment of it'));
      const { found, uses } = await onAdmin(options, async (admin) => {
        const keys = await findKeys(admin, text);
        const items = keys.map(({ item }) => item);
        return { found: keys, uses: admin.usage && (await readKeysInUse(admin.usage, items)) };
      });
      if (options.json) out(formatJson(found.map(({ item, holds }) => ({ holds, ...item, ...lastUseOf(uses, item) }))));
      else if (found.length > 0) {
        const rows = found.map(({ item, holds }) => {
          return { ...toRow(item, Date.now()), ...(uses && useColumns(uses, item)), HOLDS: HOLDS[holds] };
        });
        out(formatTable(rows));
      }
      if (found.length > 0) return;
      err('No key was found: it is of another table, was removed already, or is no key of ours.');
      process.exitCode = 1;
    });
}
