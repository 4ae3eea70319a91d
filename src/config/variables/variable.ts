import { accountCheck, issuer, tableName } from '../schemas.ts';
import type { Schema } from '../text-schema.ts';

/** An environment variable, as the functions, the commands and the docs know it. */
export interface Variable {
  readonly schema: Schema;
  /** The text that stands for it where it isn't set. */
  readonly default?: string;
  /** It may be left out, and then has no value. */
  readonly isOptional?: true;
  /** What a good value looks like. */
  readonly example: string;
  readonly meaning: string;
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
} as const;

export const ISSUER = {
  schema: issuer,
  example: 'https://id.example.com/realms/main',
  meaning: "the realm's URL, exactly as in iss",
} as const;

export const ACCOUNT_CHECK = {
  schema: accountCheck,
  default: 'keys',
  example: 'all',
  meaning: 'all: a token of a disabled or deleted account, or a revoked one, is refused too',
} as const;
