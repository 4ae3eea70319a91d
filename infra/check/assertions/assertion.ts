/** What must hold of a subject, and how what doesn't is found. */
export interface Assertion<Subject> {
  readonly holds: string;
  faults(subject: Subject): Iterable<string>;
}

export interface Finding {
  readonly assertion: string;
  readonly fault: string;
}

/** What is wrong with a subject, one assertion after the other. */
export function* findFaults<Subject>(
  assertions: Readonly<Record<string, Assertion<Subject>>>,
  subject: Subject,
): Generator<Finding> {
  for (const [assertion, { faults }] of Object.entries(assertions)) {
    for (const fault of faults(subject)) yield { assertion, fault };
  }
}
