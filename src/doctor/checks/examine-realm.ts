import type { Clock } from '../../decision.ts';
import { type Asked, ask, type Fetch } from '../ask.ts';
import { type Checks, type Group, skipped, type Verdict } from '../check.ts';
import { checkClock, type ShownClock } from './clocks.ts';
import type { GivenValues } from './configuration.ts';
import {
  checkAlgorithm,
  checkDiscovery,
  checkHttps,
  checkJwksAddress,
  checkJwksAnswer,
  defaultJwksUri,
  discoveryUrl,
  readDiscovery,
} from './realm.ts';
import { checkSameKeys, checkSigningKey, readKeys } from './realm-keys.ts';

interface RealmParts {
  readonly values: GivenValues;
  readonly fetch: Fetch;
  readonly now: Clock;
}

type RealmChecks = Checks<Group<'realm'> | 'clock.realm'>;

/** Begins to ask the realm. `jwks` is the answer with its keys, for whoever else needs them. */
export function startRealmChecks({ values, fetch, now }: RealmParts): {
  readonly checks: RealmChecks;
  readonly jwks: Promise<Asked> | undefined;
} {
  const issuer = values['GATEPASS_ISSUER'] || undefined;
  const configuredUri = values['GATEPASS_JWKS_URI'] || undefined;
  const uri = configuredUri ?? (issuer && defaultJwksUri(issuer));
  const discovery = issuer === undefined ? undefined : ask(discoveryUrl(issuer), fetch, now);
  const jwks = uri === undefined ? undefined : ask(uri, fetch, now);

  const without = Promise.resolve(skipped('No issuer is given (--issuer).'));
  const withIssuer = async (check: (asked: Asked, issuer: string) => Verdict | Promise<Verdict>) =>
    discovery === undefined || issuer === undefined ? without : check(await discovery, issuer);

  async function checkJwksUri(asked: Asked, used: string): Promise<Verdict> {
    const outside = checkJwksAnswer(asked);
    const keys = readKeys(asked);
    const described = discovery && readDiscovery(await discovery);
    if (outside.severity === 'problem' || keys === undefined) return outside;
    if (configuredUri === undefined) return checkJwksAddress(used, described) ?? outside;
    const own = described?.jwksUri;
    if (typeof own !== 'string' || own === used) return outside;
    return checkSameKeys(keys, readKeys(await ask(own, fetch, now))) ?? outside;
  }

  return {
    jwks,
    checks: {
      'realm.https': uri === undefined ? without : Promise.resolve(checkHttps(issuer ? [issuer, uri] : [uri])),
      'realm.discovery': withIssuer((asked, name) => checkDiscovery(asked, name, configuredUri === undefined)),
      'realm.algorithm': withIssuer((asked) => checkAlgorithm(readDiscovery(asked))),
      'realm.jwks_uri': jwks && uri ? jwks.then((asked) => checkJwksUri(asked, uri)) : without,
      'realm.signing_key': jwks ? jwks.then((asked) => checkSigningKey(asked, readKeys(asked))) : without,
      'clock.realm': jwks === undefined ? without : checkRealmClock([discovery, jwks]),
    },
  };
}

/** By whichever answer shows a clock: Keycloak itself sends no `Date`, what stands before it mostly does. */
async function checkRealmClock(asked: readonly (Promise<Asked> | undefined)[]): Promise<Verdict> {
  const clocks = (await Promise.all(asked)).flatMap((one): ShownClock[] => {
    if (one === undefined || 'failure' in one) return [];
    const header = (name: string) => one.headers.get(name) ?? undefined;
    return [{ date: header('date'), age: header('age'), sentAt: one.sentAt, answeredAt: one.answeredAt }];
  });
  const shownClock = clocks.find(({ date }) => date !== undefined);
  if (clocks.length === 0) return skipped('The realm did not answer.');
  if (shownClock === undefined) {
    return skipped(
      'Keycloak sends no Date header, and nothing before it adds one. A new token shows its clock (--token-stdin).',
    );
  }
  const todo = 'Set the clock that is wrong by NTP: this machine’s if the table’s differs too, else the realm’s.';
  return checkClock("The realm's", shownClock, todo);
}
