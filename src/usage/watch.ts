import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Values } from '../config/read-variables.ts';
import type { USAGE_VARIABLES } from '../config/variables/usage.ts';
import type { Clock } from '../decision.ts';
import { unusualLine } from './recorder-log.ts';
import { judge, type Thresholds, type Watch } from './unusual.ts';

/** How long one of three tries to send a message may take. */
const ATTEMPT_MS = 3000;

/** Tells of unusual activity by a line of the log and, where there is a topic, by a message. */
export function createWatch(values: Values<typeof USAGE_VARIABLES>, write: (line: string) => void, now: Clock): Watch {
  const thresholds: Thresholds = {
    newBlockDays: values.GATEPASS_USAGE_NEW_BLOCK_DAYS,
    silenceDays: values.GATEPASS_USAGE_SILENCE_DAYS,
    refusedMinutes: values.GATEPASS_USAGE_REFUSED_MINUTES,
  };
  const TopicArn = values.GATEPASS_USAGE_TOPIC;
  const client = TopicArn === undefined ? undefined : createClient();
  return {
    judge: (before, lines) => judge(before, lines, thresholds),
    async tell(keyId, unusual) {
      for (const one of unusual) {
        write(unusualLine(keyId, one, now()));
        const Message = `Key ${keyId} was ${one.text}.\n\nSee it with: gatepass usage ${keyId}`;
        await client?.send(new PublishCommand({ TopicArn, Subject: `Gatepass: ${one.kind} of a key`, Message }));
      }
    },
  };
}

function createClient(): SNSClient {
  const requestHandler = { connectionTimeout: ATTEMPT_MS, requestTimeout: ATTEMPT_MS, throwOnRequestTimeout: true };
  return new SNSClient({ maxAttempts: 3, requestHandler });
}
