import * as v from 'valibot';
import { accountCheck, issuer, tableName } from '../schemas.ts';

/** An environment variable, as the functions, the commands and the docs know it. */
export interface Variable {
  /** Of its text. `v.optional` tells that it may be left out, and its default. */
  readonly schema: v.GenericSchema;
  /** What a good value looks like. */
  readonly example: string;
  readonly meaning: string;
  /** The option of the commands that stands for it, if one does. */
  readonly option?: string;
}

/**
 * The variables that one part reads. Each part has a file of its own: the bundler keeps all schemas of a file, and the
 * authorizer's bundle should carry its own alone.
 */
export type Variables = Readonly<Record<string, Variable>>;

/** What more than one function reads. */
export const TABLE = {
  schema: tableName,
  example: 'gatepass',
  meaning: 'the DynamoDB table',
  option: '--table <name>',
} as const;

export const ISSUER = {
  schema: issuer,
  example: 'https://id.example.com/realms/main',
  meaning: "the realm's URL, exactly as in iss",
  option: '--issuer <url>',
} as const;

export const ACCOUNT_CHECK = {
  schema: v.optional(accountCheck, 'keys'),
  example: 'all',
  meaning: 'all: a token of a disabled or deleted account, or a revoked one, is refused too',
  option: '--account-check <which>',
} as const;
