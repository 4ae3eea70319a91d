import { Command } from 'commander';
import { examine } from '../doctor/doctor.ts';
import { exitStatusOf, formatResults, resultsAsJson } from '../doctor/report.ts';
import { ask } from '../terminal/ask.ts';
import { NotConfirmed } from '../terminal/confirm.ts';
import { formatJson, formatTable } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type Answers, DEFAULTS, parametersOf, problemsOf, variablesOf } from './init-answers.ts';
import { type Ask, agree, askForParameters, chooseAudience } from './init-questions.ts';
import { openSamConfig, SAM_CONFIG, type SamConfig } from './init-samconfig.ts';
import { audienceOf, readTokenFacts, type TokenFacts } from './init-token.ts';
import { ofThisProcess, type Surroundings } from './surroundings.ts';
import { authorizerValues, withAuthorizer } from './variable-option.ts';

/** What `init` has around it. */
export interface InitSurroundings extends Pick<Surroundings, 'askRealm' | 'now' | 'style' | 'columns' | 'readSecret'> {
  /** Where samconfig.toml is. */
  readonly folder: string;
  /** Asks a person; absent where there is none. */
  readonly ask: Ask | undefined;
}

interface InitOptions {
  readonly fromToken?: true;
  readonly stack?: string;
  readonly region?: string;
  readonly selfService?: boolean;
  readonly sync?: boolean;
  readonly exampleApi?: boolean;
  readonly json?: true;
  readonly yes?: true;
}

const NO_TOKEN =
  "\nWhether your clients' tokens are for that API, only one of them shows: --from-token, or gatepass doctor.";

const HELP = `
It asks for what isn't given; without a terminal the defaults hold. What samconfig.toml has already is the default, and
what else stands in it stays. A token is never stored or shown, and no secret is written.
Exit status: 0 written, or nothing to change; 1 stopped, or the doctor found a problem; 2 wrong usage.

Examples:
  gatepass init --region eu-west-1
  gatepass init --from-token < token.txt
  gatepass init --issuer https://id.example.com/realms/main --audience my-api --self-service --region eu-west-1`;

/** `gatepass init`: from a few answers to a samconfig.toml with which `sam build` and `sam deploy` put up the stack. */
export function initCommand({ out, err }: Output, around: InitSurroundings = ofThisFolder()): Command {
  return withAuthorizer(new Command('init'))
    .description('ask what a deployment needs, examine the answers, and write samconfig.toml for sam deploy')
    .option('--from-token', 'take issuer and audience from the access token that standard input holds')
    .option('--stack <name>', "the stack's name")
    .option('--region <region>', 'the AWS region (default: as the AWS CLI finds it)')
    .option('--self-service', 'have users make and manage their own keys, on a page')
    .option('--no-self-service', 'have operators alone make keys (the default)')
    .option('--sync', 'have accounts follow the realm, by a scheduled function')
    .option('--no-sync', 'have accounts follow nothing (the default)')
    .option('--example-api', 'deploy an example API, to have something to call (the default)')
    .option('--no-example-api', 'deploy none')
    .option('--json', 'print JSON for programs')
    .option('-y, --yes', 'write all the same where the doctor finds a problem or the file has other answers')
    .addHelpText('after', HELP)
    .action(async (options: InitOptions) => {
      const config = openSamConfig(around.folder);
      const { answers, token } = await completeAnswers(config, options);
      const problems = problemsOf(answers);
      if (problems.length > 0) throw new UsageError(problems.join('\n'));
      const results = await examineAnswers(answers, token, options);
      const changes = await write(config, answers, options);
      if (options.json) out(formatJson({ ...answers, file: SAM_CONFIG, changes, ...resultsAsJson(results) }));
    });

  async function completeAnswers(config: SamConfig, options: InitOptions) {
    const { ask, readSecret } = around;
    const stack = options.stack ?? config.answers.stack ?? DEFAULTS.stack;
    const region = options.region ?? config.answers.region;
    const proposed = { ...DEFAULTS.parameters, ...config.answers.parameters };
    const given = { ...parametersOf(authorizerValues(options)), ...switchesOf(options) };
    const conversation = ask && { ...around, ask, say: err };
    if (options.fromToken) {
      const token = readTokenFacts(await readSecret('an access token'));
      const audience =
        given['Audience'] ?? (await (conversation ? chooseAudience(token, conversation) : audienceOf(token)));
      const parameters = { ...proposed, Issuer: token.issuer, Audience: audience, ...given };
      return { answers: { stack, region, parameters }, token };
    }
    if (conversation === undefined) {
      return { answers: { stack, region, parameters: { ...proposed, ...given } }, token: undefined };
    }
    const { parameters, token } = await askForParameters(given, proposed, conversation);
    return { answers: { stack, region, parameters }, token };
  }

  /** @throws when what was answered can't do, unless that is agreed to. */
  async function examineAnswers(answers: Answers, token: TokenFacts | undefined, options: InitOptions) {
    const { askRealm, now, style, columns } = around;
    const values = variablesOf(answers.parameters);
    const results = await examine({ values, table: undefined, token: token?.value, askRealm, now });
    const missing =
      token === undefined ? /^(table|page|logout|token)\.|^clock\.table$/ : /^(table|page|logout)\.|^clock\.table$/;
    const examined = results.filter(({ name }) => !missing.test(name));
    if (!options.json) out(formatResults(examined, style, columns));
    if (!options.json && token === undefined) out(NO_TOKEN);
    if (answers.parameters['Issuer']?.startsWith('http:')) {
      await insist(
        'A function in AWS does not reach this machine, and the template takes an https issuer only.',
        options,
      );
    } else if (exitStatusOf(examined) === 1) {
      await insist('The doctor found a problem: what is deployed so would refuse callers.', options);
    }
    return examined;
  }

  /** Goes on where a person or `--yes` says so. @throws NotConfirmed otherwise. */
  async function insist(what: string, { yes }: InitOptions): Promise<void> {
    err(what);
    if (yes) return;
    if (around.ask === undefined) throw new NotConfirmed('Nothing was written: give --yes to go ahead all the same.');
    if (!(await agree('Go ahead?', false, around.ask))) throw new NotConfirmed('Nothing was written.');
  }

  async function write(config: SamConfig, answers: Answers, options: InitOptions) {
    const { changes, save } = config.change(answers);
    if (changes.length > 0 && !options.json) out(`\n${formatTable(changes)}`);
    if (changes.length > 0 && !config.isNew) {
      await insist(`\n${SAM_CONFIG} has other answers. It loses its comments.`, options);
    }
    if (changes.length > 0) save();
    if (!options.json) {
      out(`\n${SAM_CONFIG} ${changes.length > 0 ? 'is written' : 'has these answers already'}. What remains:\n`);
      out(nextSteps(answers));
    }
    return changes;
  }
}

function switchesOf({ selfService, sync, exampleApi }: InitOptions): Record<string, string> {
  const switches = { SelfService: selfService, Sync: sync, ExampleApi: exampleApi };
  return Object.fromEntries(
    Object.entries(switches).flatMap(([name, isOn]) => (isOn === undefined ? [] : [[name, String(isOn)]])),
  );
}

function nextSteps({ parameters, stack, region }: Answers): string {
  const at = region === undefined ? '' : ` --region ${region}`;
  const name = parameters['SyncSecretName'] ?? 'gatepass/sync-client-secret';
  const secret = `aws secretsmanager create-secret --name ${name} --secret-string file://secret.txt${at}`;
  const outputs = `aws cloudformation describe-stacks --stack-name ${stack}${at} --query 'Stacks[0].Outputs'`;
  return [
    ...(parameters['Sync'] === 'true' ? [`  ${secret}   # once: the secret of the realm's client`] : []),
    '  sam build',
    '  sam deploy',
    '',
    'Its addresses, once it is deployed:',
    '',
    `  ${outputs}`,
  ].join('\n');
}

function ofThisFolder(): InitSurroundings {
  return { ...ofThisProcess(), folder: process.cwd(), ask: process.stdin.isTTY ? ask : undefined };
}
