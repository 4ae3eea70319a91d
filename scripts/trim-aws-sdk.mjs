// Leaves out of the Lambda bundle what the authorizer's two reads never use of the AWS SDK: 367 KB become 212 KB and
// about 20 ms of a cold start go (docs/adr/0003). Each part is replaced by the least that keeps its importer working.

/** @type {Readonly<Record<string, string>>} */
const REPLACEMENTS = {
  // A Lambda's credentials are in its environment; the chain brings SSO, STS, profiles and node:http with it.
  '@aws-sdk/credential-provider-node': `
    export const defaultProvider = () => async () => {
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } =
        process.env;
      if (!accessKeyId || !secretAccessKey) {
        throw Object.assign(new Error('no AWS credentials in the environment'), { name: 'CredentialsProviderError' });
      }
      return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }), $source: { CREDENTIALS_ENV_VARS: 'g' } };
    };`,
  // No DynamoDB command of this SDK attaches it.
  '@aws-sdk/middleware-endpoint-discovery': `
    export const resolveEndpointDiscoveryConfig = (input) => input;
    export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
      environmentVariableSelector: () => false,
      configFileSelector: () => false,
      default: false,
    };`,
  // DynamoDB has no event streams.
  '@smithy/core/event-streams': `
    const absent = () => {
      throw new Error('event streams are not in this bundle');
    };
    export { absent as EventStreamSerde, absent as eventStreamSerdeProvider };`,
  // Importing node:process as a module opens stdin, stdout and stderr.
  'node:process': 'export const { env, versions } = globalThis.process;',
};

const MUST_BE_FOUND = Object.keys(REPLACEMENTS).filter((name) => name.startsWith('@'));

/**
 * Fails the build when the SDK no longer imports a part that is to be left out, since the bundle would grow unseen.
 *
 * @returns {import('esbuild').Plugin}
 */
export function trimAwsSdk() {
  return {
    name: 'trim-aws-sdk',
    setup(build) {
      /** @type {Set<string>} */
      const found = new Set();
      build.onResolve({ filter: /^(@aws-sdk\/|@smithy\/|node:process$)/ }, ({ path, importer }) => {
        const isSdk = /node_modules[/\\](@aws-sdk|@smithy)[/\\]/.test(importer);
        if (!isSdk || !Object.hasOwn(REPLACEMENTS, path)) return undefined;
        found.add(path);
        return { path, namespace: 'trim-aws-sdk', sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: 'trim-aws-sdk' }, ({ path }) => ({
        contents: REPLACEMENTS[path] ?? '',
        loader: 'js',
      }));
      build.onEnd(() => ({
        errors: MUST_BE_FOUND.filter((name) => !found.has(name)).map((name) => ({
          text: `the AWS SDK no longer imports ${name}: look at what it imports instead`,
        })),
      }));
    },
  };
}
