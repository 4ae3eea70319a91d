import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../../src/local/gateway/json.ts';
import type { Api } from '../api.ts';
import type { Finding } from '../assertions/assertion.ts';
import { type OpenApi, readOpenApi } from '../read/openapi.ts';
import { AUTHORIZER_ARN, checkExample, type Target } from './target.ts';

const EXAMPLE = 'infra/attach/openapi';
const API_ID = 'a1b2c3d4e5';

/** Stands in for the AWS command-line tool: writes down what it is asked, and keeps the document. */
const AWS = `#!/bin/sh
for argument in "$@"; do
  printf '%s\\037' "$argument" >>"$CALLS/calls"
  case $argument in fileb://*) cp "\${argument#fileb://}" "$CALLS/document.yaml" ;; esac
done
echo >>"$CALLS/calls"
case $* in *import-rest-api*) echo ${API_ID} ;; esac
`;

/** The document as import.sh hands it over, and what the script asks of AWS beside it. */
export const openApiTarget: Target = {
  async load() {
    const [text, script] = await Promise.all(
      ['openapi.yaml', 'import.sh'].map((name) => readFile(join(EXAMPLE, name), 'utf8')),
    );
    return { document: parse(text ?? ''), script: script ?? '' };
  },
  async *check(example) {
    try {
      const { document, calls } = await runScript(example);
      const { calls: callsOverApi } = await runScript(example, API_ID);
      yield* checkExample(readImported(document, calls), AUTHORIZER_ARN);
      if (JSON.stringify(document).includes('{{')) yield importFault('the document has a {{placeholder}} in it');
      yield* checkDeployment(calls, 'import-rest-api');
      yield* checkDeployment(callsOverApi, 'put-rest-api');
    } catch (error) {
      yield importFault(String(error));
    }
  },
};

type Call = readonly string[];

function importFault(fault: string): Finding {
  return { assertion: 'import-script', fault };
}

function* checkDeployment(calls: readonly Call[], wanted: string): Generator<Finding> {
  const imports = calls.filter(([, command = '']) => command.endsWith('rest-api')).map(([, command]) => command);
  const last = calls.at(-1) ?? [];
  const isDeployed = last[1] === 'create-deployment' && optionOf(last, '--rest-api-id') === API_ID;
  if (imports.join() !== wanted || !isDeployed) {
    yield { assertion: 'deployment-has-every-part', fault: `import.sh doesn't deploy after ${wanted}` };
  }
}

async function runScript(example: JsonObject, ...args: string[]): Promise<{ document: OpenApi; calls: Call[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatepass-openapi-'));
  try {
    await cp(EXAMPLE, folder, { recursive: true });
    await writeFile(join(folder, 'openapi.yaml'), stringify(example['document'], { lineWidth: 0 }));
    await writeFile(join(folder, 'calls'), '');
    await writeFile(join(folder, 'document.yaml'), '{}');
    await writeFile(join(folder, 'import.sh'), String(example['script']), { mode: 0o755 });
    await writeFile(join(folder, 'aws'), AWS, { mode: 0o755 });
    const env = {
      PATH: `${folder}:/usr/bin:/bin`,
      CALLS: folder,
      AUTHORIZER_ARN,
      BACKEND_URL: 'https://backend.example.com',
    };
    await promisify(execFile)(join(folder, 'import.sh'), args, { env, timeout: 30_000 });
    const calls = (await readFile(join(folder, 'calls'), 'utf8')).trimEnd().split('\n');
    return {
      document: parse(await readFile(join(folder, 'document.yaml'), 'utf8')),
      calls: calls.map((line) => line.split('\u001f').slice(0, -1)),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function readImported(document: OpenApi, calls: readonly Call[]): Api {
  const permissions = calls.filter(([service, command]) => service === 'lambda' && command === 'add-permission');
  return {
    kind: 'REST',
    arn: `arn:aws:execute-api:eu-west-1:123456789012:${API_ID}`,
    ...readOpenApi(document),
    permissions: permissions.map((call) => ({
      function: optionOf(call, '--function-name'),
      action: optionOf(call, '--action'),
      principal: optionOf(call, '--principal'),
      sourceArn: optionOf(call, '--source-arn'),
    })),
  };
}

function optionOf(call: Call, name: string): string {
  return call.includes(name) ? (call[call.indexOf(name) + 1] ?? '') : '';
}
