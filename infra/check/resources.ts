import { readIntrinsics } from '../../src/local/gateway/intrinsics.ts';
import { asObject, type JsonObject } from '../../src/local/gateway/json.ts';

/** A resource of a stack, with no function left in it. */
interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export type Resources = Readonly<Record<string, Resource>>;

/** The resources that a template makes with these parameters. */
export function readResources(template: JsonObject, parameters: Readonly<Record<string, string>>): Resources {
  const { resolve, holds } = readIntrinsics(template, parameters);
  const made = Object.entries(asObject(template['Resources'])).flatMap(([name, resource]) => {
    const { Condition: condition, ...rest } = asObject(resource);
    // The cast: the linter has seen that a resource is one, and broken copies leave that as it is.
    return condition === undefined || holds(String(condition)) ? [[name, resolve(rest) as unknown as Resource]] : [];
  });
  return Object.fromEntries(made);
}

/**
 * Name and properties of the resources of one type.
 *
 * @typeParam Properties those that the caller reads, by AWS's documentation of the type; each may be absent.
 */
export function ofType<Properties>(resources: Resources, type: string): [name: string, properties: Properties][] {
  return Object.entries(resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([name, { Properties = {} }]) => [name, Properties as Properties]);
}
