import { inject } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What is sent, unless it is a `GET` without a body. */
export interface Request {
  readonly method: string;
  readonly body?: object;
}

/** Calls an API by the URL that its stack says, at the emulator's address. */
export async function call(
  url: string | undefined,
  path: string,
  authorization?: string,
  request?: Request,
): Promise<Answer> {
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(request?.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(addressOf(url) + path, {
    headers,
    method: request?.method ?? 'GET',
    body: request?.body === undefined ? null : JSON.stringify(request.body),
  });
  return { status: response.status, body: await response.text() };
}

/** Where the emulator has what a stack says is at a URL of API Gateway. */
export function addressOf(url: string | undefined): string {
  const [, id, stage = '$default', path = ''] =
    /^https:\/\/([^.]+)\.execute-api\.[^/]+(?:\/(\w+)(\/\w+)?)?/.exec(url ?? '') ?? [];
  if (id === undefined) throw new Error(`${url} is not the URL of an API.`);
  return `${inject('endpoint')}/_aws/execute-api/${id}/${stage}${path}`;
}
