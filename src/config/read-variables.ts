import type { Schema } from './text-schema.ts';
import type { Variable, Variables } from './variables/variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Values<Of extends Variables> = { readonly [Name in keyof Of]: Value<Of[Name]> };

type Value<Of extends Variable> =
  | (Of['schema'] extends Schema<infer T> ? T : never)
  | (Of extends { readonly isOptional: true } ? undefined : never);

/** What is wrong with a variable. */
export interface Problem {
  readonly variable: string;
  /** A predicate: `is missing`, `must be …`. */
  readonly problem: string;
  readonly example?: string | undefined;
}

/**
 * Reads variables out of an environment; an empty one counts as not set.
 *
 * @param findConflicts finds what is wrong with values that are good each by itself.
 * @returns the values, or every problem at once. An unknown `GATEPASS_*` name is a problem too, so that a misspelt
 *   variable doesn't become a default.
 */
export function readVariables<Of extends Variables>(
  variables: Of,
  env: Environment,
  findConflicts: (values: Partial<Values<Of>>) => readonly Problem[] = () => [],
): { readonly values: Values<Of> } | { readonly problems: readonly Problem[] } {
  const names = Object.keys(variables);
  const problems: Problem[] = Object.entries(env)
    .filter(([name, value]) => name.startsWith('GATEPASS_') && value && !names.includes(name))
    .map(([variable]) => ({ variable, problem: `is not a variable of this function: use one of ${names.join(', ')}` }));
  // Filled below: it has all of them once there is no problem.
  const values = {} as { -readonly [Name in keyof Of]: Values<Of>[Name] };
  for (const [name, variable] of Object.entries(variables) as [keyof Of & string, Of[keyof Of & string]][]) {
    const read = readVariable(variable, env[name]);
    if ('problems' in read) {
      problems.push(...read.problems.map((problem) => ({ variable: name, problem, example: variable.example })));
    } else values[name] = read.value;
  }
  problems.push(...findConflicts(values));
  return problems.length === 0 ? { values } : { problems };
}

/** Reads one variable. @returns its value, or every problem as a predicate. */
export function readVariable<Of extends Variable>(
  variable: Of,
  given: string | undefined,
): { readonly value: Value<Of> } | { readonly problems: readonly string[] } {
  const { schema, meaning, isOptional }: Variable = variable;
  const text = given || variable.default;
  if (text === undefined && !isOptional) return { problems: [`is missing (${meaning})`] };
  const broken = text === undefined ? [] : schema.rules.filter(([isKept]) => !isKept(text));
  if (broken.length > 0) return { problems: broken.map(([, rule]) => rule) };
  // What its schema gives, or nothing, which only an optional one may be.
  return { value: (text === undefined ? undefined : schema.read(text)) as Value<Of> };
}

/** A problem as one sentence for people. */
export function formatProblem({ variable, problem, example }: Problem): string {
  return `${variable} ${problem}${example === undefined ? '' : `, for example ${example}`}`;
}

/**
 * The same for a function that can do nothing without them.
 *
 * @throws Error whose message has every problem.
 */
export function requireVariables<Of extends Variables>(variables: Of, env: Environment): Values<Of> {
  const read = readVariables(variables, env);
  if ('problems' in read) throw new Error(formatProblems(read.problems));
  return read.values;
}

/** All problems for people, a line each. */
export function formatProblems(problems: readonly Problem[]): string {
  return `The configuration is not valid:${problems.map((one) => `\n  - ${formatProblem(one)}`).join('')}`;
}
