import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Json, JsonObject } from '../../src/local/gateway/json.ts';

/** What only Python's libraries can tell. */
export interface Python {
  /**
   * SAM's work: the template as CloudFormation gets it.
   *
   * @throws Refused where SAM finds no meaning in it.
   */
  transform(template: JsonObject, parameters: JsonObject): Promise<JsonObject>;
  /** What cfn-lint has to say of a template. */
  lint(template: JsonObject): Promise<readonly { rule: string; message: string; at: string }[]>;
  readHcl(text: string): Promise<JsonObject>;
}

export class Refused extends Error {}

/** Starts `emit.py`, which ends with its standard input. */
export function startPython(): Python {
  const child = spawn('.venv-aws/bin/python', ['infra/check/emit.py'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { resolve(answer: JsonObject): void; reject(error: Error): void }[] = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.on('close', (code) => {
    for (const { reject } of waiting) reject(new Error(`emit.py ended with status ${code}`));
  });
  child.on('error', (cause) => {
    for (const { reject } of waiting) reject(new Error("can't start .venv-aws/bin/python", { cause }));
  });
  child.unref();

  function ask(request: Json): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  return {
    async transform(template, parameters) {
      const { template: transformed, refused } = await ask({ transform: template, parameters });
      if (transformed === undefined) throw new Refused(String(refused));
      return transformed as JsonObject; // as emit.py answers
    },
    async lint(template) {
      return (await ask({ lint: template }))['findings'] as { rule: string; message: string; at: string }[];
    },
    async readHcl(text) {
      return (await ask({ hcl: text }))['document'] as JsonObject;
    },
  };
}
