import { asObject, type Json, type JsonObject } from './json.ts';

/** What stands for the parts of a stack that only AWS knows. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '123456789012',
  'AWS::StackName': 'gatepass',
  'AWS::URLSuffix': 'amazonaws.com',
};

const ABSENT = Symbol('AWS::NoValue');
type Value = Json | typeof ABSENT;

/** Carries out a template's intrinsic functions: those that its users need, and an error for any other. */
export interface Intrinsics {
  /** Leaves no function in a value. A resource becomes its name: `!GetAtt Table.Arn` is the text `${Table.Arn}`. */
  resolve(value: Json): Json;
  /** Whether a condition of the template holds. */
  holds(condition: string): boolean;
}

/**
 * Reads what a CloudFormation template's functions refer to. They are in their long forms.
 *
 * @param parameters replace the template's defaults, as texts, a list's entries separated by commas; one that the
 *   template doesn't know is an error.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function readIntrinsics(template: JsonObject, parameters: Readonly<Record<string, string>>): Intrinsics {
  const declared = asObject(template['Parameters']);
  const conditions = asObject(template['Conditions']);
  const resources = asObject(template['Resources']);
  const unknown = Object.keys(parameters).filter((name) => !(name in declared));
  if (unknown.length > 0) throw new Error(`The template has no parameter ${unknown.join(', ')}.`);

  function ref(name: string): Value {
    if (name === 'AWS::NoValue') return ABSENT;
    if (name in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[name] ?? '';
    if (name in declared) {
      const { Type, Default = '' } = asObject(declared[name]);
      const value = parameters[name] ?? String(Default);
      return /^(CommaDelimitedList|List<)/.test(String(Type)) ? value.split(',') : value;
    }
    if ((name.split('.')[0] ?? '') in resources) return `\${${name}}`;
    throw new Error(`The template has no parameter or resource ${name}.`);
  }

  function substitute(text: string, values: JsonObject): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      return String(name in values ? resolve(values[name] ?? null) : ref(name));
    });
  }

  function holds(condition: string): boolean {
    if (!(condition in conditions)) throw new Error(`The condition ${condition} is not known here.`);
    return resolve(conditions[condition] ?? null) === true;
  }

  function listOf(value: Json | undefined): readonly Json[] {
    return [resolve(value ?? null)].flat();
  }

  function call(name: string, argument: Json): Value {
    const operands = Array.isArray(argument) ? argument : [argument];
    const [first = null, second = null, third = null] = operands;
    switch (name) {
      case 'Ref':
        return ref(String(argument));
      case 'Condition':
        return holds(String(argument));
      case 'Fn::Sub':
        return substitute(String(first), asObject(second));
      case 'Fn::GetAtt':
        return ref(operands.join('.'));
      case 'Fn::Join':
        return listOf(second).join(String(first));
      case 'Fn::Split':
        return String(resolve(second)).split(String(first));
      case 'Fn::Select':
        return listOf(second)[Number(first)] ?? null;
      case 'Fn::If':
        return step(holds(String(first)) ? second : third);
      case 'Fn::Contains':
        return listOf(first)
          .map(String)
          .includes(String(resolve(second)));
      case 'Fn::Equals':
        return String(resolve(first)) === String(resolve(second));
      case 'Fn::Not':
        return !resolve(first);
      case 'Fn::And':
        return operands.every((operand) => resolve(operand));
      case 'Fn::Or':
        return operands.some((operand) => resolve(operand));
      default:
        throw new Error(`The function ${name} is not known here.`);
    }
  }

  function step(value: Json): Value {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(step).filter((item): item is Json => item !== ABSENT);
    const entries = Object.entries(value);
    const [only] = entries;
    if (only !== undefined && entries.length === 1 && isCall(...only)) return call(...only);
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

  return { resolve, holds };
}

/** A statement of a policy has a `Condition` too, which is a map. */
function isCall(name: string, argument: Json): boolean {
  return /^(Ref|Fn::\w+)$/.test(name) || (name === 'Condition' && typeof argument === 'string');
}
