import { SECOND } from '../../support/moved-clock.ts';
import { fc } from '../../support/properties.ts';
import { CHANGE_NAMES, type ChangeName, CREDENTIAL_NAMES, type CredentialName } from './cast.ts';

export interface Step {
  /** Milliseconds since the step before. */
  readonly wait: number;
  /** What happens just before the request. */
  readonly change: ChangeName | undefined;
  readonly credential: CredentialName;
  readonly method: string;
  readonly path: string;
  readonly sourceIp: string;
}

/** The HTTP methods of API Gateway. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const PATHS = [
  '/prod/api/v1/whoami',
  '/prod/api/v1/orders/7',
  '/prod/api/v1/a:b/c%20d//e',
  '/prod/api/v1/OPTIONS/x',
  '/prod/api/v2/nothing',
] as const;

const ADDRESSES = ['192.0.2.10', '198.51.100.7', '2001:db8::1', '2001:db9::1'] as const;

/** From none to 90 s, mostly short of a TTL, now and then to a fraction of a second. */
const waits = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }).map((seconds) => seconds * SECOND) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 90 }).map((seconds) => seconds * SECOND) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 90 * SECOND }) },
);

function stepsWith(credentials: readonly CredentialName[]): fc.Arbitrary<Step[]> {
  return fc.array(
    fc.record({
      wait: waits,
      change: fc.option(fc.constantFrom(...CHANGE_NAMES), { nil: undefined, freq: 5 }),
      credential: fc.constantFrom(...credentials),
      method: fc.oneof(fc.constantFrom('GET', 'OPTIONS'), fc.constantFrom(...METHODS)),
      path: fc.constantFrom(...PATHS),
      sourceIp: fc.constantFrom(...ADDRESSES),
    }),
    { minLength: 20, maxLength: 24 },
  );
}

/** Requests with a few credentials over and over, so that what is kept for one comes to be used. */
export const sequences = fc
  .uniqueArray(fc.constantFrom(...CREDENTIAL_NAMES), { minLength: 1, maxLength: 4 })
  .chain(stepsWith);

/** Values that a header can have and that are nobody's credentials, though some look like some. */
const garbage = fc.oneof(
  fc.stringMatching(/^[!-~](?:[ -~]{0,40}[!-~])?$/),
  fc.stringMatching(/^(?:Bearer|bearer|BEARER) [!-~]{1,40}$/),
  fc.stringMatching(/^gp_live_[0-9A-Za-z]{28}_[0-9A-Za-z]{49}$/),
  fc.stringMatching(/^Bearer [\w-]{4,20}\.[\w-]{4,20}\.[\w-]{4,20}$/),
  fc.stringMatching(/^legacy_[0-9a-f]{16}$/),
  fc.constantFrom('OPTIONS', '*', 'arn:aws:execute-api:*', 'undefined', 'null', '{}', '__proto__', 'Basic Og=='),
);

/** A value, and requests with it that begin with `OPTIONS`, while nothing changes. */
export const garbageSequences = fc.tuple(
  garbage,
  stepsWith(['garbage']).map((steps) =>
    steps.map((step, index) => ({ ...step, change: undefined, method: index === 0 ? 'OPTIONS' : step.method })),
  ),
);
