import { InvalidArgumentError } from 'commander';
import { AdminError } from '../accounts/admin-error.ts';
import { expiryOf } from '../accounts/expiry.ts';
import { toSeconds } from '../seconds.ts';

/** Parses the value of an option by a rule of users and keys: what it refuses is said with the option's name. */
export function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw error instanceof AdminError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

/** The same for an option that takes several values. */
export function checkedList<T>(parse: (text: string) => T): (text: string, previous: readonly T[] | undefined) => T[] {
  const parseOne = checked(parse);
  return (text, previous = []) => [...previous, parseOne(text)];
}

/** An address of an AWS service, as `--endpoint-url` takes it. */
export function endpointUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be an http or https URL, as http://127.0.0.1:8000.');
}

/** When a key ends, in epoch seconds: how long from now, or a date. */
export function parseExpiry(text: string): number {
  return expiryOf(text, toSeconds(Date.now()));
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
