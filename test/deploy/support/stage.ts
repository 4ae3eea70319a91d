import { inject } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Calls a REST API by the URL that its stack says, at the emulator's address. */
export async function call(url: string | undefined, path: string, authorization?: string): Promise<Answer> {
  const [, id, stage] = /^https:\/\/([^.]+)\.execute-api\.[^/]+\/(\w+)/.exec(url ?? '') ?? [];
  if (id === undefined) throw new Error(`${url} is not the URL of a stage.`);
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const response = await fetch(`${inject('endpoint')}/restapis/${id}/${stage}/_user_request_${path}`, { headers });
  return { status: response.status, body: await response.text() };
}
