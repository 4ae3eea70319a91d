/** How often a request is tried where a caller of the API waits. */
export const ATTEMPTS = 3;

/** How long one try may take there. */
const ATTEMPT_MS = 1000;

/**
 * So that no request hangs: three tries of a second each, so that one slow partition or dead connection costs a retry and
 * not the decision, and all of them fit into its five seconds. The socket's timeout is for a body that stalls, which the
 * others don't see.
 */
export function timeLimits(attemptMs = ATTEMPT_MS) {
  return {
    connectionTimeout: attemptMs,
    requestTimeout: attemptMs,
    throwOnRequestTimeout: true,
    socketTimeout: attemptMs,
  } as const;
}
