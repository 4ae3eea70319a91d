import { askRealm } from '../bearer/fetch-jwks.ts';
import type { Environment } from '../config/read-variables.ts';
import type { Clock } from '../decision.ts';
import type { AskRealm } from '../doctor/realm-facts.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { type Style, styleFor } from '../terminal/style.ts';

/** What `doctor` and `explain` have around them. */
export interface Surroundings {
  readonly askRealm: AskRealm;
  readonly fetch: typeof fetch;
  readonly now: Clock;
  readonly env: Environment;
  readonly style: Style;
  /** How wide the terminal is; absent where there is none. */
  readonly columns?: number | undefined;
  /** Reads a secret from standard input, never echoed. @throws UsageError when there is none. */
  readSecret(what: string): Promise<string>;
  setExitStatus(status: number): void;
}

export function ofThisProcess(): Surroundings {
  return {
    askRealm,
    fetch,
    now: Date.now,
    env: process.env,
    style: styleFor(process.stdout),
    columns: process.stdout.columns,
    readSecret,
    setExitStatus: (status) => {
      process.exitCode = status;
    },
  };
}
