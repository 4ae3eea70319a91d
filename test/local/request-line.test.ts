import { expect, it } from 'vitest';
import { formatRequestLine } from '../../src/local/gateway/request-line.ts';

const AT = new Date('2026-11-24T08:15:30Z');
const LINE = { method: 'GET', path: '/prod/x', status: 200, milliseconds: 3 };

it.each([
  ['no authorizer', { ...LINE, verdict: undefined }, '08:15:30  GET /prod/x  200  no authorizer  3 ms'],
  [
    'a decision',
    { ...LINE, verdict: { kind: 'allowed', context: {}, source: 'cached', reason: 'token.valid' } as const },
    '08:15:30  GET /prod/x  200  cached allowed token.valid  3 ms',
  ],
  [
    'a fault with its causes',
    {
      ...LINE,
      status: 503,
      verdict: {
        kind: 'failure',
        source: 'called',
        reason: 'fault.table',
        fault: 'Fault: no\n  - one <- Error: x',
      } as const,
    },
    '08:15:30  GET /prod/x  503  called failure fault.table  3 ms  Fault: no - one <- Error: x',
  ],
  [
    'a backend that failed',
    { ...LINE, status: 504, verdict: undefined, failure: 'Error: connect ECONNREFUSED' },
    '08:15:30  GET /prod/x  504  no authorizer  3 ms  Error: connect ECONNREFUSED',
  ],
  [
    'a path that would write elsewhere on the terminal',
    { ...LINE, path: '/\u001b[2J\r\nx', verdict: undefined },
    '08:15:30  GET /[2J x  200  no authorizer  3 ms',
  ],
])('tells in one line of %s', (_, line, text) => {
  expect(formatRequestLine(line, AT)).toBe(text);
});
