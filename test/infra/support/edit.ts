import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../../../src/local/gateway/json.ts';

/** Breaks a document in place. */
export type Edit = (document: JsonObject) => void;

/** The next step into a document: the name or number of an entry, or a test that picks the one entry it holds for. */
type Step = string | number | ((entry: Json) => boolean);
export type Path = readonly Step[];

type Container = Record<string, Json>;

/** Puts a value where there was one, or beside others. */
export function set(path: Path, value: Json): Edit {
  return (document) => {
    const { container, name } = locate(document, path);
    container[name] = structuredClone(value);
  };
}

/** Changes a value that is there. */
export function change(path: Path, make: (value: Json) => Json): Edit {
  return (document) => {
    const { container, name } = locate(document, path);
    const changed = make(existing(container, name, path));
    if (isDeepStrictEqual(changed, container[name])) throw new Error(`Nothing changed at ${describe(path)}.`);
    container[name] = changed;
  };
}

/** Changes a text that is there. */
export function replace(path: Path, old: string | RegExp, text: string): Edit {
  return change(path, (value) => String(value).replace(old, text));
}

/** Takes out a value that is there. */
export function remove(path: Path): Edit {
  return (document) => {
    const { container, name } = locate(document, path);
    existing(container, name, path);
    if (Array.isArray(container)) container.splice(Number(name), 1);
    else delete container[name];
  };
}

/** Gives a value that is there another name. */
export function rename(path: Path, to: string): Edit {
  return (document) => {
    const { container, name } = locate(document, path);
    container[to] = existing(container, name, path);
    delete container[name];
  };
}

/** Makes several edits. */
export function all(...edits: readonly Edit[]): Edit {
  return (document) => {
    for (const edit of edits) edit(document);
  };
}

function locate(document: JsonObject, path: Path): { container: Container; name: string } {
  // The casts: documents are copies of this test's own, and lists have entries by number.
  let container = document as Container;
  const names = path.map((step, index) => {
    const name = nameOf(container, step);
    if (name === undefined || typeof container !== 'object' || container === null) {
      throw new Error(`There is no ${describe(path.slice(0, index + 1))}.`);
    }
    if (index < path.length - 1) container = container[name] as unknown as Container;
    return name;
  });
  return { container, name: names.at(-1) ?? '' };
}

function nameOf(container: Container, step: Step): string | undefined {
  if (typeof step !== 'function') return String(step);
  return Object.keys(container).find((name) => step(container[name] ?? null));
}

function existing(container: Container, name: string, path: Path): Json {
  const value = container[name];
  if (value === undefined) throw new Error(`There is no ${describe(path)}.`);
  return value;
}

function describe(path: Path): string {
  return path.map((step) => (typeof step === 'function' ? '(one of a kind)' : step)).join(' / ');
}
