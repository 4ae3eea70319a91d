/** Why nothing answered, for people, and what to do. */
export interface ConnectionFailure {
  readonly failure: string;
  readonly todo: string;
}

const UNKNOWN_NAME: ConnectionFailure = {
  failure: 'the host name is not known here',
  todo: 'Check its spelling; a name of a private network is known only inside it.',
};
const UNTRUSTED: ConnectionFailure = {
  failure: 'its certificate is not signed by an authority that is known here',
  todo: 'Give it a certificate of a public authority, or name your own in NODE_EXTRA_CA_CERTS, here and in the function.',
};
const NO_TLS: ConnectionFailure = {
  failure: 'that port does not speak TLS',
  todo: 'Check the port: https is usually 443 or 8443.',
};

/** By the codes of Node's and OpenSSL's errors. */
const FAILURES: Readonly<Record<string, ConnectionFailure>> = {
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  ECONNREFUSED: { failure: 'nothing listens there', todo: 'Check that it runs, and its port.' },
  ECONNRESET: { failure: 'the connection was cut', todo: 'Look at the proxy or the firewall before it.' },
  UND_ERR_SOCKET: { failure: 'the connection was cut', todo: 'Look at the proxy or the firewall before it.' },
  EHOSTUNREACH: { failure: 'there is no route to it', todo: 'Check the network between here and there.' },
  ENETUNREACH: { failure: 'there is no route to it', todo: 'Check the network between here and there.' },
  ERR_INVALID_URL: { failure: 'it is not a URL', todo: 'Write it whole, scheme and all.' },
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  EPROTO: NO_TLS,
  CERT_HAS_EXPIRED: { failure: 'its certificate has expired', todo: 'Renew the certificate.' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    failure: 'its certificate is for another host name',
    todo: 'Check the host name, and which names the certificate has.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
};

/** Looks for a known code in an error and its causes; `fetch` hides the real one behind "fetch failed". */
export function explainConnection(error: unknown): ConnectionFailure {
  let deepest = error;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    deepest = cause;
    const known = 'code' in cause && typeof cause.code === 'string' ? FAILURES[cause.code] : undefined;
    if (known !== undefined) return known;
  }
  const message = deepest instanceof Error ? deepest.message : String(deepest);
  return {
    failure: `the request failed (${message.trim()})`,
    todo: 'Check the address, and that it answers from here.',
  };
}
