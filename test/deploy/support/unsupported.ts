import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, parseDocument } from 'yaml';

/**
 * What of the templates MiniStack 1.5.33 refuses or loses, and so is changed before they are deployed there. Each has a
 * test in emulator-faults.deploy.test.ts, which says so as soon as the emulator can.
 */
const CHANGES = {
  'template.yaml': (template) => {
    template.deleteIn(['Resources', 'FaultShareAlarm']); // metric math
  },
  'infra/attach/sam/template.yaml': (template, authorizerArn) => {
    // A method that stands for any is lost in the document that SAM makes.
    template.setIn(['Resources', 'Backend', 'Properties', 'Events', 'EveryRoute', 'Properties', 'Method'], 'GET');
    // SAM is given the defaults of parameters for their values.
    template.setIn(['Parameters', 'AuthorizerArn'], { Type: 'String', Default: authorizerArn });
  },
  'infra/attach/usage/template.yaml': (template) => {
    for (const query of ['RequestsByKeyAndDay', 'RequestsByUserAndMonth']) template.deleteIn(['Resources', query]);
  },
  'infra/attach/websocket/template.yaml': (template) => {
    template.deleteIn(['Resources', 'Answer']); // a route response
    template.setIn(['Resources', 'Stage', 'DependsOn'], ['Connect', 'EveryMessage']);
  },
} as const satisfies Readonly<Record<string, (template: Document, authorizerArn: string) => void>>;

/** Writes a copy of a template that the emulator carries. Returns its path. */
export async function adapt(name: keyof typeof CHANGES, folder: string, authorizerArn = ''): Promise<string> {
  const copy = join(folder, name.replaceAll('/', '-'));
  await adaptFile(name, name, copy, authorizerArn);
  return copy;
}

/** The same for a file that was made of the template. */
export async function adaptFile(
  name: keyof typeof CHANGES,
  from: string,
  to: string,
  authorizerArn = '',
): Promise<void> {
  const document = parseDocument(await readFile(from, 'utf8'), { logLevel: 'silent' });
  CHANGES[name](document, authorizerArn);
  await writeFile(to, String(document));
}
