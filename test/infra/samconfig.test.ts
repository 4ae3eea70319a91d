import { execFileSync } from 'node:child_process';
import { parse } from 'smol-toml';
import { expect, it } from 'vitest';
import { parseSamConfig, renderSamConfig } from '../../src/cli/init-toml.ts';

/** The parser of `sam deploy` itself. */
const READ = `import json, sys
from samcli.cli.types import CfnParameterOverridesType
print(json.dumps(CfnParameterOverridesType().convert(json.loads(sys.argv[1]), None, None)))`;

const PARAMETERS = {
  Issuer: 'https://id.example.com/realms/main',
  Audience: 'my-api, other-api',
  Clients: '*',
  ImportedPrefixes: 'sk_,ch_',
  JwksUri: '',
  KeyScopes: 'reports:read=Read reports,reports:write=Write "all" reports',
};

it('gatepass init writes parameters that SAM reads as they were given, and so does init', () => {
  const answers = { stack: 'gatepass', region: undefined, templateFile: 'template.yaml', parameters: PARAMETERS };
  const text = renderSamConfig({}, answers);
  const { default: own } = JSON.parse(JSON.stringify(parse(text)));
  const given = JSON.stringify(own.deploy.parameters.parameter_overrides);
  const read = JSON.parse(execFileSync('.venv-aws/bin/python', ['-c', READ, given], { encoding: 'utf8' }));
  expect(read).toEqual(PARAMETERS);
  expect(parseSamConfig(text).parameters).toEqual(PARAMETERS);
});
