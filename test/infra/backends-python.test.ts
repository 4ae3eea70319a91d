import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { codeBlocks, readText } from '../docs/markdown.ts';

const [SAMPLE = ''] = codeBlocks(readText('docs/backends.md'), 'python');

/** What the page's Python function answers to a request for order 1, which is user-42's. */
function answerTo(authorizer: object | undefined, id = '1'): unknown {
  const event = JSON.stringify({ requestContext: { authorizer }, pathParameters: { id } });
  const call = `import sys
orders = {"1": {"id": "1", "ownerId": "user-42"}}
print(json.dumps(handler(json.loads(sys.argv[1]), None, orders)["statusCode"]))`;
  return JSON.parse(execFileSync('python3', ['-c', `${SAMPLE}\n${call}`, event], { encoding: 'utf8' }));
}

const ada = { userId: 'user-42', authMethod: 'api_key' };

it.each([
  ['its owner', ada, 200],
  ['its owner behind an HTTP API', { lambda: ada }, 200],
  ['support', { userId: 'user-7', authMethod: 'bearer', roles: '["support"]' }, 200],
  ['somebody else', { userId: 'user-7', authMethod: 'bearer', roles: '["editor"]' }, 404],
  ['nobody', undefined, 500],
  ['nobody that Gatepass knows', { userId: 'user-42' }, 500],
])('the Python function in docs/backends.md gives an order to %s or not', (_, authorizer, status) => {
  expect(answerTo(authorizer)).toBe(status);
});
