import { Command } from 'commander';
import type { Admin } from '../accounts/admin.ts';
import { AdminError } from '../accounts/admin-error.ts';
import { assertNotDeleted } from '../accounts/deleted.ts';
import { disableKeys } from '../accounts/disable-keys.ts';
import { userIdOf } from '../accounts/input.ts';
import { CLOCK_SKEW_SECONDS } from '../bearer/claims.ts';
import { connectSessions, type EndedSessions, type RealmSessions } from '../keycloak/realm-sessions.ts';
import { formatSecond, toSeconds } from '../seconds.ts';
import { readAccount } from '../table/accounts.ts';
import { revokedUserAt } from '../table/items.ts';
import { raiseNotBefore } from '../table/revocations.ts';
import { formatJson, formatTable, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { type ConnectOptions, onAdmin, withTable } from './connect.ts';
import { type RealmOptions, readRealm, SECRET_VARIABLE, withRealm } from './realm-options.ts';

interface Options extends ConnectOptions, RealmOptions {
  readonly keys?: boolean;
}

/** What was done, in this order. */
interface LoggedOut {
  readonly userId: string;
  /** What became of the sessions at the realm; `gone`: it has no such user. */
  readonly realm: EndedSessions | 'gone';
  /** Up to when the user's tokens are revoked in the table, in epoch seconds. */
  readonly notBefore: number;
  /** The ids of the keys that this command disabled; absent without `--keys`. */
  readonly disabledKeys?: readonly string[];
}

const HELP = `
First the user's sessions at the realm are ended, offline ones too, so that no refresh token brings a new access token.
For this the client's service account needs the role manage-users of realm-management. Its secret is taken from
${SECRET_VARIABLE} or standard input, never from an argument. Then the table refuses every token that was issued until
then, where the authorizer checks accounts (GATEPASS_ACCOUNT_CHECK=all). Who signs in again is let in.
Exit status 1: the realm did not end the sessions, and nothing was changed in the table.

Examples:
  gatepass users logout user-42 --issuer https://id.example.com/realms/main --table gatepass < secret.txt
  gatepass users logout user-42 --keys --issuer https://id.example.com/realms/main --table gatepass < secret.txt`;

/** `gatepass users logout`: a user is out now, at the realm and here. */
export function logoutCommand({ out, err }: Output): Command {
  return withRealm(withTable(new Command('logout')))
    .argument('<userId>', "the user's id: their sub in Keycloak")
    .description("end a user's sessions at the realm, and refuse the tokens that were issued until then")
    .option('--keys', "disable the user's keys too")
    .addHelpText('after', HELP)
    .action(async (given: string, options: Options) => {
      const userId = userIdOf('user id', given);
      const { address, account } = await readRealm(options);
      const sessions = connectSessions(address, account);
      const done = await onAdmin(options, (admin) => logOut(admin, sessions, userId, options.keys));
      if (options.json) return out(formatJson(done));
      out(formatTable([toRow(done)]));
      for (const note of notesOn(done)) err(note);
    });
}

async function logOut(
  admin: Admin,
  sessions: RealmSessions,
  userId: string,
  withKeys: boolean | undefined,
): Promise<LoggedOut> {
  const account = await readAccount(admin.table, userId);
  if (withKeys && account?.movedTo !== undefined) assertNotDeleted(account);
  const realm = await sessions.end(userId);
  if (realm === 'gone' && account === undefined) throw unknownUser(userId);
  const notBefore = lastRevoked(realm, admin);
  await raiseNotBefore(admin.table, revokedUserAt(userId), { notBefore });
  if (!withKeys) return { userId, realm, notBefore };
  const hasKeys = account !== undefined && account.deleted !== true;
  const disabled = hasKeys ? await disableKeys(admin, userId) : [];
  return { userId, realm, notBefore, disabledKeys: disabled.map(({ keyId }) => keyId) };
}

/** A second more than the realm says, for a token that was just being issued. To a user who is gone none is any more. */
function lastRevoked(realm: LoggedOut['realm'], { now }: Admin): number {
  return realm === 'gone' ? toSeconds(now()) + CLOCK_SKEW_SECONDS : realm.notBefore + 1;
}

function unknownUser(userId: string): AdminError {
  return new AdminError(
    'user_not_found',
    `Neither the realm nor the table knows a user ${userId}, so nothing was changed: give the id, which is the sub of ` +
      "the user's tokens, and not a name or an email.",
  );
}

function toRow({ userId, realm, notBefore, disabledKeys }: LoggedOut): Row {
  return {
    USER: userId,
    SESSIONS: realm === 'gone' ? 'none: the realm has no such user' : 'ended',
    OFFLINE: realm === 'gone' ? undefined : realm.offlineSessions,
    'TOKENS REFUSED': `issued until ${formatSecond(notBefore)}`,
    'KEYS DISABLED': disabledKeys?.length,
  };
}

/** When each of it is certain. */
function notesOn({ disabledKeys }: LoggedOut): readonly string[] {
  const what = disabledKeys === undefined ? 'Tokens' : 'Tokens and keys';
  return [
    `${what} are refused by every decision from now on. A decision that API Gateway has kept works on until the ` +
      "authorizer's result TTL is over: 60 s at most with the template's default.",
    'Tokens only where GATEPASS_ACCOUNT_CHECK is all; elsewhere they work until they expire.',
    ...(disabledKeys === undefined ? ['Keys of theirs go on working: --keys disables them too.'] : []),
  ];
}
