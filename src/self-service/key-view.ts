/** A key as openapi.yaml describes it: what the API gives and the page shows. All times are RFC 3339, in UTC. */
export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly scope?: string;
  readonly networks: readonly string[];
  readonly state: 'active' | 'in_grace' | 'disabled' | 'expired';
  readonly graceEndsAt?: string;
  readonly disabledBy?: 'user' | 'operator' | 'sync' | 'leak';
  readonly leakedAt?: string;
  readonly leakedWhere?: string;
  readonly createdAt: string;
  readonly rotatedAt?: string;
  readonly expiresAt?: string;
  readonly lastUsedAt?: string;
}

export interface KeyListView {
  readonly keys: readonly KeyView[];
  /** Where usage is recorded: since when. Of a key that was not used since then nothing is known before. */
  readonly usageSince?: string;
}

/** How a key was used in the last days up to today (UTC), the earliest first. */
export interface UsageView {
  readonly days: readonly {
    /** `YYYY-MM-DD` */
    readonly day: string;
    /** In how many minutes of the day the key was let in, and refused: not how many requests there were. */
    readonly minutesUsed: number;
    readonly minutesRefused: number;
  }[];
  /** From where it was used: a sample, with `more` if some were left out. */
  readonly addresses: readonly string[];
  readonly more: boolean;
}
