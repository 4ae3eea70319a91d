/** The one table from an error's code to its answer. Codes are stable; the message says what to do. */
export const REFUSALS = {
  invalid_input: { status: 400, message: 'Something in the request is not as it must be.' },
  bearer_required: { status: 403, message: 'An API key can not manage API keys: sign in as a user.' },
  client_not_allowed: { status: 403, message: 'Tokens of this client can not manage API keys.' },
  role_required: { status: 403, message: 'Your account may not manage API keys: ask an operator for the role.' },
  session_ended: { status: 403, message: 'Your session has ended: sign in again.' },
  account_disabled: { status: 403, message: 'Your account is disabled or deleted: ask an operator.' },
  not_found: { status: 404, message: 'There is no such key of yours: it may have been deleted.' },
  usage_not_recorded: { status: 404, message: 'The use of keys is not recorded here.' },
  name_taken: { status: 409, message: 'You have a live key of this name: choose another, or delete that key.' },
  too_many_keys: { status: 409, message: 'You have as many keys as an account may have: delete one first.' },
  key_in_grace: {
    status: 409,
    message:
      'This key was rotated a short while ago and two of its secrets work: say with "discard" whether the current one ' +
      'or the replaced one ends now.',
  },
  key_not_active: { status: 409, message: 'This key is disabled or has expired: enable it, or make a new one.' },
  disabled_by_other: { status: 409, message: 'This key was not disabled by you: ask an operator, or make a new key.' },
  too_large: { status: 413, message: 'A request may have 16 KB at most.' },
  unsupported_media_type: { status: 415, message: 'Send JSON, with the content type application/json.' },
  too_many_changes: { status: 429, message: 'You have changed keys too often today: try again tomorrow.' },
  unavailable: { status: 503, message: 'That can not be done just now: try again in a while.' },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A request that is refused, and so changed nothing. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  /** With `invalid_input`: what is wrong with each field. */
  readonly fields: Readonly<Record<string, string>> | undefined;

  constructor(code: RefusalCode, options: ErrorOptions & { readonly fields?: Readonly<Record<string, string>> } = {}) {
    super(REFUSALS[code].message, options);
    this.code = code;
    this.fields = options.fields;
  }
}
