import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readPasted } from '../../../src/doctor/pasted.ts';
import { createApiKey, createKeyId } from '../../../src/key-format/format.ts';

const FORMS = { keyPrefix: 'gp', importedPrefixes: ['legacy_'] };
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLTQyIn0.c2lnbmF0dXJl-_x';
const KEY = 'gp_live_0i5T1SDDFrAIMls9v5SOZmjYYqhA_secret';
const WRAPPED = TOKEN.replaceAll(/(.{12})/g, '$1\n');
const ANSWER = { access_token: TOKEN, expires_in: 300, refresh_token: 'eyJ.refresh.x', token_type: 'Bearer' };

describe('what people paste of a token', () => {
  it.each([
    ['the token', TOKEN],
    ['with line breaks around it', `\r\n ${TOKEN}\n\n`],
    ['with its scheme', `bearer   ${TOKEN}`],
    ['a header', `Authorization: Bearer ${TOKEN}`],
    ['a header in lower case, without the scheme', `authorization:${TOKEN}`],
    ['a header among others', `Host: api.example.com\r\nAuthorization: Bearer ${TOKEN}\r\nAccept: */*`],
    ['a header of a command', `curl -i https://api.example.com -H "Authorization: Bearer ${TOKEN}" -X POST`],
    ['a header of code', `fetch(url, { headers: { Authorization: 'Bearer ${TOKEN}' } })`],
    ['quoted', `"${TOKEN}"`],
    ['quoted, and a comma', `'Bearer ${TOKEN}',`],
    ['wrapped', WRAPPED],
    ['wrapped and indented', WRAPPED.replaceAll('\n', '\r\n    ')],
    ['wrapped behind its scheme', `Bearer\n${WRAPPED}`],
    ['a wrapped header', `Authorization: Bearer ${WRAPPED}`],
    ['the whole answer of the token endpoint', JSON.stringify(ANSWER)],
    ['that answer, printed prettily', JSON.stringify(ANSWER, null, 2)],
    ['that answer, wrapped', JSON.stringify(ANSWER).replaceAll(/(.{7})/g, '$1\n')],
    ['a line of that answer', `  "access_token": "${TOKEN}",`],
    ['the answer as a form', `access_token=${TOKEN}&token_type=Bearer&expires_in=300`],
    ['the line that npm start prints', `TOKEN=${TOKEN}`],
    ['an export of a shell', `export ACCESS_TOKEN="${TOKEN}"`],
  ])('is taken: %s', (_, text) => {
    expect(readPasted(text, FORMS)).toStrictEqual({ kind: 'token', value: TOKEN });
  });
});

describe('what people paste of a key', () => {
  it.each([
    ['the key', KEY],
    ['with its scheme', `Bearer ${KEY}`],
    ['a header', `Authorization: ${KEY}`],
    ['quoted', `"${KEY}"`],
    ['wrapped', `${KEY.slice(0, 20)}\n${KEY.slice(20)}\n`],
    ['the line that npm start prints', `KEY=${KEY}`],
  ])('is taken: %s', (_, text) => {
    expect(readPasted(text, FORMS)).toStrictEqual({ kind: 'api_key', value: KEY });
  });

  it.each(['legacy_a b', 'Basic dXNlcjpwYXNz', 'legacy_{"a":1}', 'gp_live_'])(
    'is left as it is, where it may have been sent so: %s',
    (value) => {
      expect(readPasted(value, FORMS)).toStrictEqual({ kind: 'api_key', value });
    },
  );
});

describe('what people paste with other text around it', () => {
  const WHOLE = createApiKey({ prefix: 'gp', environment: 'live', keyId: createKeyId('u1', randomBytes) }, randomBytes);

  it.each([
    ['what keys create prints', `${WHOLE}\nKey 0i5T1SDDFrAIMls9v5SOZmjYYqhA of u1. It is shown this once.\n`],
    ['what keys create --json prints', JSON.stringify({ key: WHOLE, userId: 'u1' }, null, 2)],
    ['a line of YAML', `api_key: ${WHOLE}`],
    ['curly quotes', `‘${WHOLE}’`],
    ['a sentence', `My key is (${WHOLE}).`],
    ['twice', `It is ${WHOLE}, I said ${WHOLE}`],
  ])('is the key that is in it: %s', (_, text) => {
    expect(readPasted(text, FORMS)).toStrictEqual({ kind: 'api_key', value: WHOLE });
  });

  it.each([
    ['curly quotes', `“${TOKEN}”`],
    ['a zero-width space', `\u200b${TOKEN}`],
    ['a full stop', `${TOKEN}.`],
    ['a fenced block', `\`\`\`\n${TOKEN}\n\`\`\``],
    ['PowerShell', `$env:TOKEN = "${TOKEN}"`],
    ["curl's own option", `curl --oauth2-bearer ${TOKEN} https://api.example.com`],
    ['a cookie', `Cookie: a=b; KEYCLOAK_IDENTITY=${TOKEN}; c=d`],
  ])('is the token that is in it: %s', (_, text) => {
    expect(readPasted(text, FORMS)).toStrictEqual({ kind: 'token', value: TOKEN });
  });

  it.each([
    ['a key and more', `${WHOLE},`, 'api_key'],
    ['the scheme twice', `Bearer Bearer ${TOKEN}`, 'token'],
    ['five parts', `${TOKEN}.a.b`, 'api_key'],
    ['a key and a token', `${WHOLE} ${TOKEN}`, 'api_key'],
    ['two keys', `"${WHOLE}" "${WHOLE.replace('live', 'test')}"`, 'api_key'],
  ])('is left as it is, where it may have been sent so or it is not clear which: %s', (_, text, kind) => {
    expect(readPasted(text, FORMS)).toStrictEqual({
      kind,
      value: text.replace('Bearer ', '').replace(/^"(.*)"$/, '$1'),
    });
  });

  it('is told to be looked at nowhere, of a key in X-Api-Key', () => {
    expect(readPasted(`X-Api-Key: ${WHOLE}`, FORMS)).toMatch(
      /^A key in X-Api-Key is not looked at: .* in Authorization/,
    );
  });
});

describe('what holds no credential', () => {
  it.each(['Bearer', 'Authorization: Bearer', '""'])('is told so: %s', (text) => {
    expect(readPasted(text, FORMS)).toBe('Standard input holds no credential, or only a scheme.');
  });

  it("is told so of the token endpoint's refusal, by its code", () => {
    const refusal = JSON.stringify({ error: 'invalid_grant', error_description: 'Invalid user credentials' });
    expect(readPasted(refusal, FORMS)).toMatch(/gave no token but the error invalid_grant/);
  });

  it('is told so of other JSON, which is not shown', () => {
    const found = readPasted(JSON.stringify({ id_token: TOKEN, error: `secret ${TOKEN}` }), FORMS);
    expect(found).toMatch(/^There is no access_token in this JSON/);
    expect(found).not.toContain('secret');
  });
});
