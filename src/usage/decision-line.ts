import * as v from 'valibot';
import { isKeyId } from '../key-format/format.ts';
import { KEEP_SECONDS } from '../table/usage.ts';

/** What a line of the decision log tells of a key's usage. Times in epoch milliseconds. */
export interface Sighting {
  readonly keyId: string;
  readonly at: number;
  readonly sourceIp: string | undefined;
  /** Absent: the key was used. */
  readonly refusedFor: string | undefined;
  /** Whether the secret was one of the key's, be it replaced. Key ids are public: without one anybody may have asked. */
  readonly isProven: boolean;
  /** Of a replaced secret: when its grace began and ends. */
  readonly grace: { readonly since: number; readonly until: number } | undefined;
}

/** Why a line is passed over. `unrelated`: a decision of ours that tells nothing of a key. */
export type PassedOver = 'unrelated' | 'foreign' | 'broken' | 'future' | 'outdated';

const MINUTE_MS = 60_000;

/** How far a function's clock may be ahead of this one's, and how old a line may be: its hour's item would have gone. */
const MAX_AHEAD_MS = 5 * MINUTE_MS;
const MAX_AGE_MS = KEEP_SECONDS * 1000;

/** A refusal for which an Allow's own policy is the reason. The reasons of the log have no dot in their first part. */
export const OUTSIDE_NETWORKS = 'outside_networks';

/** As a decision line has it: nothing else is taken for a moment. */
const moment = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/),
  v.transform((text) => Date.parse(text)),
  v.number(),
);

/** What makes a line one of the decision log. */
const ownLine = v.object({ outcome: v.string(), reason: v.string(), authMethod: v.string(), decisions: v.literal(1) });

const keyLine = v.object({
  timestamp: moment,
  outcome: v.picklist(['allow', 'deny']),
  reason: v.pipe(v.string(), v.regex(/^api_key\.[a-z_]{1,32}$/)),
  apiKeyId: v.pipe(v.string(), v.check(isKeyId)),
  sourceIp: v.optional(v.pipe(v.string(), v.maxLength(64))),
  outsideNetworks: v.optional(v.boolean()),
  secret: v.optional(v.picklist(['current', 'replaced'])),
  secretSince: v.optional(moment),
  secretUntil: v.optional(moment),
});

/**
 * Reads a line of the decision log, or tells why it is passed over.
 *
 * An `api_key.unknown` tells of no key: anybody may have made its id up.
 *
 * @param now in epoch milliseconds.
 */
export function readLine(text: string, now: number): Sighting | PassedOver {
  const json = parseJson(text);
  if (!v.is(ownLine, json)) return 'foreign';
  const isOfKey = (json.outcome === 'allow' || json.outcome === 'deny') && json.reason !== 'api_key.unknown';
  if (!isOfKey || json.authMethod !== 'api_key' || !('apiKeyId' in json)) return 'unrelated';
  const read = v.safeParse(keyLine, json);
  if (!read.success) return 'broken';
  const { timestamp: at, outcome, reason, apiKeyId, sourceIp, outsideNetworks, secret } = read.output;
  if (at > now + MAX_AHEAD_MS) return 'future';
  if (at < now - MAX_AGE_MS) return 'outdated';
  const { secretSince, secretUntil } = read.output;
  return {
    keyId: apiKeyId,
    at,
    sourceIp,
    refusedFor: outcome === 'deny' ? reason : outsideNetworks ? OUTSIDE_NETWORKS : undefined,
    isProven: secret !== undefined || outcome === 'allow',
    grace: secretUntil === undefined ? undefined : { since: secretSince ?? at, until: secretUntil },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
