import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { type GatepassCaller, getCaller } from '../caller/index.ts';
import { Refusal } from './refusal.ts';

const MAX_BODY_BYTES = 16 * 1024;

export interface CallerRules {
  readonly clientIds: readonly string[];
  readonly role: string | undefined;
}

/**
 * Who may manage keys: a user who has signed in at one of the clients for it, with the role if one is demanded.
 *
 * The authorizer in front of this function lets no other token pass; this is asked all the same, so that a mistake
 * there doesn't let an API key make API keys, or another client's short-lived token become a key for a year.
 *
 * @throws Refusal `bearer_required`, `client_not_allowed`, `role_required`
 */
export function readCaller(event: APIGatewayProxyEvent, { clientIds, role }: CallerRules): GatepassCaller {
  const caller = getCaller(event);
  if (caller?.authMethod !== 'bearer') throw new Refusal('bearer_required');
  if (caller.clientId === undefined || !clientIds.includes(caller.clientId)) throw new Refusal('client_not_allowed');
  if (role !== undefined && !caller.roles.includes(role)) throw new Refusal('role_required');
  return caller;
}

/** The caller's own token, to ask the realm with. */
export function readAccessToken({ headers }: APIGatewayProxyEvent): string {
  const [, token] = /^Bearer +(\S+)$/i.exec(headerOf(headers, 'authorization') ?? '') ?? [];
  if (token === undefined) throw new Refusal('bearer_required');
  return token;
}

/**
 * Reads a body by its schema.
 *
 * @throws Refusal `unsupported_media_type`, `too_large`, `invalid_input` with the fields at fault.
 */
export function readBody<Schema extends v.GenericSchema>(
  { headers, body, isBase64Encoded }: APIGatewayProxyEvent,
  schema: Schema,
): v.InferOutput<Schema> {
  // A page of another origin can send other types without asking first (Fetch, section 4.10), but not this one.
  const [type] = (headerOf(headers, 'content-type') ?? '').split(';');
  if (type?.trim().toLowerCase() !== 'application/json') throw new Refusal('unsupported_media_type');
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw new Refusal('too_large');
  const result = v.safeParse(schema, parseJson(bytes.toString('utf8')));
  if (result.success) return result.output;
  throw new Refusal('invalid_input', { fields: fieldsOf(result.issues) });
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // as bad as JSON that is no object
  }
  throw new Refusal('invalid_input', { fields: { body: 'It is not a JSON object.' } });
}

/** Field names are the schema's: what a caller made up is not repeated. */
function fieldsOf(issues: readonly v.BaseIssue<unknown>[]): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const issue of issues) {
    const isUnknown = issue.type === 'strict_object' && issue.expected === 'never';
    const [first] = isUnknown ? [] : (issue.path ?? []);
    const name = typeof first?.key === 'string' ? first.key : 'body';
    fields[name] ??= isUnknown ? 'It has a field that is not known here.' : issue.message;
  }
  return fields;
}

function headerOf(headers: APIGatewayProxyEvent['headers'], name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([one]) => one.toLowerCase() === name)?.[1];
}
