import { describe, expect, it } from 'vitest';
import { DENIALS } from '../../src/decision.ts';
import { DOCTOR_CHECKS } from '../../src/doctor/doctor.ts';
import { FAULTS } from '../../src/fault.ts';
import { codeBlocks, readText, section, tableRows } from './markdown.ts';

const DEPLOY = readText('docs/deploy.md');
const KEYCLOAK = readText('docs/keycloak.md');
const LEAKED = readText('docs/leaked-key.md');
const TEMPLATE = readText('template.yaml');

/** The names below a heading of the template, which CloudFormation's own tags keep from being plain YAML. */
function namesIn(heading: string): readonly string[] {
  const [, body = ''] = new RegExp(`^${heading}:\\n((?: .*\\n|#.*\\n|\\n)*)`, 'm').exec(TEMPLATE) ?? [];
  return [...body.matchAll(/^ {2}(\w+):$/gm)].map(([, name = '']) => name);
}

function defaultOf(parameter: string): string | undefined {
  const [, body = ''] = new RegExp(`^ {2}${parameter}:\\n((?: {4}.*\\n)*)`, 'm').exec(TEMPLATE) ?? [];
  return /^ {4}Default: (.*)$/m.exec(body)?.[1]?.replace(/^'(.*)'$/, '$1');
}

describe('docs/deploy.md', () => {
  const rows = tableRows(section(DEPLOY, '## Deploy')).map(({ parameter = '', default: given = '' }) => ({
    names: parameter.split(', ').map((name) => name.replaceAll('`', '')),
    defaults: given.split(', ').map((value) => value.replaceAll('`', '')),
  }));

  it('has every parameter of the template, and no other', () => {
    expect(rows.flatMap(({ names }) => names).sort()).toEqual([...namesIn('Parameters')].sort());
  });

  it('has the defaults that the template has, where it tells them', () => {
    const told = rows.filter(({ names, defaults }) => names.length === defaults.length);
    expect(told.length).toBeGreaterThan(4);
    for (const { names, defaults } of told) {
      const expected = names.map((name) => defaultOf(name) ?? '–').map((value) => (value === '' ? 'none' : value));
      expect(defaults).toEqual(expected);
    }
  });

  it('names outputs that the template has', () => {
    const outputs = namesIn('Outputs');
    for (const name of ['TableName', 'ExampleApiUrl', 'AuthorizerArn', 'AuthorizerLogGroup']) {
      expect(DEPLOY).toContain(`\`${name}\``);
      expect(outputs).toContain(name);
    }
  });

  it('names variables and options that the smoke test has', () => {
    const command = readText('src/smoke/command.ts');
    const names = new Set(DEPLOY.match(/SMOKE_[A-Z_]*[A-Z]/g));
    expect(names.size).toBe(6);
    for (const name of names) expect(command).toContain(`'${name}'`);
    for (const block of codeBlocks(DEPLOY, 'sh').filter((code) => code.includes('npm run smoke'))) {
      for (const option of block.match(/(?<= )--[a-z-]+(?= ["\d])/g) ?? []) expect(command).toContain(`${option} <`);
    }
  });
});

describe('docs/leaked-key.md', () => {
  it('names resources, outputs and fields of the access log that the template has', () => {
    expect(namesIn('Resources')).toContain('AccessLogGroup');
    expect(LEAKED).toContain('--logical-resource-id AccessLogGroup');
    expect(namesIn('Outputs')).toContain('AuthorizerLogGroup');
    for (const field of ['sourceIp', 'method', 'path', 'status', 'apiKeyId']) expect(TEMPLATE).toContain(`"${field}":`);
  });
});

describe('docs/keycloak.md', () => {
  const realm: { clients: { clientId: string }[]; users: { clientRoles?: Record<string, string[]> }[] } = JSON.parse(
    readText('infra/keycloak/realm.json'),
  );

  it('has no client of the realm file take passwords', () => {
    const text = readText('infra/keycloak/realm.json');
    expect(text).not.toContain('"directAccessGrantsEnabled": true');
    expect(text).toContain('"bruteForceProtected": true');
  });

  it('names every client of the realm file', () => {
    for (const { clientId } of realm.clients) expect(KEYCLOAK).toContain(`\`${clientId}\``);
  });

  it('gives the sync the roles that the realm file gives it', () => {
    const roles = realm.users.flatMap(({ clientRoles }) => clientRoles?.['realm-management'] ?? []);
    expect(roles.length).toBeGreaterThan(0);
    const rights = tableRows(section(KEYCLOAK, '## The sync')).map(({ set = '' }) => set);
    for (const role of roles) expect(rights.join('\n')).toContain(`\`${role}\``);
  });

  it('names reasons and checks that the code has', () => {
    const names = [...Object.keys({ ...DENIALS, ...FAULTS }), ...DOCTOR_CHECKS.map(({ name }) => name)];
    for (const row of tableRows(section(KEYCLOAK, '## What a mistake looks like'))) {
      const named = `${row['reason in the log']} ${row['check']}`.match(/[a-z]+\.[a-z_]+/g) ?? [];
      expect(named.length).toBeGreaterThan(1);
      expect(names).toEqual(expect.arrayContaining(named));
    }
  });

  it('quotes what the tools say, to the letter', () => {
    const tools = readText('src/doctor/checks/token-claims.ts') + readText('src/keycloak/realm-problem.ts');
    for (const quote of ['It has no aud', "Keycloak's own", 'it is a lightweight access token']) {
      expect(KEYCLOAK).toContain(quote);
      expect(tools).toContain(quote);
    }
  });
});
