/** A request as it came over the wire: header names and repetitions as sent. */
export interface HttpRequest {
  readonly method: string;
  /** Not decoded, without the query. */
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly sourceIp: string;
  readonly body: Buffer;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

/** All values of a header, whatever the case of its name. */
export function headerValues({ headers }: HttpRequest, name: string): readonly string[] {
  return headers.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}
