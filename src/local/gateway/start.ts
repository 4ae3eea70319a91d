import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { standardOutput } from '../../terminal/output.ts';
import { runProgram } from '../../terminal/program.ts';
import { LOCAL_USAGE_TABLE } from '../embedded-table.ts';
import { startLocalFunction } from '../local-function.ts';
import { localVariables, startLocalParts } from '../local-parts.ts';
import { readApi } from './api.ts';
import { createGateway, type RequestLine } from './gateway.ts';
import { greet } from './greeting.ts';
import { addOptions, assertConsistent, type Options, readPolicy, variablesFor } from './options.ts';
import { formatRequestLine } from './request-line.ts';
import { createLocalSelfService } from './self-service.ts';
import { serve } from './server.ts';
import { createLocalRecorder } from './usage.ts';

const TEMPLATE = fileURLToPath(new URL('../../template.yaml', import.meta.url));

const output = standardOutput();

const program = addOptions(new Command('npm start --'))
  .description('Runs a local API Gateway in front of the built Lambda bundle, as template.yaml deploys it.')
  .addHelpText(
    'after',
    `
Exit status: 0 after Ctrl-C, 1 when it can't be started, 2 wrong usage.

Examples:
  npm start
  npm start -- --ttl 0 --upstream http://127.0.0.1:8080`,
  )
  .action(start);

process.exitCode = await runProgram(program, process.argv.slice(2), output);

async function start(options: Options): Promise<void> {
  assertConsistent(options);
  // Whatever can be known to be wrong is told before anything is started.
  variablesFor(options, localVariables({ endpoint: 'http://127.0.0.1:1', jwksUri: 'http://127.0.0.1:1' }), process.env);
  const { port, ttl, api: kind, corsOrigin, upstream } = options;
  const resourcePolicy = options.resourcePolicy === undefined ? undefined : readPolicy(options.resourcePolicy);
  const api = readApi(TEMPLATE, { AuthorizerTtl: String(ttl), CorsOrigin: corsOrigin });

  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const parts = await startLocalParts({ keep: true });
    stops.push(parts.stop);
    const env = variablesFor(options, parts.env, process.env);
    const instance = await startLocalFunction(env);
    stops.push(instance.stop);
    // Of another table's keys the local usage table knows nothing.
    const recorder = options.table === undefined ? createLocalRecorder(env, output.err) : undefined;
    if (recorder !== undefined) stops.push(recorder.stop);
    let exampleUrl = '';
    const onRequest = (line: RequestLine) => output.out(formatRequestLine(line, new Date()));
    const selfService = createLocalSelfService({
      ...{ template: TEMPLATE, env, issuer: options.issuer ?? parts.signInIssuer, onRequest },
      usageTable: recorder === undefined ? '' : LOCAL_USAGE_TABLE,
      exampleUrl: () => exampleUrl,
    });
    stops.push(selfService.stop);
    const gateway = createGateway({
      api,
      kind,
      invoke: async (event) => {
        const invocation = await instance.invoke(event);
        recorder?.take(invocation);
        return invocation;
      },
      now: Date.now,
      newRequestId: randomUUID,
      resourcePolicy,
      upstream,
      onRequest,
    });
    const { fill } = parts.credentials;
    const key = options.table === undefined ? await fill('{{API_KEY}}') : undefined;
    const token = options.issuer === undefined ? await fill('{{ACCESS_TOKEN}}') : undefined;
    const server = await serve(
      (request) => (selfService.has(request.path) ? selfService.gateway(request) : gateway(request)),
      port,
    ).catch(explainListening);
    stops.push(server.stop);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
    const base = kind === 'rest' ? `${server.url}/${api.stage}` : server.url;
    exampleUrl = `${base}/api/v1/whoami`;
    greet(output, { base, kind, ttl, key, token, page: `${server.url}${selfService.path}` });
  } catch (error) {
    await stop();
    throw error;
  }
}

function explainListening(error: NodeJS.ErrnoException): never {
  switch (error.code) {
    case 'EADDRINUSE':
      throw new Error('The port is taken: give another with --port.', { cause: error });
    case 'EACCES':
      throw new Error('The port is not for this user: give one above 1023 with --port.', { cause: error });
    default:
      throw error;
  }
}
