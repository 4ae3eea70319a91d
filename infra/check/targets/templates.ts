import { readTemplate } from '../../../src/local/gateway/cloudformation.ts';
import { asObject, type JsonObject } from '../../../src/local/gateway/json.ts';
import type { Finding } from '../assertions/assertion.ts';
import { type Python, Refused } from '../python.ts';
import { readApi } from '../read/cloudformation.ts';
import { type Resources, readResources } from '../resources.ts';
import { AUTHORIZER_ARN, checkExample, type Target } from './target.ts';

type Parameters = Readonly<Record<string, string>>;

/** What the linter may say, and why it is no fault. */
const ACCEPTED = [
  'W2001', // the translator puts in the values of parameters, so their references are gone; sam validate --lint looks
  'W3005', // the CDK writes out dependencies that its references imply
];

/** The origin that templates with such a parameter are given. */
export const ORIGIN = 'https://app.example.com';

/** A CloudFormation or SAM template with one API. */
export function templateTarget(python: Python, path: string): Target {
  return {
    load: async () => readTemplate(path),
    async *check(document, isLinted) {
      const declared = asObject(document['Parameters']);
      const parameters: Record<string, string> = 'CorsOrigin' in declared ? { CorsOrigin: ORIGIN } : {};
      for (const [name, parameter] of Object.entries(declared)) {
        if (String(asObject(parameter)['Default']).endsWith('/authorizer-arn')) parameters[name] = AUTHORIZER_ARN;
      }
      const resources = yield* readStack(python, document, parameters, isLinted);
      if (resources === undefined) return;
      const api = readApi(resources);
      if (api === undefined) yield { assertion: 'authorizer-on-every-method', fault: 'there is no API' };
      else yield* checkExample(api, AUTHORIZER_ARN, parameters['CorsOrigin']);
    },
  };
}

/** What a template makes with these parameters; undefined where SAM or the linter has found something. */
export async function* readStack(
  python: Python,
  document: JsonObject,
  parameters: Parameters,
  isLinted: boolean,
): AsyncGenerator<Finding, Resources | undefined> {
  const transformed = yield* transform(python, document, parameters);
  if (transformed === undefined) return undefined;
  const found = isLinted ? await python.lint(transformed) : [];
  const faults = found.filter(({ rule }) => !ACCEPTED.includes(rule));
  for (const { rule, message, at } of faults) yield { assertion: 'lint', fault: `${rule} ${message} at ${at}` };
  return faults.length > 0 ? undefined : readResources(transformed, parameters);
}

/** As CloudFormation gets it: linting the source of a SAM template misses undefined references. */
async function* transform(
  python: Python,
  document: JsonObject,
  parameters: Parameters,
): AsyncGenerator<Finding, JsonObject | undefined> {
  if (!('Transform' in document)) return document;
  try {
    return await python.transform(packaged(document), { ...defaultsOf(document), ...listsOf(document, parameters) });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    yield { assertion: 'transform', fault: error.message };
    return undefined;
  }
}

/** As `sam package` leaves it: with the functions' code in a bucket. */
function packaged(document: JsonObject): JsonObject {
  const resources = Object.entries(asObject(document['Resources'])).map(([name, resource]) => {
    const properties = asObject(asObject(resource)['Properties']);
    if (!('CodeUri' in properties)) return [name, resource];
    return [
      name,
      { ...asObject(resource), Properties: { ...properties, CodeUri: { Bucket: 'a-bucket', Key: 'a-key' } } },
    ];
  });
  return { ...document, Resources: Object.fromEntries(resources) };
}

function defaultsOf(document: JsonObject): JsonObject {
  const parameters = Object.entries(asObject(document['Parameters'])).map(([name, parameter]) => [
    name,
    asObject(parameter)['Default'],
  ]);
  return Object.fromEntries(parameters.filter(([, value]) => value !== undefined));
}

/** SAM is given a list as one. */
function listsOf(document: JsonObject, parameters: Parameters): JsonObject {
  const declared = asObject(document['Parameters']);
  const isList = (name: string) => asObject(declared[name])['Type'] === 'CommaDelimitedList';
  const values = Object.entries(parameters).map(([name, value]) => [name, isList(name) ? value.split(',') : value]);
  return Object.fromEntries(values);
}
