import type { RequestLine } from './gateway.ts';

/** One line about a request: when, what, the status, what the authorizer said, why it or the backend failed. */
export function formatRequestLine(
  { method, path, status, verdict, failure, milliseconds }: RequestLine,
  at: Date,
): string {
  const decision =
    verdict === undefined ? 'no authorizer' : [verdict.source, verdict.kind, verdict.reason].filter(Boolean).join(' ');
  const columns = [
    at.toISOString().slice(11, 19),
    `${method} ${path}`,
    status,
    decision,
    `${milliseconds} ms`,
    verdict?.fault,
    failure,
  ];
  // A path may hold anything, and a fault's causes may have lines of their own.
  const line = columns.filter((column) => column !== undefined).join('  ');
  return line.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/\p{Cc}/gu, '');
}
