import type { Command } from 'commander';
import { type RealmAddress, realmAddress } from '../keycloak/realm-address.ts';
import type { ServiceAccount } from '../keycloak/request-token.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { checkedOption } from './variable-option.ts';

export interface RealmOptions {
  readonly issuer?: string;
  readonly adminUrl?: string;
  readonly clientId: string;
}

export const SECRET_VARIABLE = 'GATEPASS_SYNC_CLIENT_SECRET';

/** The options of every command that asks the realm's Admin API. */
export function withRealm(command: Command): Command {
  return command
    .addOption(checkedOption('GATEPASS_ISSUER'))
    .addOption(checkedOption('GATEPASS_SYNC_ADMIN_URL'))
    .addOption(checkedOption('GATEPASS_SYNC_CLIENT_ID'));
}

/** The realm that the options name, and who asks it: the secret comes from its variable or from standard input. */
export async function readRealm({ issuer, adminUrl, clientId }: RealmOptions): Promise<{
  readonly issuer: string;
  readonly address: RealmAddress;
  readonly account: ServiceAccount;
}> {
  if (!issuer) throw new UsageError("Which realm? Give --issuer URL (or GATEPASS_ISSUER), as in your tokens' iss.");
  const address = realmAddress(issuer, adminUrl);
  const clientSecret = process.env[SECRET_VARIABLE]?.trim() || (await readSecret(`the secret of ${clientId}`));
  return { issuer, address, account: { clientId, clientSecret } };
}
