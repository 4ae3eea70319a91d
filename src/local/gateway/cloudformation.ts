import { readFileSync } from 'node:fs';
import { type CollectionTag, parseDocument, type ScalarTag, YAMLMap, YAMLSeq } from 'yaml';

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** What stands for the parts of a stack that only AWS knows. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '123456789012',
  'AWS::StackName': 'gatepass-local',
  'AWS::URLSuffix': 'amazonaws.com',
};

const ABSENT = Symbol('AWS::NoValue');

/** A template whose intrinsic functions can be carried out: those that ours uses, and an error for any other. */
export interface Template {
  readonly document: JsonObject;
  resolve(value: Json): Json;
}

/**
 * Reads a CloudFormation template.
 *
 * @param parameters replace the template's defaults; one that the template doesn't know is an error.
 */
export function readTemplate(path: string, parameters: Readonly<Record<string, string>>): Template {
  const parsed = parseDocument(readFileSync(path, 'utf8'), { customTags: SHORT_FORMS });
  const [problem] = [...parsed.errors, ...parsed.warnings]; // an unknown short form is a warning
  if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
  // A template is a map; its functions' short forms have become long ones as they were read.
  const document = parsed.toJS() as JsonObject;
  const declared = asObject(document['Parameters']);
  const unknown = Object.keys(parameters).filter((name) => !(name in declared));
  if (unknown.length > 0) throw new Error(`${path} has no parameter ${unknown.join(', ')}.`);
  const conditions = asObject(document['Conditions']);
  const resources = asObject(document['Resources']);

  function ref(name: string): Json | typeof ABSENT {
    if (name === 'AWS::NoValue') return ABSENT;
    if (name in PSEUDO) return PSEUDO[name] ?? '';
    if (name in declared) return parameters[name] ?? String(asObject(declared[name])['Default'] ?? '');
    const [resource = ''] = name.split('.');
    if (resource in resources) return name; // its logical id will do
    throw new Error(`${path} has no parameter or resource ${name}.`);
  }

  function substitute(text: string): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) =>
      literal === '' ? String(ref(name)) : `\${${name}}`,
    );
  }

  function holds(condition: Json): boolean {
    const [name, argument] = Object.entries(asObject(condition))[0] ?? [];
    const operands = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Condition':
        return holds(conditions[String(argument)] ?? null);
      case 'Fn::Equals':
        return String(resolve(operands[0] ?? null)) === String(resolve(operands[1] ?? null));
      case 'Fn::Not':
        return !holds(operands[0] ?? null);
      case 'Fn::And':
        return operands.every(holds);
      case 'Fn::Or':
        return operands.some(holds);
      default:
        throw new Error(`The condition ${name} is not known here.`);
    }
  }

  function call(name: string, argument: Json): Json | typeof ABSENT {
    const operands = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Ref':
        return ref(String(argument));
      case 'Fn::Sub':
        if (typeof argument !== 'string') throw new Error('Fn::Sub with a map is not known here.');
        return substitute(argument);
      case 'Fn::GetAtt':
        return [argument].flat().join('.');
      case 'Fn::Join':
        return [resolve(operands[1] ?? [])].flat().join(String(operands[0]));
      case 'Fn::If': {
        const [condition, yes = null, no = null] = operands;
        return step(holds({ Condition: condition ?? null }) ? yes : no);
      }
      default:
        throw new Error(`The function ${name} is not known here.`);
    }
  }

  function step(value: Json): Json | typeof ABSENT {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(step).filter((item): item is Json => item !== ABSENT);
    const entries = Object.entries(value);
    const [only] = entries;
    if (only !== undefined && entries.length === 1 && /^(Ref|Fn::\w+)$/.test(only[0])) return call(...only);
    const resolved: Record<string, Json> = {};
    for (const [name, item] of entries) {
      const result = step(item);
      if (result !== ABSENT) resolved[name] = result;
    }
    return resolved;
  }

  function resolve(value: Json): Json {
    const result = step(value);
    return result === ABSENT ? null : result;
  }

  return { document, resolve };
}

export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

const SHORT_FORMS: (ScalarTag | CollectionTag)[] = [
  'Ref',
  'Condition',
  'Sub',
  'GetAtt',
  'If',
  'Equals',
  'Not',
  'And',
  'Or',
  'Join',
].flatMap((name) => {
  const long = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const scalar: ScalarTag = { tag: `!${name}`, resolve: (text) => ({ [long]: text }) };
  const sequence: CollectionTag = {
    tag: `!${name}`,
    collection: 'seq',
    nodeClass: YAMLSeq,
    resolve(items, onError) {
      if (!(items instanceof YAMLSeq)) return onError(`!${name} takes a list or a text`);
      const map = new YAMLMap();
      map.set(long, items);
      return map;
    },
  };
  return [scalar, sequence];
});
