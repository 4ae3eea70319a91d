import { decompose, MAX_TOKEN_LENGTH } from '../bearer/jws.ts';
import { readPasted } from '../doctor/pasted.ts';
import { UsageError } from '../terminal/usage-error.ts';

/** What an access token says of its realm and of the API that it is for. Nothing of it is verified here. */
export interface TokenFacts {
  /** Is never stored, and never shown. */
  readonly value: string;
  readonly issuer: string;
  /** Its `aud` without `account`, which Keycloak writes into nearly every token and which says nothing. */
  readonly audiences: readonly string[];
}

/** What to do about a token that names no API. */
export const NO_AUDIENCE =
  'The token is for no API: its aud has nothing, or account alone. Add an audience mapper for your API to the client ' +
  '(docs/keycloak.md, step 3), and get a new token.';

/** Reads a token in any form that people paste. @throws UsageError when there is none. */
export function readTokenFacts(text: string): TokenFacts {
  const pasted = readPasted(text, { keyPrefix: 'gp', importedPrefixes: [] });
  if (typeof pasted === 'string') throw new UsageError(pasted);
  const { iss, aud } = (pasted.value.length <= MAX_TOKEN_LENGTH && decompose(pasted.value)?.claims) || {};
  if (typeof iss !== 'string') throw new UsageError('That is not an access token of a realm: it has no "iss".');
  const audiences = [aud].flat().filter((one): one is string => typeof one === 'string' && one !== 'account');
  return { value: pasted.value, issuer: iss, audiences };
}

/** The one API that a token is for. @throws UsageError when it is for none, or for several. */
export function audienceOf({ audiences }: TokenFacts): string {
  const [only, ...others] = audiences;
  if (only === undefined) throw new UsageError(NO_AUDIENCE);
  if (others.length > 0) {
    throw new UsageError(`The token is for ${audiences.join(', ')}. Say which is your API: --audience NAME.`);
  }
  return only;
}
