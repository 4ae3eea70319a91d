import {
  type Claims,
  checkAudience,
  checkClient,
  checkIssuer,
  checkSubject,
  checkType,
  checkUnbound,
} from '../../bearer/claims.ts';
import type { Config } from '../../config/config.ts';
import type { DenialReason } from '../../decision.ts';
import { Fault } from '../../fault.ts';
import { type Group, ok, shown, skipped, type Verdict } from '../check.ts';
import * as advice from './token-remedies.ts';

export type TokenVerdicts = Readonly<Record<Group<'token'>, Verdict>>;

/** What one run of the authorizer's own code came to: `allow`, a reason to refuse, or a fault. */
export type Outcome = 'allow' | DenialReason | Fault;

/** What the header and the signature are worth, whatever the claims are. */
export function examineProof(
  proof: Outcome,
  header: Claims,
  claims: Claims,
): Pick<TokenVerdicts, 'token.alg' | 'token.kid' | 'token.signature'> {
  const alg = ok('RS256.');
  const kid = ok(`The realm publishes ${shown(header['kid'])}.`);
  const unasked = skipped('Not examined after what is wrong above.');
  if (proof instanceof Fault) {
    const unknown = skipped("The realm's keys could not be fetched.");
    return { 'token.alg': alg, 'token.kid': unknown, 'token.signature': unknown };
  }
  switch (proof) {
    case 'token.algorithm':
      return { 'token.alg': advice.otherAlgorithm(header, claims), 'token.kid': unasked, 'token.signature': unasked };
    case 'token.critical':
      return { 'token.alg': advice.criticalHeader(header), 'token.kid': unasked, 'token.signature': unasked };
    case 'token.key_id':
    case 'token.unknown_key':
    case 'token.unsuitable_key':
      return { 'token.alg': alg, 'token.kid': advice.badKey(proof, header), 'token.signature': unasked };
    case 'token.signature':
      return { 'token.alg': alg, 'token.kid': kid, 'token.signature': advice.badSignature() };
    default:
      return { 'token.alg': alg, 'token.kid': kid, 'token.signature': ok("The realm's key verifies it.") };
  }
}

/** Each claim by the authorizer's own check of it, whatever the others are. */
export function examineClaims(
  claims: Claims,
  { issuer, audience, clients }: Pick<Config, 'issuer' | 'audience' | 'clients'>,
): Pick<TokenVerdicts, 'token.iss' | 'token.typ' | 'token.sub' | 'token.aud' | 'token.azp' | 'token.cnf'> {
  return {
    'token.iss': checkIssuer(claims, issuer) ? advice.otherIssuer(claims, issuer) : ok(`${issuer}.`),
    'token.typ': checkType(claims) ? advice.otherType(claims) : ok('Its typ is Bearer.'),
    'token.sub': checkSubject(claims) ? advice.noSubject(claims) : ok(`${shown(claims['sub'])}.`),
    'token.aud': checkAudience(claims, audience)
      ? advice.otherAudience(claims, audience)
      : ok(audience === 'any' ? `${shown(claims['aud'])}; any is accepted.` : `${shown(claims['aud'])}.`),
    'token.azp': checkClient(claims, clients)
      ? advice.otherClient(claims, clients)
      : ok(clients === 'any' ? `${shown(claims['azp'])}; any is accepted.` : `${shown(claims['azp'])}.`),
    'token.cnf': checkUnbound(claims) ? advice.bound(claims) : ok('It is bound to no key and no certificate.'),
  };
}
