import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { TableAnswers, TableAsked } from '../ask-table.ts';
import { ok, problem, skipped, type Verdict, warning } from '../check.ts';
import { explainTableError, isNamed } from '../table-error.ts';

/** The attribute by which items may be removed (docs/table.md). */
const TTL_ATTRIBUTE = 'purgeAt';

/** Emulators give their tables to an account that AWS has not: DynamoDB Local, dynalite and others alike. */
const EMULATED = /^arn:aws:dynamodb:[^:]*:000000000000:/;

const UNDESCRIBED = 'The table could not be described.';
const SEE_EXISTS = 'It failed for the reason that table.exists says.';
const IS_LOCAL = 'A local table, whose data are of no lasting worth.';

export function checkExists({ description }: TableAnswers): Verdict {
  if ('error' in description) {
    if (isNamed(description.error, 'AccessDeniedException')) {
      return skipped('These credentials may not ask (dynamodb:DescribeTable); the authorizer need not.');
    }
    const { found, todo } = explainTableError(description.error);
    return problem(found, todo);
  }
  const { TableStatus: status, TableArn: arn } = description.answer;
  if (status === 'ACTIVE' || status === 'UPDATING') return ok(`${arn} is ${status}.`);
  return problem(`${arn} is ${status}.`, 'Wait until it is active, or look into the stack that makes it.');
}

export function checkKeySchema({ description }: TableAnswers): Verdict {
  if ('error' in description) return skipped(UNDESCRIBED);
  const { KeySchema: keys = [], AttributeDefinitions: attributes = [] } = description.answer;
  const schema = keys.map(({ AttributeName: name, KeyType: kind }) => {
    const type = attributes.find((attribute) => attribute.AttributeName === name)?.AttributeType;
    return `${name} (${kind}, ${type})`;
  });
  const found = schema.join(', ');
  if (found === 'pk (HASH, S), sk (RANGE, S)') return ok('A partition key pk and a sort key sk, both strings.');
  return problem(
    `Its keys are ${found}; they must be pk (HASH, S), sk (RANGE, S).`,
    "A table's keys can't be changed: make another, as template.yaml does, and name that one.",
  );
}

export function checkRead({ batchGet, get, description }: TableAnswers): Verdict {
  const failed = 'error' in batchGet ? batchGet : get;
  if (!('error' in failed))
    return ok('BatchGetItem and GetItem, strongly consistent, work with the credentials of this shell.');
  const { error } = failed;
  if (isNamed(error, 'AccessDeniedException')) {
    return problem(
      `It is not allowed: ${messageOf(error)}`,
      "Allow dynamodb:BatchGetItem and dynamodb:GetItem on the table (and kms:Decrypt on its key, if it has one of yours). The function's role needs the same.",
    );
  }
  if (isNamed(error, 'ValidationException')) {
    return problem(`It refuses the request: ${messageOf(error)}`, 'Look at the keys of the table (table.key_schema).');
  }
  const { found, todo } = explainTableError(error);
  return isAlreadySaid(found, description) ? skipped(SEE_EXISTS) : problem(found, todo);
}

export function checkTimeToLive({ timeToLive, description }: TableAnswers, name: string): Verdict {
  if ('error' in timeToLive) return notAsked(timeToLive, description, 'dynamodb:DescribeTimeToLive');
  const { status, attribute } = timeToLive.answer;
  const isOn = status === 'ENABLED' || status === 'ENABLING';
  const command = `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification`;
  if (isOn && attribute === TTL_ATTRIBUTE) return ok(`It is ${status} on ${TTL_ATTRIBUTE}.`);
  if (isOn) {
    return problem(
      `It is ${status} on ${attribute}: DynamoDB removes accounts and keys by an attribute that isn't meant for that.`,
      `${command} Enabled=false,AttributeName=${attribute}; an hour later the same with Enabled=true,AttributeName=${TTL_ATTRIBUTE}.`,
    );
  }
  if (isEmulated(description)) return skipped(`Off. ${IS_LOCAL}`);
  return warning(
    'It is off: items of deleted and long expired keys stay for ever. Decisions are not affected.',
    `${command} Enabled=true,AttributeName=${TTL_ATTRIBUTE}`,
  );
}

export function checkPointInTimeRecovery({ pointInTimeRecovery, description }: TableAnswers, name: string): Verdict {
  if ('error' in pointInTimeRecovery)
    return notAsked(pointInTimeRecovery, description, 'dynamodb:DescribeContinuousBackups');
  if (pointInTimeRecovery.answer === 'ENABLED') return ok('It can.');
  if (isEmulated(description)) return skipped(IS_LOCAL);
  return warning(
    'It can not: what is overwritten or deleted by mistake is lost, and every key with it.',
    `aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
  );
}

export function checkDeletionProtection({ description }: TableAnswers, name: string): Verdict {
  if ('error' in description) return skipped(UNDESCRIBED);
  if (description.answer.DeletionProtectionEnabled) return ok('It is.');
  if (isEmulated(description)) return skipped(IS_LOCAL);
  return warning(
    'It is not: one command, or a stack that is deleted, ends every key.',
    `aws dynamodb update-table --table-name ${name} --deletion-protection-enabled`,
  );
}

/** For information: either way works. */
export function checkBilling({ description }: TableAnswers): Verdict {
  if ('error' in description) return skipped(UNDESCRIBED);
  const { BillingModeSummary: billing, ProvisionedThroughput: provisioned } = description.answer;
  if (billing?.BillingMode === 'PAY_PER_REQUEST') return ok('By request: it grows and shrinks by itself.');
  const units = provisioned?.ReadCapacityUnits ?? 0;
  return ok(
    `Provisioned, ${units} read units: ${Math.floor(units / 2)} key decisions a second. Beyond them it throttles (503).`,
  );
}

function notAsked(
  { error }: { readonly error: unknown },
  description: TableAsked<TableDescription>,
  right: string,
): Verdict {
  if (isNamed(error, 'AccessDeniedException')) return skipped(`These credentials may not ask (${right}).`);
  if (isNamed(error, 'UnknownOperationException')) return skipped('This DynamoDB does not have it: a local one.');
  const { found } = explainTableError(error);
  return skipped(isAlreadySaid(found, description) ? SEE_EXISTS : found);
}

/** One cause is one problem. */
function isAlreadySaid(found: string, description: TableAsked<TableDescription>): boolean {
  return 'error' in description && explainTableError(description.error).found === found;
}

function isEmulated(description: TableAsked<TableDescription>): boolean {
  return 'answer' in description && EMULATED.test(description.answer.TableArn ?? '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
