import { InvalidArgumentError } from 'commander';
import { endOf } from '../bearer/claims.ts';
import { findKeyStart } from '../key-format/format.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { partsOf } from './forge.ts';
import type { ExpiringToken, NetworkKeys, Revocation, Route, Target } from './target.ts';

/** The command line, as commander reads it. */
export interface Options {
  readonly url: string;
  readonly path: string;
  readonly other: Route;
  readonly expect: 'rest' | 'http';
  readonly mode: Target['mode'];
  readonly cors: boolean;
  readonly key?: string;
  readonly keyPrefix?: string;
  readonly token?: string;
  readonly expiringToken?: string;
  readonly maxWait: number;
  readonly revocableKey?: string;
  readonly revoke?: string;
  readonly insideKey?: string;
  readonly outsideKey?: string;
  readonly ttl: number;
  readonly timeout: number;
  readonly json?: boolean;
}

/** The example API's routes. */
export const EXAMPLE_PATH = '/api/v1/whoami';
export const EXAMPLE_OTHER = 'POST /api/v1/other';

export function targetOf(options: Options): Target {
  const { url, path, other, expect, mode, cors, key, token, ttl, maxWait } = options;
  return {
    url,
    path,
    other,
    kind: expect,
    mode,
    hasCors: cors,
    isExample: expect === 'rest' && path === EXAMPLE_PATH,
    ttlSeconds: ttl,
    maxWaitSeconds: maxWait,
    keyPrefix: options.keyPrefix ?? findKeyStart(key ?? '')?.prefix ?? 'gp',
    key,
    token,
    expiring: expiringOf(options.expiringToken),
    revocation: revocationOf(options),
    networkKeys: networkKeysOf(options),
  };
}

/** Everything that must not be written anywhere. */
export function secretsOf(options: Options): readonly string[] {
  const { key, token, expiringToken, revocableKey, insideKey, outsideKey } = options;
  return [key, token, expiringToken, revocableKey, insideKey, outsideKey].filter((secret) => secret !== undefined);
}

function expiringOf(token: string | undefined): ExpiringToken | undefined {
  if (token === undefined) return undefined;
  const { exp } = partsOf(token).claims;
  if (typeof exp !== 'number') throw new UsageError('--expiring-token is not a JWT with an "exp".');
  return { token, end: endOf(exp) };
}

function revocationOf({ revoke, revocableKey }: Options): Revocation | undefined {
  if (revoke === undefined && revocableKey === undefined) return undefined;
  if (revoke === undefined || revocableKey === undefined) {
    throw new UsageError('--revoke and --revocable-key go together: a key, and the command that revokes it.');
  }
  return { key: revocableKey, command: revoke };
}

function networkKeysOf({ insideKey: inside, outsideKey: outside }: Options): NetworkKeys | undefined {
  if (inside === undefined && outside === undefined) return undefined;
  if (inside === undefined || outside === undefined) {
    throw new UsageError('--inside-key and --outside-key go together: one alone may fail for another reason.');
  }
  return { inside, outside };
}

export function toUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Commander would print the value of an InvalidArgumentError, and there may be a password in it.
  if (url?.username || url?.password) throw new UsageError('--url must have no user and no password.');
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('It must be an http or https URL, as https://….amazonaws.com/prod.');
  }
  if (url.search || url.hash) throw new InvalidArgumentError('It must have no query and no fragment.');
  return url.href.replace(/\/+$/, '');
}

export function toPath(text: string): string {
  if (/^\/[^\s?#]*$/.test(text)) return text;
  throw new InvalidArgumentError('It must start with a slash, below the stage, and have no query.');
}

export function toRoute(text: string): Route {
  const [, method, path] = /^(GET|HEAD|POST|PUT|PATCH|DELETE) (\/[^\s?#]*)$/.exec(text) ?? [];
  if (method !== undefined && path !== undefined) return { method, path };
  throw new InvalidArgumentError('It must be a method and a path, as "POST /api/v1/other".');
}

/** Reads a credential as it stands after `Bearer`, which many copy along with it. Doesn't tell the value it refuses. */
export function toCredential(option: string): (text: string) => string {
  return (text) => {
    const value = text.trim().replace(/^bearer\s+/i, '');
    if (value === '') throw new UsageError(`${option} is empty.`);
    if (!/^[\x21-\x7e]+$/.test(value)) throw new UsageError(`${option} has characters that no credential has.`);
    return value;
  };
}

export function toSeconds(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= 3600) return value;
    throw new InvalidArgumentError(`It must be a whole number of seconds from ${least} to 3600.`);
  };
}
