import { createRedact } from '../../redact.ts';
import { toSeconds } from '../../seconds.ts';
import { readPointer } from '../../table/imported-keys.ts';
import { readKey } from '../../table/keys.ts';
import { retrying } from '../../table/write.ts';
import type { TableAndClock } from '../admin.ts';
import { withoutHashes } from '../api-key.ts';
import { deleteKey, writeUnchanged } from '../key-state.ts';
import { uncompressed } from './compressed.ts';
import { findSecrets, type Secret } from './find-secrets.ts';
import type { ImportedForms } from './imported-in-text.ts';
import { judgeLeak, type LeakedKey } from './leaked-key.ts';

export interface LeakOptions extends ImportedForms {
  /** What becomes of a key whose current secret is found: it is disabled if not told. */
  readonly action?: 'disable' | 'delete' | undefined;
  /** Changes nothing, and tells what would be done. */
  readonly dryRun?: boolean | undefined;
  /** Where the text was found, as a URL; what a scanner's report tells of a key comes behind it. */
  readonly where?: string | undefined;
  /** How many look-ups in the table there may be: `MAX_READS` if not told. */
  readonly maxReads?: number | undefined;
  /** Is told each key as soon as it is dealt with, so that a later failure takes nothing away. */
  readonly onFound?: ((found: LeakedKey) => void) | undefined;
  /** Is told how far it is. */
  readonly onProgress?: ((report: Readonly<LeakReport>) => void) | undefined;
}

/** How far it is, and what there was. */
export interface LeakReport {
  bytes: number;
  /** Look-ups in the table. */
  reads: number;
  /** Keys of this table, dead ones too. */
  keysFound: number;
  /** What has the form of a key of ours and a wrong checksum: cost no look-up. */
  lookAlikes: number;
  /** Well-formed keys of ours that are not in this table. */
  unknownKeys: number;
  /** `false`: more look-ups were needed than there may be, and the rest was not looked at. */
  isComplete: boolean;
}

/** How many look-ups there may be, if not told. */
export const MAX_READS = 10_000;
const MAX_WHERE = 256;

/**
 * Finds the keys in anything that was found in public, as a scanner's report, a log or a paste of any length, and sees
 * to it that none of their secrets works again.
 *
 * Keys of ours are known by their form and checksum, broken into lines, coloured, escaped or in base64, those of other
 * systems by their prefixes or a pattern. A key whose current secret is found is disabled, and only a rotation brings it back. Of a secret in its
 * grace, the grace ends and the key stays. A secret that had ended changes nothing, and neither does a repeat.
 *
 * Memory doesn't grow with the text. What is compressed within it is not looked into.
 *
 * @throws AdminError `invalid_input` if all of it is compressed.
 */
export async function revokeLeaked(
  admin: TableAndClock,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: LeakOptions = {},
): Promise<LeakReport> {
  const { maxReads = MAX_READS, onFound, onProgress } = options;
  const report = { bytes: 0, reads: 0, keysFound: 0, lookAlikes: 0, unknownKeys: 0, isComplete: true };
  const onLookAlike = () => {
    report.lookAlikes++;
  };
  for await (const secret of findSecrets(counted(), options, onLookAlike)) {
    if (report.reads >= maxReads) return { ...report, isComplete: false };
    const found = await findAndRevoke(admin, secret, options, report);
    if (found === undefined) continue;
    report.keysFound++;
    onFound?.(found);
  }
  return report;

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of uncompressed(input)) {
      report.bytes += chunk.length;
      onProgress?.(report);
      yield chunk;
    }
  }
}

/** @returns nothing for what leads to no key of this table. */
async function findAndRevoke(
  { table, now }: TableAndClock,
  secret: Secret,
  options: LeakOptions,
  report: LeakReport,
): Promise<LeakedKey | undefined> {
  const { action = 'disable', dryRun = false } = options;
  let { keyId } = secret;
  if (keyId === undefined) {
    report.reads++;
    const pointer = await readPointer(table, secret.hash);
    const isDeleted = pointer !== undefined && pointer.keyId === undefined;
    if (isDeleted) return { secret: 'ended', wasLive: false, done: 'nothing', where: whereOf(secret, options) };
    keyId = pointer?.keyId;
  }
  if (keyId === undefined) return undefined;
  const found = await revoke(keyId);
  if (found !== 'unknown') return found;
  report.unknownKeys++;
  return undefined;

  function revoke(id: string): Promise<LeakedKey | 'unknown'> {
    return retrying(async () => {
      report.reads++;
      const record = await readKey(table, id);
      if (record === undefined) return 'unknown';
      const at = toSeconds(now());
      const where = whereOf(secret, options);
      const { changes, ...verdict } = judgeLeak(record, secret.hash, at, action);
      if (changes === undefined || dryRun) return { item: withoutHashes(record), ...verdict, where };
      const marks = { leakedAt: at, leakedWhere: where, changedBy: 'operator', updatedAt: at } as const;
      const written = await writeUnchanged(table, record, { ...changes, ...marks });
      if (written === undefined) return undefined;
      if (verdict.done !== 'deleted') return { item: withoutHashes(written), ...verdict, where };
      const { item } = await deleteKey({ table, now }, { userId: record.userId, keyId: id });
      return { item, ...verdict, where };
    });
  }
}

/** As it may be stored and shown: an address may hold the key itself. */
function whereOf({ readPlace }: Secret, { where, importedPrefixes = [] }: LeakOptions): string | undefined {
  const place = readPlace();
  const isWhole = place !== undefined && URL.canParse(place);
  const text = isWhole ? place : [where, place].filter((part) => part !== undefined).join(' ');
  const shown = createRedact(importedPrefixes)(text)
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
  return shown === '' ? undefined : shown.slice(0, MAX_WHERE);
}
