/** What the text of a variable must be, and what is made of it. A variable is always text, so this is all it takes. */
export interface Schema<T = unknown> {
  readonly rules: readonly Rule[];
  /** @param text keeps all rules. */
  readonly read: (text: string) => T;
}

/** Whether a text keeps the rule, and the rule itself as a predicate: `must be …`, `has …`. */
export type Rule = readonly [isKept: (text: string) => boolean, rule: string];

export function schema<T>(read: (text: string) => T, ...rules: readonly Rule[]): Schema<T> {
  return { read, rules };
}

/** A text that is taken as it is. */
export function text(...rules: readonly Rule[]): Schema<string> {
  return schema((given) => given, ...rules);
}

export function matches(pattern: RegExp, rule: string): Rule {
  return [(given) => pattern.test(given), rule];
}

export function oneOf<const T extends string>(values: readonly T[], rule: string): Schema<T> {
  const isValue: Rule[0] = (given) => values.some((value) => value === given);
  // By its rule it is one of the values.
  return schema((given) => given as T, [isValue, rule]);
}
