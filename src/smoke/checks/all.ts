import { type Check, skip } from '../check.ts';
import type { Target } from '../target.ts';
import { allowedChecks } from './allowed.ts';
import { apiKeyRefusals, conflictsWithKey } from './api-key-refusals.ts';
import { expiryChecks } from './expiry.ts';
import { missingChecks } from './missing.ts';
import { networkChecks } from './networks.ts';
import { preflightChecks } from './preflight.ts';
import { revocationChecks } from './revocation.ts';
import { tokenRefusals } from './token-refusals.ts';

/** Every row of the contract, those that wait last. */
export function allChecks(target: Target): readonly Check[] {
  return [
    ...missingChecks(target),
    ...apiKeyRefusals(target),
    ...tokenRefusals(target),
    ...allowedChecks(target),
    ...conflictsWithKey(target),
    ...preflightChecks(target),
    ...networkChecks(target),
    FAULT,
    ...expiryChecks(target),
    ...revocationChecks(target),
  ];
}

const FAULT: Check = {
  name: 'A fault is answered with 503, and never lets through or refuses',
  expected: '503 {"error":"unavailable","message":"Authorization is temporarily unavailable"} with Retry-After',
  run: () => skip("a fault can't be caused from outside: take away the table or the realm to see one"),
};
