import type { AccountRecord } from '../table/accounts.ts';
import { AdminError } from './admin-error.ts';

/** @throws AdminError `user_deleted`, `user_moved` */
export function assertNotDeleted({ userId, deleted, movedTo }: AccountRecord): void {
  if (movedTo !== undefined) throw new AdminError('user_moved', `User ${userId} was moved to ${movedTo}: use that id.`);
  if (deleted !== true) return;
  throw new AdminError(
    'user_deleted',
    `User ${userId} is deleted: only "gatepass users restore ${userId}" brings them back, without their keys.`,
  );
}
