import type { Settled, TableDescription, TableSettings } from '../../table/settings.ts';
import { type Check, check, type Finding, ok, problem, skip, warning } from '../check.ts';
import { isNamed, tableProblem } from '../table-error.ts';

/** The attribute by which items may be removed (docs/table.md). */
const TTL_ATTRIBUTE = 'purgeAt';

export const tableChecks: readonly Check<TableSettings>[] = [
  check('table.exists', 'There is such a table, and it is active', ({ description }) => {
    if ('error' in description) {
      if (!isNamed(description.error, 'AccessDeniedException')) return tableProblem(description.error);
      return skip`These credentials may not ask (dynamodb:DescribeTable); the authorizer need not.`;
    }
    const { TableStatus: status = 'unknown', TableArn: arn = 'It' } = description.answer;
    if (status === 'ACTIVE' || status === 'UPDATING') return ok`${arn} is ${status}.`;
    return problem`${arn} is ${status}. → Wait until it is active, or look into the stack that makes it.`;
  }),
  onDescription('table.key_schema', 'Its keys are the strings pk and sk', ({ KeySchema, AttributeDefinitions }) => {
    const keys = (KeySchema ?? []).map(({ AttributeName: name, KeyType: kind }) => {
      const attribute = AttributeDefinitions?.find((one) => one.AttributeName === name);
      return `${name} (${kind}, ${attribute?.AttributeType})`;
    });
    const found = keys.join(', ');
    if (found === 'pk (HASH, S), sk (RANGE, S)') return ok`A partition key pk and a sort key sk, both strings.`;
    return problem`Its keys are ${found}; they must be pk (HASH, S), sk (RANGE, S). → A table's keys can't be changed:
      make another, as template.yaml does, and name that one.`;
  }),
  check('table.read', 'These credentials may read it as the authorizer does', ({ batchGet, get, description }) => {
    const failed = 'error' in batchGet ? batchGet : get;
    if (!('error' in failed)) {
      return ok`BatchGetItem and GetItem, strongly consistent, work with the credentials of this shell.`;
    }
    const finding = tableProblem(failed.error);
    if (isNamed(failed.error, 'AccessDeniedException')) {
      return problem`${finding.found} → Allow dynamodb:BatchGetItem and dynamodb:GetItem on the table (and kms:Decrypt on
        its key, if it has one of yours). The function's role needs the same.`;
    }
    if (!isNamed(failed.error, 'ValidationException')) return sayOnce(finding, description);
    return problem`${finding.found} → Look at the keys of the table (table.key_schema).`;
  }),
  check(
    'table.ttl',
    `It removes items by ${TTL_ATTRIBUTE}, and by nothing else`,
    ({ timeToLive, description, name }) => {
      if ('error' in timeToLive) return notAsked(timeToLive.error, description, 'dynamodb:DescribeTimeToLive');
      const { TimeToLiveStatus: status = '', AttributeName: attribute = '' } = timeToLive.answer;
      const isOn = status === 'ENABLED' || status === 'ENABLING';
      const command = `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification`;
      if (isOn && attribute === TTL_ATTRIBUTE) return ok`It is ${status} on ${TTL_ATTRIBUTE}.`;
      if (isOn) {
        return problem`It is ${status} on ${attribute}: DynamoDB removes accounts and keys by an attribute that isn't meant
        for that. → ${command} Enabled=false,AttributeName=${attribute}; an hour later the same with
        Enabled=true,AttributeName=${TTL_ATTRIBUTE}.`;
      }
      if (isEmulated(description)) return skip`Off. ${IS_LOCAL.found}`;
      return warning`It is off: items of deleted and long expired keys stay for ever. Decisions are not affected.
      → ${command} Enabled=true,AttributeName=${TTL_ATTRIBUTE}`;
    },
  ),
  check('table.point_in_time_recovery', 'It can be restored to any moment of the last days', (settings) => {
    const { pointInTimeRecovery: recovery, description, name } = settings;
    if ('error' in recovery) return notAsked(recovery.error, description, 'dynamodb:DescribeContinuousBackups');
    if (recovery.answer === 'ENABLED') return ok`It can.`;
    if (isEmulated(description)) return IS_LOCAL;
    return warning`It can not: what is overwritten or deleted by mistake is lost, and every key with it.
      → aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification
      PointInTimeRecoveryEnabled=true`;
  }),
  onDescription('table.deletion_protection', 'It is protected from being deleted', (description, name) => {
    if (description.DeletionProtectionEnabled) return ok`It is.`;
    if (isEmulated({ answer: description })) return IS_LOCAL;
    return warning`It is not: one command, or a stack that is deleted, ends every key.
      → aws dynamodb update-table --table-name ${name} --deletion-protection-enabled`;
  }),
  onDescription('table.billing', 'For information: how its capacity is paid for', (description) => {
    const { BillingModeSummary: billing, ProvisionedThroughput: provisioned } = description;
    if (billing?.BillingMode === 'PAY_PER_REQUEST') return ok`By request: it grows and shrinks by itself.`;
    const units = provisioned?.ReadCapacityUnits ?? 0;
    return ok`Provisioned, ${units} read units: ${Math.floor(units / 2)} key decisions a second. Beyond them it throttles
      (503).`;
  }),
];

function onDescription(
  name: string,
  expected: string,
  judge: (description: TableDescription, name: string) => Finding,
): Check<TableSettings> {
  return check(name, expected, (settings) => {
    const { description } = settings;
    return 'error' in description ? skip`The table could not be described.` : judge(description.answer, settings.name);
  });
}

function notAsked(error: unknown, description: Settled<TableDescription>, right: string): Finding {
  if (isNamed(error, 'AccessDeniedException')) return skip`These credentials may not ask (${right}).`;
  if (isNamed(error, 'UnknownOperationException')) return skip`This DynamoDB does not have it: a local one.`;
  return sayOnce(skip`${tableProblem(error).found}`, description);
}

/** One cause is one problem. */
function sayOnce(finding: Finding, description: Settled<TableDescription>): Finding {
  const isSaid = 'error' in description && tableProblem(description.error).found === finding.found;
  return isSaid ? skip`It failed for the reason that table.exists says.` : finding;
}

const IS_LOCAL = skip`A local table, whose data are of no lasting worth.`;

/** Emulators give their tables to an account that AWS has not: DynamoDB Local, dynalite and others alike. */
function isEmulated(description: Settled<TableDescription>): boolean {
  const arn = 'answer' in description ? description.answer.TableArn : undefined;
  return arn !== undefined && /^arn:aws:dynamodb:[^:]*:000000000000:/.test(arn);
}
