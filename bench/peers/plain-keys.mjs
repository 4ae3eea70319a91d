// An API key, decided plainly: the AWS SDK's document client as it comes, and the key's hash.
import { createHash, timingSafeEqual } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

const { TABLE = '' } = process.env;
const client = DynamoDBDocumentClient.from(new DynamoDBClient());

/** @param {string} key */
export async function authenticateKey(key) {
  const keyId = key.split('_')[2] ?? '';
  const pk = `account#${keyId.slice(0, 17)}`;
  const Keys = [
    { pk, sk: `key#${keyId}` },
    { pk, sk: 'account' },
  ];
  const command = new BatchGetCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } });
  const items = (await client.send(command)).Responses?.[TABLE] ?? [];
  const item = items.find(({ sk }) => sk === `key#${keyId}`);
  const account = items.find(({ sk }) => sk === 'account');
  const hash = createHash('sha256').update(key).digest();
  if (item?.active !== true || account?.active !== true) return undefined;
  if (!timingSafeEqual(hash, Buffer.from(item.hash, 'hex'))) return undefined;
  if (item.expiresAt !== undefined && item.expiresAt * 1000 <= Date.now()) return undefined;
  return { userId: account.userId, email: account.email, apiKeyId: keyId, scope: item.scope, authMethod: 'api_key' };
}
