/** An API as the assertions see it, whichever way it is written down. */
export interface Api {
  readonly kind: 'REST' | 'HTTP' | 'WEBSOCKET';
  /** Without a stage. */
  readonly arn: string;
  readonly methods: readonly Method[];
  readonly authorizers: readonly Authorizer[];
  readonly permissions: readonly Permission[];
  readonly gatewayResponses: GatewayResponses;
  /** An HTTP API's own answer to preflights: header, in lower case, to value. */
  readonly cors?: Readonly<Record<string, string>>;
  /** Parts that a deployment of the API may be made without. */
  readonly undeployed?: readonly string[];
}

export interface Method {
  readonly path: string;
  /** Upper case, `ANY`, or `$connect`. */
  readonly verb: string;
  /** The name of one of the API's authorizers. */
  readonly authorizer: string | undefined;
  /** The headers that a mock answers with: name, in lower case, to value. */
  readonly preflight: Readonly<Record<string, string>>;
}

export interface Authorizer {
  readonly name: string;
  readonly type: string;
  readonly uri: string;
  readonly identitySources: readonly string[];
  /** In seconds; undefined where it isn't said. */
  readonly ttl: number | undefined;
  readonly payloadVersion: string | undefined;
  readonly simpleResponses: boolean;
}

export interface Permission {
  readonly function: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn: string;
}

export type GatewayResponses = Readonly<Record<string, GatewayResponse>>;

export interface GatewayResponse {
  /** A text, so that 401 and '401' are one. */
  readonly status: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}
