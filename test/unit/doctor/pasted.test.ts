import { describe, expect, it } from 'vitest';
import { readPasted } from '../../../src/doctor/pasted.ts';

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
