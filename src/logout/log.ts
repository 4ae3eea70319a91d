import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { LogoutRefusal } from '../bearer/logout-token.ts';
import type { Clock } from '../decision.ts';
import { asFault } from '../fault.ts';
import { errorText, logLine, metricDirective } from '../log-line.ts';

/** What became of a request. */
type Outcome =
  | { readonly outcome: 'done'; readonly userId: string }
  | { readonly outcome: 'refused'; readonly reason: LogoutRefusal | 'logout.request' }
  | { readonly outcome: 'fault'; readonly error: unknown };

/** @param startedAt epoch milliseconds. */
export type LogoutLog = (event: APIGatewayProxyEvent, startedAt: number, outcome: Outcome) => void;

const METRICS = metricDirective([['outcome']], { logouts: 'Count', durationMs: 'Milliseconds' });
const LEVELS = { done: 'INFO', refused: 'WARN', fault: 'ERROR' } as const;

/** One line for each request. It names a user only when the realm did, and holds nothing of a token. */
export function createLogoutLog(write: (line: string) => void, now: Clock): LogoutLog {
  return ({ requestContext }, startedAt, { outcome, ...rest }) => {
    const endedAt = now();
    const { requestId, identity } = requestContext;
    const told = 'error' in rest ? faultOf(rest.error) : rest;
    const entry = { message: `logout: ${outcome}`, outcome, ...told, sourceIp: identity?.sourceIp, requestId };
    write(logLine(LEVELS[outcome], endedAt, { ...entry, logouts: 1, durationMs: endedAt - startedAt }, METRICS));
  };
}

function faultOf(error: unknown): { readonly reason: string; readonly fault: string } {
  const fault = asFault(error);
  const chain = [fault, fault.cause].filter((one) => one instanceof Error);
  return { reason: fault.reason, fault: chain.map((one) => errorText(one)).join(' <- ') };
}
