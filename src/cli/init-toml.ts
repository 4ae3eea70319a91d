import { parse, stringify, type TomlTable, type TomlValue } from 'smol-toml';
import { UsageError } from '../terminal/usage-error.ts';
import type { Answers, Parameters } from './init-answers.ts';

// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html

/** What `init` reads of a samconfig.toml and writes into it. */
interface Known extends Answers {
  readonly templateFile: string;
}

const HEADING = '# "gatepass init" changes its own answers here when it runs again, and leaves the rest.\n';

/** What SAM takes where nothing is said. */
const DEFAULT_TEMPLATE = 'template.yaml';

/** What was found in a file. */
type Found = { readonly document: TomlTable; readonly stack: string | undefined } & Omit<Known, 'stack'>;

/** @throws UsageError when the text isn't TOML, or says parameters in a way that isn't understood. */
export function parseSamConfig(text: string): Found {
  const document = parseToml(text);
  const of = (command: string) => tableIn(tableIn(tableIn(document, 'default'), command), 'parameters');
  const one = (...values: readonly (TomlValue | undefined)[]) => values.find((value) => typeof value === 'string');
  return {
    document,
    stack: one(of('deploy')['stack_name'], of('global')['stack_name']),
    region: one(of('deploy')['region'], of('global')['region']),
    templateFile: one(of('build')['template_file']) ?? DEFAULT_TEMPLATE,
    parameters: parseOverrides(of('deploy')['parameter_overrides']),
  };
}

/** The document with these answers. Its comments are lost, all else that stands in it stays. */
export function renderSamConfig(document: TomlTable, { stack, region, templateFile, parameters }: Known): string {
  const defaults = tableIn(document, 'default');
  const of = (command: string) => tableIn(tableIn(defaults, command), 'parameters');
  const template = templateFile === DEFAULT_TEMPLATE ? {} : { template_file: templateFile };
  const { stack_name: _stack, region: _region, parameter_overrides: _overrides, ...deploy } = of('deploy');
  const { template_file: _build, ...build } = of('build');
  const { template_file: _validate, ...validate } = of('validate');
  const bucket = 's3_bucket' in deploy ? {} : { resolve_s3: true };
  const { deploy: _deploy, ...others } = defaults;
  const rest = {
    version: 0.1,
    ...document,
    default: {
      ...others,
      global: { parameters: { ...of('global'), stack_name: stack, ...(region && { region }) } },
      build: { parameters: { ...build, ...template } },
      validate: { parameters: { ...validate, ...template } },
    },
  };
  const lines = Object.entries(parameters).map(([name, value]) => `  ${JSON.stringify(`${name}=${quoted(value)}`)},\n`);
  return [
    `${HEADING}${stringify(rest).trimEnd()}\n`,
    `\n[default.deploy.parameters]\n${stringify({ capabilities: 'CAPABILITY_IAM', ...bucket, ...deploy }).trimEnd()}\n`,
    `parameter_overrides = [\n${lines.join('')}]\n`,
  ].join('');
}

function parseToml(text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    throw new UsageError(`samconfig.toml can't be read, so it is left as it is. ${error}`, { cause: error });
  }
}

function tableIn(table: TomlTable, name: string): TomlTable {
  const value = table[name];
  const isTable = typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
  return isTable ? value : {};
}

/** SAM takes `A=1 B="2 3"` in one text or several, and a table. */
function parseOverrides(value: TomlValue | undefined): Parameters {
  const found = new Map<string, string>();
  for (const entry of [value ?? []].flat()) {
    if (typeof entry === 'string') for (const [name, text] of pairsOf(entry)) found.set(name, text);
    else if (typeof entry === 'object' && !(entry instanceof Date) && !Array.isArray(entry)) {
      for (const [name, one] of Object.entries(entry)) found.set(name, String(one));
    }
  }
  return Object.fromEntries(found);
}

const PAIR = /^\s*(?:ParameterKey=(\w+),ParameterValue=|(\w+)=)("(?:\\.|[^"\\])*"|\S*)/;

function* pairsOf(text: string): Generator<readonly [string, string]> {
  for (let rest = text.trim(); rest !== ''; ) {
    const [whole, key, name = key, value = ''] = PAIR.exec(rest) ?? [];
    if (whole === undefined || name === undefined) {
      throw new UsageError(`samconfig.toml has parameter_overrides that init doesn't read, at "${rest.slice(0, 60)}".`);
    }
    yield [name, value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value];
    rest = rest.slice(whole.length).trim();
  }
}

/** As SAM takes a value: in quotes, unless it is plain. */
function quoted(value: string): string {
  return /^[^\s"'\\]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
