// Leaves out of a Lambda bundle what its requests never use of the AWS SDK (docs/adr/0003). Each part is replaced by the
// least that keeps its importer working.

import { readFile } from 'node:fs/promises';

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
  // ~/.aws/config and the like: a Lambda has none, and node:fs/promises brings all of readline with it.
  './fromSharedConfigFiles': `
    export const fromSharedConfigFiles = () => async () => {
      throw Object.assign(new Error('no shared files are read here'), { tryNextLink: true });
    };`,
  // The length of what is sent here, which is text; that of a file would need node:fs, with the same behind it.
  './util-body-length/calculateBodyLength': `
    export const calculateBodyLength = (body) => Buffer.byteLength(body ?? '');`,
  // No request or answer here is a stream of the web; to ask whether one is loads them.
  './stream-type-check': 'export const isReadableStream = () => false; export const isBlob = () => false;',
  './middleware-retry/isStreamingPayload/isStreamingPayload': 'export const isStreamingPayload = () => false;',
  // SHA-256 in JavaScript, for a Node built without node:crypto.
  './Sha256Js': 'export const Sha256Js = undefined;',
  // Importing node:process as a module opens stdin, stdout and stderr.
  'node:process': 'export const { env, versions } = globalThis.process;',
};

/**
 * What the SDK would load when it needs it, and never does here: DynamoDB has no event streams, and a Lambda is no
 * browser whose name would be looked for. An import that is left as it is makes no chunk.
 */
const NEVER_LOADED = ['@smithy/core/event-streams', 'bowser'];

const MUST_BE_FOUND = [...Object.keys(REPLACEMENTS).filter((name) => name !== 'node:process'), ...NEVER_LOADED];

/**
 * Fails the build when the SDK no longer imports a part that is to be left out, since the bundle would grow unseen.
 *
 * @param {readonly string[]} [without] the parts that this bundle doesn't import anyway
 * @returns {import('esbuild').Plugin}
 */
export function trimAwsSdk(without = []) {
  return {
    name: 'trim-aws-sdk',
    setup(build) {
      /** @type {Set<string>} */
      const found = new Set();
      build.onResolve({ filter: /^(@aws-sdk\/|@smithy\/|\.\/|bowser$|node:process$)/ }, ({ path, importer }) => {
        const isSdk = /node_modules[/\\](@aws-sdk|@smithy)[/\\]/.test(importer);
        const isNeverLoaded = NEVER_LOADED.includes(path);
        if (!isSdk || !(isNeverLoaded || Object.hasOwn(REPLACEMENTS, path))) return undefined;
        found.add(path);
        if (isNeverLoaded) return { path, external: true };
        return { path, namespace: 'trim-aws-sdk', sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: 'trim-aws-sdk' }, ({ path }) => ({
        contents: REPLACEMENTS[path] ?? '',
        loader: 'js',
      }));
      // Of its manifest the SDK uses the version alone.
      build.onLoad({ filter: /[/\\]@aws-sdk[/\\][^/\\]+[/\\]package\.json$/ }, async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: JSON.stringify({ version }), loader: 'json' };
      });
      build.onEnd(() => ({
        errors: MUST_BE_FOUND.filter((name) => !found.has(name) && !without.includes(name)).map((name) => ({
          text: `the AWS SDK no longer imports ${name}: look at what it imports instead`,
        })),
      }));
    },
  };
}
