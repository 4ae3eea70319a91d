import type { AccountChange } from '../accounts/account-state.ts';
import type { AccountRecord } from '../table/accounts.ts';
import { formatJson, formatTable, formatTime, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import type { ConnectOptions } from './connect.ts';

export function toRow(account: AccountRecord): Row {
  return {
    USER: account.userId,
    STATE: stateOf(account),
    EMAIL: account.email,
    NAME: [account.firstName, account.lastName].filter(Boolean).join(' '),
    ROLES: account.roles?.join(' '),
    KEYS: account.keyCount,
    CREATED: formatTime(account.createdAt),
    CHANGED: formatTime(account.updatedAt ?? account.deletedAt),
  };
}

function stateOf({ deleted, active, disabledBy, movedTo }: AccountRecord): string {
  if (movedTo !== undefined) return `moved to ${movedTo}`;
  if (deleted === true) return 'deleted';
  if (active === true) return 'active';
  return disabledBy === 'sync' ? 'disabled (by sync)' : 'disabled';
}

export function printAccount({ out }: Output, account: AccountRecord, { json }: ConnectOptions): void {
  out(json ? formatJson(account) : formatTable([toRow(account)]));
}

export function printChange({ out, err }: Output, { account, changed }: AccountChange, { json }: ConnectOptions): void {
  out(json ? formatJson({ changed, ...account }) : formatTable([toRow(account)]));
  if (!changed && !json) err('It was so already: nothing was changed.');
}
