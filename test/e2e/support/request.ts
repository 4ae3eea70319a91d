import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

const SAMPLE = new URL('../../../events/bearer-valid.json', import.meta.url);

/** The stage of the sample event. */
export const STAGE_ARN = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod';

/** The sample event of a REST API's authorizer, with an `Authorization` value and a request id of its own. */
export async function requestWith(authorization: string, requestId: string): Promise<unknown> {
  const maps = { headers: v.looseObject({}), multiValueHeaders: v.looseObject({}), requestContext: v.looseObject({}) };
  const event = v.parse(v.looseObject(maps), JSON.parse(await readFile(SAMPLE, 'utf8')));
  return {
    ...event,
    headers: { ...event.headers, Authorization: authorization },
    multiValueHeaders: { ...event.multiValueHeaders, Authorization: [authorization] },
    requestContext: { ...event.requestContext, requestId },
  };
}
