import { readFileSync } from 'node:fs';
import { type CollectionTag, parseDocument, type ScalarTag, YAMLMap, YAMLSeq } from 'yaml';
import type { JsonObject } from './json.ts';

/** Reads a CloudFormation or SAM template, the short forms of its functions made long. */
export function readTemplate(path: string): JsonObject {
  const parsed = parseDocument(readFileSync(path, 'utf8'), { customTags: SHORT_FORMS });
  const [problem] = [...parsed.errors, ...parsed.warnings]; // an unknown short form is a warning
  if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
  return parsed.toJS() as JsonObject; // a template is a map
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
  const scalar: ScalarTag = {
    tag: `!${name}`,
    resolve(text) {
      const [resource = '', ...attribute] = text.split('.');
      return { [long]: name === 'GetAtt' ? [resource, attribute.join('.')] : text };
    },
  };
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
