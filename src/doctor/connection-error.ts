import { type Finding, problem } from './check.ts';

const UNKNOWN_NAME = problem`the host name is not known here → Check its spelling; a name of a private network is known
  only inside it.`;
const CUT = problem`the connection was cut → Look at the proxy or the firewall before it.`;
const NO_ANSWER = problem`no answer in time → Look for a firewall or a missing route between here and there.`;
const NO_ROUTE = problem`there is no route to it → Check the network between here and there.`;
const NO_TLS = problem`that port does not speak TLS → Check the port: https is usually 443 or 8443.`;
const UNTRUSTED = problem`its certificate is not signed by an authority that is known here → Give it a certificate of a
  public authority, or name your own: for this command in NODE_EXTRA_CA_CERTS, for the function by the template's CaFile
  (a path in a layer, LayerArn).`;

/** By the codes and names of Node's and OpenSSL's errors. */
const PROBLEMS: Readonly<Record<string, Finding>> = {
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  ECONNREFUSED: problem`nothing listens there → Check that it runs, and its port.`,
  ECONNRESET: CUT,
  EPIPE: CUT,
  ETIMEDOUT: NO_ANSWER,
  TimeoutError: NO_ANSWER,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ERR_INVALID_URL: problem`it is not a URL → Write it whole, scheme and all.`,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
  CERT_HAS_EXPIRED: problem`its certificate has expired → Renew the certificate.`,
  ERR_TLS_CERT_ALTNAME_INVALID: problem`its certificate is for another host name → Check the host name, and which names
    the certificate has.`,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
};

/** Why nothing answered, by the first error among the causes that is known: `what` is said of it, as an address. */
export function connectionProblem(what: string, error: unknown): Finding {
  let deepest = error;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    deepest = cause;
    const known = PROBLEMS['code' in cause ? String(cause.code) : ''] ?? PROBLEMS[cause.name];
    if (known !== undefined) return { ...known, found: `${what}: ${known.found}.` };
  }
  const message = deepest instanceof Error ? deepest.message.trim() : String(deepest);
  return problem`${what}: the request failed (${message}). → Check the address, and that it answers from here.`;
}
