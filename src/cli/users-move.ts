import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Admin } from '../accounts/admin.ts';
import { AdminError } from '../accounts/admin-error.ts';
import { type Move, moveAccount } from '../accounts/move-account.ts';
import { readMoves } from '../accounts/move-map.ts';
import { confirm } from '../terminal/confirm.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { printChange } from './users-output.ts';

interface Options extends ConnectOptions {
  readonly map?: string;
  readonly merge?: boolean;
  readonly yes?: boolean;
}

/** `gatepass users move`: a user's keys go on under another id. */
export function moveCommand(output: Output): Command {
  const { err } = output;
  return withTable(new Command('move'))
    .description("give a user's keys to another id of theirs, as when a realm was rebuilt; they work throughout")
    .argument('[old]', 'the id that the user had')
    .argument('[new]', 'the id that the user has now')
    .option('--map <file>', 'a CSV file with a line OLD,NEW for each user to move')
    .option('--merge', 'go on though the new user has keys already: the moved ones take on that user’s roles')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
The new account is made as the old one was, if there is none. A repeat finds nothing to do, so a run that was cut off is
repeated whole.

Examples:
  gatepass users move 3f1c9f8e 8a0b7c5d --table gatepass
  gatepass users move --map moves.csv --yes --table gatepass`,
    )
    .action(async (from: string | undefined, to: string | undefined, options: Options) => {
      const { map, merge, yes } = options;
      const isPair = from !== undefined && to !== undefined;
      if (isPair === (map !== undefined) || (from !== undefined && !isPair)) {
        throw new UsageError('Whom? Give OLD and NEW, or --map FILE with a line OLD,NEW for each user.');
      }
      const moves = map === undefined ? [] : readMoves(await readFile(map).catch(unreadable(map)));
      const what = isPair ? `The keys of user ${from} will be those of ${to}` : `${moves.length} users will be moved`;
      await confirm(`${what}, and the old ids refused from then on.`, yes, err);
      await onAdmin(options, async (admin) => {
        if (isPair) return printChange(output, await moveAccount(admin, { from, to, merge }), options);
        await moveAll(
          admin,
          moves.map((move) => ({ ...move, merge })),
          output,
          options,
        );
      });
    });
}

function unreadable(file: string): (error: unknown) => never {
  return (cause) => {
    throw new UsageError(`The file ${file} can't be read: check --map.`, { cause });
  };
}

/** Moves one after another; who is refused is told and stops nobody else. */
async function moveAll(
  admin: Admin,
  moves: readonly (Move & { readonly line: number })[],
  { out, err }: Output,
  { json }: Options,
): Promise<void> {
  const progress = createProgress(err);
  const refused: { line: number; from: string; to: string; code: string; message: string }[] = [];
  let moved = 0;
  for (const [index, { line, ...move }] of moves.entries()) {
    progress.show(`${index} of ${moves.length} users`);
    try {
      if ((await moveAccount(admin, move)).changed) moved++;
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      refused.push({ line, from: move.from, to: move.to, code: error.code, message: error.message });
      progress.note(`line ${line}: ${error.message}`);
    }
  }
  progress.end();
  const unchanged = moves.length - moved - refused.length;
  out(
    json
      ? formatJson({ moved, unchanged, refused })
      : `${moved} users moved, ${unchanged} were moved already, ${refused.length} refused.`,
  );
  if (refused.length > 0) process.exitCode = 1;
}
