import { isDeepStrictEqual } from 'node:util';
import type { ApiKeyRecord } from '../table/keys.ts';
import type { Changes } from '../table/write.ts';
import type { TableAndClock } from './admin.ts';
import { type OwnedKey, withoutHashes } from './api-key.ts';
import { assertFuture } from './expiry.ts';
import { networkOf, optionalTextOf, textOf } from './input.ts';
import { changeKey, type KeyChange } from './key-state.ts';

/** What is absent stays; `null`, or what is empty, takes a limit away. */
export interface KeyUpdate {
  readonly name?: string | undefined;
  /** The first second at which the key no longer works, in epoch seconds; `null`: it works until it is revoked. */
  readonly expiresAt?: number | null | undefined;
  readonly scope?: string | null | undefined;
  /** CIDR blocks that requests must come from; `null`: from anywhere. */
  readonly allowedNetworks?: readonly string[] | null | undefined;
}

/**
 * Changes a key and leaves its secret as it is. A key that has expired works again with a later expiry.
 *
 * A cached Allow keeps to what the key was until the result TTL is over.
 *
 * @throws AdminError `key_not_found`, `key_deleted`, `invalid_input`
 */
export async function updateKey(admin: TableAndClock, key: OwnedKey, update: KeyUpdate): Promise<KeyChange> {
  const { record, changed } = await changeKey(admin, key, (current, at) => {
    const entries = Object.entries(changesOf(update, at)).filter(
      // Each of these is an attribute of a key.
      ([name, value]) => !isDeepStrictEqual(current[name as keyof ApiKeyRecord], value),
    );
    return entries.length === 0 ? undefined : { ...Object.fromEntries(entries), changedBy: 'operator' };
  });
  return { item: withoutHashes(record), changed };
}

function changesOf({ name, expiresAt, scope, allowedNetworks }: KeyUpdate, at: number): Changes<ApiKeyRecord> {
  return {
    ...(name !== undefined && { name: textOf('name', name) }),
    ...(expiresAt !== undefined && { expiresAt: expiresAt === null ? undefined : assertFuture(expiresAt, at) }),
    ...(scope !== undefined && { scope: optionalTextOf('scope', scope ?? undefined) }),
    ...(allowedNetworks !== undefined && {
      allowedNetworks: allowedNetworks?.length ? allowedNetworks.map(networkOf) : undefined,
    }),
  };
}
