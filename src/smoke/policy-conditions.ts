import type { Evidence, Outcome } from './check.ts';

/** What was found out about conditions in policies, and what to do about it. */
export interface PolicyConditions {
  readonly dated: Evidence | 'unknown';
  readonly networks: Evidence | 'unknown';
  /** What `GATEPASS_POLICY_CONDITIONS` is to be for this stage; left out where that can't be told. */
  readonly set?: 'on' | 'off';
  readonly why: string;
}

/** Puts together what the checks have shown. Where two disagree, the one that came last counts. */
export function concludeConditions(outcomes: readonly Outcome[]): PolicyConditions {
  const last = (kind: 'dated' | 'networks') =>
    outcomes.map((one) => (one.result === 'skipped' ? undefined : one[kind])).findLast((one) => one !== undefined);
  const dated = last('dated') ?? 'unknown';
  const networks = last('networks') ?? 'unknown';
  return { dated, networks, ...advise(dated, networks) };
}

function advise(
  dated: PolicyConditions['dated'],
  networks: PolicyConditions['networks'],
): Pick<PolicyConditions, 'set' | 'why'> {
  if (networks === 'absent') {
    return { set: 'off', why: 'a key works from outside its networks here. With off, keys with networks are refused' };
  }
  if (dated === 'ignored' || networks === 'ignored') {
    return {
      set: 'off',
      why:
        "good credentials are refused, as where a Deny holds whatever its condition says. Look at the authorizer's log " +
        'first: it says "allow" for them then. Any other reason there is what is wrong with them',
    };
  }
  if (dated === 'absent') {
    return {
      why:
        'a cached Allow outlives its token here. If GATEPASS_POLICY_CONDITIONS is on, set it to off: this platform ' +
        'passes over conditions. If it is off, set it to on and run this again to see whether it may stay so',
    };
  }
  if (dated === 'evaluated' || networks === 'evaluated') {
    return { set: 'on', why: 'each request is judged by the conditions of its policy' };
  }
  return {
    why: 'give --expiring-token where results are cached for 3 s or longer, or --inside-key with --outside-key',
  };
}
