/** Why a server gave no answer, as a clause, and what to do about it, as sentences. */
export interface ConnectionProblem {
  readonly found: string;
  readonly remedy: string;
}

const UNKNOWN_NAME =
  'the host name is not known here → Check its spelling; a private name is known only in its network.';
const CUT = 'the connection was cut → Look at the proxy or the firewall before it.';
const NO_ANSWER = 'no answer in time → Look for a firewall or a missing route between here and there.';
const NO_ROUTE = 'there is no route to it → Check the network between here and there.';
const NO_TLS = 'that port does not speak TLS → Check the port: https is usually 443 or 8443.';
const UNTRUSTED =
  'its certificate is not signed by an authority that is known here → Give it a certificate of a public authority, or ' +
  "name your own: for a command in NODE_EXTRA_CA_CERTS, for the functions by the template's CaFile and LayerArn.";

/** By the codes and names of Node's and OpenSSL's errors. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  ECONNREFUSED: 'nothing listens there → Check that it runs, and its port.',
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: NO_ANSWER,
  TimeoutError: NO_ANSWER,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ERR_INVALID_URL: 'it is not a URL → Write it whole, scheme and all.',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
  CERT_HAS_EXPIRED: 'its certificate has expired → Renew the certificate.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another host name → Check the host name, and which names the certificate has.',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
};

/** Reads why there was no answer, by the first error among the causes that is known. */
export function readConnectionError(error: unknown): ConnectionProblem {
  let deepest = error;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    deepest = cause;
    const known = PROBLEMS['code' in cause ? String(cause.code) : ''] ?? PROBLEMS[cause.name];
    const [found, remedy] = known?.split(' → ') ?? [];
    if (found !== undefined && remedy !== undefined) return { found, remedy };
  }
  const message = deepest instanceof Error ? deepest.message.trim() : String(deepest);
  return { found: `the request failed (${message})`, remedy: 'Check the address, and that it answers from here.' };
}
