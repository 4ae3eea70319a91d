import { remove, set } from './edit.ts';
import type { Mistake } from './mistakes.ts';

const FUNCTION = ['Resources', 'LogoutFunction', 'Properties'];
const API = ['Resources', 'LogoutApi', 'Properties'];
const STATEMENT = [...['Resources', 'LogoutRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', 0]];
const CLIENTS = [...FUNCTION, 'Environment', 'Variables', 'GATEPASS_LOGOUT_CLIENTS'];

/** The mistakes that are tried on the receiver of logouts. */
export const LOGOUT_MISTAKES: readonly Mistake[] = [
  [
    'a second route',
    'logout-route',
    set([...API, 'DefinitionBody', 'paths', '/logout', 'get'], { responses: { '200': { description: 'Done' } } }),
  ],
  ["the account's own concurrency", 'logout-bounded', remove([...FUNCTION, 'ReservedConcurrentExecutions'])],
  ['any number of requests', 'logout-bounded', remove([...API, 'MethodSettings'])],
  ['logouts of any client', 'logout-clients', set(CLIENTS, '*')],
  ['logouts of no client', 'logout-clients', set(CLIENTS, '')],
  ['any item of the table', 'logout-least-privilege', remove([...STATEMENT, 'Condition'])],
  [
    'accounts too',
    'logout-least-privilege',
    set([...STATEMENT, 'Condition', 'ForAllValues:StringLike', 'dynamodb:LeadingKeys'], ['revoked#*', 'account#*']),
  ],
  [
    'reads of the table',
    'logout-least-privilege',
    set([...STATEMENT, 'Action'], ['dynamodb:PutItem', 'dynamodb:GetItem']),
  ],
  ['any table', 'logout-least-privilege', set([...STATEMENT, 'Resource'], '*')],
];
