/** Wraps a value so that the paths of all that is read of it are noted, as `headers.Authorization`. */
export function recordReads(value: object, paths: Set<string>, prefix = ''): object {
  return new Proxy(value, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || (Array.isArray(target) && !/^\d+$/.test(name))) return found;
      const path = prefix + name;
      paths.add(path);
      return typeof found === 'object' && found !== null ? recordReads(found, paths, `${path}.`) : found;
    },
  });
}

/** What lies at such a path. */
export function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), value);
}
