export type Json = null | string | number | boolean | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** The object that a value is, or an empty one. */
export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
