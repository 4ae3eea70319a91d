import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createCheckout } from '../support/checkout.ts';
import { CASE_NAMES } from '../support/events.ts';
import { PROGRAM_LIMIT_MS } from '../support/program.ts';

const checkout = createCheckout();

afterAll(() => checkout.remove());

const VALID = 'events/api-key-valid.json';

describe('npm run invoke', () => {
  it('runs every case, in the order of the table, and prints JSON alone with --silent', async () => {
    const args = ['run', '--silent', 'invoke', '--', '--json'];
    const { stdout } = await promisify(execFile)('npm', args, { cwd: checkout.folder, timeout: PROGRAM_LIMIT_MS });
    const rows: { case: string; differences: string[] }[] = JSON.parse(stdout); // the command's own format
    expect(rows.map((row) => row.case)).toEqual(CASE_NAMES);
    expect(rows.flatMap(({ differences }) => differences)).toEqual([]);
  });

  it('ends with status 1 where a case is not as expected, and says how it differs', async () => {
    const table = join(checkout.folder, 'events/cases.json');
    const before = readFileSync(table, 'utf8');
    const { contexts, cases } = JSON.parse(before);
    cases['no-credentials'] = { outcome: 'allow', reason: 'credentials.empty' };
    writeFileSync(table, JSON.stringify({ contexts, cases }));
    const { status, out } = await checkout.run('local/invoke');
    writeFileSync(table, before);
    expect(status).toBe(1);
    expect(out).toMatch(
      /^no-credentials: the outcome is "deny", expected "allow"; the reason is "credentials.missing"/m,
    );
    expect(out).toMatch(/ 1 not as expected\n$/);
  });
});

describe('npm run invoke -- FILE', () => {
  it('runs a case with what it breaks, and ends with status 0 where a fault is what it expects', async () => {
    const { status, out, err } = await checkout.run('local/invoke', VALID, '--case', 'api-key-table-unreachable');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^What API Gateway gets \(.* ms\):\n\{\n {2}"fault": /);
    expect(out).toContain('"reason": "fault.table"');
  });

  it('ends with status 1 for a fault that nothing expects, after the answer', async () => {
    writeFileSync(join(checkout.folder, 'own.json'), '{}');
    const { status, out, err } = await checkout.run('local/invoke', 'own.json', '--json');
    const message = 'npm run invoke: the outcome is fault, expected no fault\n';
    expect({ status, err }).toEqual({ status: 1, err: message });
    expect(JSON.parse(out)).toMatchObject({ fault: { name: 'Fault' }, log: [{ reason: 'fault.event' }] });
    expect(await checkout.run('local/invoke', 'own.json', '--expect', 'fault')).toMatchObject({ status: 0, err: '' });
  });

  it('runs what npm run event printed, and ends with status 1 where it is not what --expect says', async () => {
    const { out: event } = await checkout.run('local/event', VALID, '--case', 'api-key-expired');
    expect(event).not.toContain('{{');
    writeFileSync(join(checkout.folder, 'own.json'), event);
    const { status, out, err } = await checkout.run('local/invoke', 'own.json', '--expect', 'allow');
    const message = 'npm run invoke: the outcome is deny, expected allow\n';
    expect({ status, err }).toEqual({ status: 1, err: message });
    expect(out).toContain('"reason": "api_key.expired"');
  });
});

it.each(['invoke', 'event'])('npm run %s tells wrong usage in one line, and ends with status 2', async (name) => {
  const message = `npm run ${name}: There is no file ${join(checkout.folder, 'missing.json')}.\n`;
  expect(await checkout.run(`local/${name}`, 'missing.json')).toEqual({ status: 2, out: '', err: message });
  expect(await checkout.run(`local/${name}`, VALID, '--bogus')).toMatchObject({ status: 2, out: '' });
});
