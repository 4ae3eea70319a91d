import { Command } from 'commander';
import { type FoundKey, findKeys } from '../accounts/find-key.ts';
import { formatJson, formatTable } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { toRow } from './keys-output.ts';

const HOLDS: Readonly<Record<FoundKey['holds'], string>> = {
  current: 'its current secret',
  replaced: 'the secret that was replaced',
  other: 'another secret: an older one, or made up',
  id: 'its id',
};

/** `gatepass keys find`: whose key this is and how it stands, without printing it. */
export function findCommand({ out, err }: Output): Command {
  return withTable(new Command('find'))
    .description('find a key by an id, a fragment out of a log or a leak report, or the whole key (on standard input)')
    .argument('[text]', 'an id or a fragment; without it, standard input is read')
    .addHelpText(
      'after',
      `
Examples:
  gatepass keys find 0i5T1SDDFrAIMls9v --table gatepass
  pbpaste | gatepass keys find --table gatepass`,
    )
    .action(async (given: string | undefined, options: ConnectOptions) => {
      const text = given ?? (await readSecret('the key or a fragment of it'));
      const found = await onAdmin(options, (admin) => findKeys(admin, text));
      if (options.json) out(formatJson(found.map(({ item, holds }) => ({ holds, ...item }))));
      else if (found.length > 0) {
        out(formatTable(found.map(({ item, holds }) => ({ ...toRow(item, Date.now()), HOLDS: HOLDS[holds] }))));
      }
      if (found.length > 0) return;
      err('No key was found: it is of another table, was removed already, or is no key of ours.');
      process.exitCode = 1;
    });
}
