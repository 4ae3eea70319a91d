import * as v from 'valibot';
import type { Clock } from '../decision.ts';

/** What is read of the service account's own token, which the realm has just given: nothing is verified. */
const claimsSchema = v.object({
  iat: v.optional(v.number()),
  exp: v.optional(v.number()),
  sub: v.optional(v.string()),
  resource_access: v.optional(v.record(v.string(), v.object({ roles: v.optional(v.array(v.string())) }))),
});

export type ServiceClaims = v.InferOutput<typeof claimsSchema>;

export interface ServiceToken {
  /** A token that is good for some seconds yet. Those who ask at once share one request. */
  current(): Promise<string>;
  /** Makes the next one new, because the realm no longer takes this one. */
  forget(): void;
}

/** A token is replaced this long before its end, or at half its life if that is shorter: some live for a minute. */
const MARGIN_MS = 10_000;
/** For a token that doesn't say. */
const LIFETIME_MS = 60_000;

/** Keeps the service account's token. Its life is counted by our own clock from when it was asked for. */
export function createServiceToken(request: () => Promise<string>, now: Clock): ServiceToken {
  let inHand: { readonly token: Promise<string>; goodUntil: number } | undefined;

  function renew(): Promise<string> {
    const askedAt = now();
    const token = request();
    const next = { token, goodUntil: Number.POSITIVE_INFINITY };
    inHand = next;
    token.then(
      (text) => {
        const { iat, exp } = readClaims(text);
        const life = iat === undefined || exp === undefined ? LIFETIME_MS : (exp - iat) * 1000;
        next.goodUntil = askedAt + life - Math.min(MARGIN_MS, life / 2);
      },
      () => {
        if (inHand === next) inHand = undefined;
      },
    );
    return token;
  }

  return {
    current: () => (inHand !== undefined && now() < inHand.goodUntil ? inHand.token : renew()),
    forget: () => {
      inHand = undefined;
    },
  };
}

/** @returns no claims for what isn't a JWT. */
export function readClaims(token: string): ServiceClaims {
  try {
    return v.parse(claimsSchema, JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}
