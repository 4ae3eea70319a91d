import type { KeyListView, KeyView, UsageView } from '../key-view.ts';
import { words } from './words.ts';

/** The keys API of openapi.yaml, as the page calls it. */
export interface Me {
  readonly userId: string;
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly scopes: readonly { readonly value: string; readonly label: string }[];
  readonly maxDays: number;
}

export type Key = KeyView;
export type KeyList = KeyListView;
export type Usage = UsageView;

/** A key that was just made: the only moment at which it can be shown. */
export interface ShownKey {
  readonly apiKey: string;
  readonly key: Key;
}

interface NewKey {
  readonly name: string;
  readonly scope?: string;
  readonly expiresInDays: number;
  readonly networks?: readonly string[];
}

interface Rotation {
  readonly graceSeconds: number;
  /** `current` or `replaced`, during a grace. */
  readonly discard: string | undefined;
}

/** The API refused. `code` is stable; `fields` says what is wrong with which input. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;

  constructor({ error, message, fields = {} }: ErrorBody) {
    super(message);
    this.code = error;
    this.fields = fields;
  }
}

interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export interface KeysApi {
  me(): Promise<Me>;
  list(): Promise<KeyList>;
  usage(id: string): Promise<Usage>;
  create(newKey: NewKey): Promise<ShownKey>;
  rotate(id: string, rotation: Rotation): Promise<ShownKey>;
  change(id: string, change: { readonly name?: string; readonly active?: boolean }): Promise<Key>;
  remove(id: string): Promise<void>;
}

/**
 * @param base the page's path, below which the API is.
 * @param accessToken gives a token that still lives, or rejects when the session has ended.
 */
export function createKeysApi(base: string, accessToken: () => Promise<string>): KeysApi {
  async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${base}/api/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await accessToken()}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(errorIn(text, response.status));
    // The server is ours and of the same version as this page.
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  return {
    me: () => ask('GET', 'me'),
    list: () => ask('GET', 'keys'),
    usage: (id) => ask('GET', `keys/${id}/usage`),
    create: (newKey) => ask('POST', 'keys', newKey),
    rotate: (id, rotation) => ask('POST', `keys/${id}/rotate`, rotation),
    change: (id, change) => ask('PATCH', `keys/${id}`, change),
    remove: (id) => ask('DELETE', `keys/${id}`),
  };
}

/** API Gateway answers some errors by itself, with other bodies than ours. */
function errorIn(text: string, status: number): ErrorBody {
  try {
    const { error, message, fields } = JSON.parse(text);
    if (typeof message === 'string') {
      return { error: typeof error === 'string' ? error : 'unknown', message, fields: fields ?? {} };
    }
  } catch {
    // no JSON
  }
  return { error: 'unknown', message: words.unknownAnswer(status) };
}
