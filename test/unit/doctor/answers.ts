import type { Answer, Asked } from '../../../src/doctor/ask.ts';

/** An answer as it comes of asking: what is no text becomes JSON. */
export function answerOf(
  body: unknown,
  { status = 200, took = 10, headers = {}, url = 'https://id.example.com/x' } = {},
): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const times = { sentAt: 1000, answeredAt: 1000 + took, receivedAt: 1000 + took };
  return { url, status, headers: new Headers(headers), text, bytes: text.length, isTooLarge: false, ...times };
}

export const NO_ANSWER: Asked = {
  url: 'https://id.example.com/x',
  failure: 'nothing listens there',
  todo: 'Start it.',
};
