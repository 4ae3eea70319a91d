import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { readConfig } from '../../config/config.ts';
import { OPTIONS } from '../../config/options.ts';
import { formatProblem, type Problem } from '../../config/read-variables.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { assertKnown, type Policy, policySchema } from './policy-evaluation.ts';

/** What `npm start` was told on its command line. */
export interface Options {
  readonly port: number;
  /** In seconds. */
  readonly ttl: number;
  readonly api: 'rest' | 'http';
  readonly corsOrigin: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly table?: string;
  readonly endpointUrl?: string;
  readonly accountCheck?: 'keys' | 'all';
  readonly upstream?: string;
  readonly resourcePolicy?: string;
}

export function addOptions(program: Command): Command {
  return program
    .option('--port <port>', 'the port to listen on', toInteger(0, 65_535), 3000)
    .option('--ttl <seconds>', 'how long results are cached; 0 asks each time', toInteger(0, 3600), 60)
    .addOption(new Option('--api <kind>', 'the kind of API to be').choices(['rest', 'http']).default('rest'))
    .option('--cors-origin <origin>', 'the origin whose pages may read the answers', toOrigin, '*')
    .option('--issuer <url>', 'a real realm, instead of the local one')
    .option('--audience <aud>', 'the allowed audience, with --issuer')
    .addOption(
      new Option(
        '--account-check <which>',
        'all: tokens are checked against accounts, and against what revokes them (default: keys)',
      ).choices(['keys', 'all']),
    )
    .option('--table <name>', 'a real table, instead of the local one, as the AWS SDK finds it')
    .option('--endpoint-url <url>', 'another DynamoDB endpoint for --table, as DynamoDB Local', toUrl)
    .option('--upstream <url>', 'a backend of yours to hand allowed requests on to', toUrl)
    .option('--resource-policy <file>', 'a resource policy of the API, as JSON');
}

/** @throws UsageError where options contradict or need each other. */
export function assertConsistent(options: Options): void {
  const { api, issuer, audience, table, endpointUrl, resourcePolicy } = options;
  if (issuer !== undefined && audience === undefined) {
    throw new UsageError('Which audience must the tokens of --issuer have? Give --audience.');
  }
  if (audience !== undefined && issuer === undefined) throw new UsageError('--audience goes with --issuer.');
  if (endpointUrl !== undefined && table === undefined) throw new UsageError('--endpoint-url goes with --table.');
  if (api === 'http' && resourcePolicy !== undefined) {
    throw new UsageError('HTTP APIs have no resource policies: leave --resource-policy out, or give --api rest.');
  }
}

/**
 * The function's environment: the local parts', with the real parts that were asked for in their place.
 *
 * @throws UsageError when the function could not work with it.
 */
export function variablesFor(
  { issuer, audience, accountCheck, table, endpointUrl }: Options,
  local: Readonly<Record<string, string>>,
  own: NodeJS.ProcessEnv,
): Record<string, string> {
  const env: Record<string, string> = { ...local };
  if (accountCheck !== undefined) env['GATEPASS_ACCOUNT_CHECK'] = accountCheck;
  if (issuer !== undefined) {
    Object.assign(env, { GATEPASS_ISSUER: issuer, GATEPASS_AUDIENCE: audience, GATEPASS_CLIENTS: '*' });
    delete env['GATEPASS_JWKS_URI'];
  }
  if (table !== undefined) {
    delete env['AWS_ENDPOINT_URL_DYNAMODB'];
    for (const [name, value] of Object.entries(own)) if (/^AWS_/.test(name) && value) env[name] = value;
    env['GATEPASS_TABLE'] = table;
    if (endpointUrl !== undefined) env['AWS_ENDPOINT_URL_DYNAMODB'] = endpointUrl;
  }
  const read = readConfig(env);
  if ('problems' in read) throw new UsageError(read.problems.map(describeProblem).join('\n'));
  return env;
}

/** Names the option that stands for the variable, since that is what was given. */
function describeProblem(problem: Problem): string {
  const options: Readonly<Record<string, string>> = OPTIONS;
  const option = options[problem.variable]?.split(' ')[0];
  return `${option === undefined ? '' : `${option}: `}${formatProblem(problem)}`;
}

/** @throws UsageError when there is no such file, or it holds no policy that can be judged here. */
export function readPolicy(file: string): Policy {
  try {
    const path = resolve(process.env['INIT_CWD'] ?? '.', file);
    const policy = v.parse(policySchema, JSON.parse(readFileSync(path, 'utf8')));
    assertKnown(policy);
    return policy;
  } catch (error) {
    throw new UsageError(`--resource-policy ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

function toInteger(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

function toUrl(text: string): string {
  if (/^https?:\/\/[^\s?#@]+$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError(
    'It must be an http or https URL, as http://127.0.0.1:8080, with no query and no password.',
  );
}

function toOrigin(text: string): string {
  if (text === '*' || (/^https?:\/\/[^\s/?#@']+$/.test(text) && URL.canParse(text))) return text;
  throw new InvalidArgumentError('It must be * or an origin, as https://app.example.com.');
}
