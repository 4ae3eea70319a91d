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
