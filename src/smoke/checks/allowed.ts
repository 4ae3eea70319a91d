import {
  type Check,
  callOf,
  describeAnswer,
  type Finding,
  fail,
  findingOf,
  get,
  isAllowed,
  isRefused,
  type Outcome,
  parseObject,
  pass,
  skip,
} from '../check.ts';
import type { Answer } from '../client.ts';
import { keyIdOf } from '../forge.ts';
import { unreadable } from '../refusals.ts';
import type { Target } from '../target.ts';

/** Good credentials, in every way in which they may be sent. */
export function allowedChecks(target: Target): readonly Check[] {
  const { key, token } = target;
  const bearer = token === undefined ? undefined : `Bearer ${token}`;
  return [
    allowed('A good key is let through', '--key', key),
    callerOf('The backend is told the key by its public id', '--key', key, 'api_key'),
    allowed('A good key is let through again', '--key', key),
    allowed('A good key behind Bearer is let through', '--key', key && `Bearer ${key}`),
    allowed('The scheme is read in any case (bearer)', '--key', key && `bearer ${key}`),
    allowed('The scheme is read in any case (BEARER)', '--key', key && `BEARER ${key}`),
    lowerCaseHeader('--key', key),
    otherRoute('A cached result serves other routes and methods (key)', '--key', key),
    check('A good token is let through', '--token', bearer, getWith, judgeToken),
    callerOf('The backend is told that it was a token', '--token', bearer, 'bearer'),
    allowed('A good token is let through again', '--token', bearer),
    allowed('A good token behind bearer in lower case is let through', '--token', token && `bearer ${token}`),
    otherRoute('A cached result serves other routes and methods (token)', '--token', bearer),
    readable(bearer ?? key),
  ];

  function allowed(name: string, option: string, value: string | undefined): Check {
    return check(name, option, value, getWith);
  }

  function getWith(given: string): ReturnType<MakeCall> {
    return callOf({ method: 'GET', path: target.path }, given);
  }

  function lowerCaseHeader(option: string, value: string | undefined): Check {
    const name = 'The name of the header is read in lower case too';
    return check(name, option, value, (given) => ({
      method: 'GET',
      path: target.path,
      headers: [['authorization', given]],
    }));
  }

  function otherRoute(name: string, option: string, value: string | undefined): Check {
    return check(name, option, value, (given) => callOf(target.other, given));
  }
}

type MakeCall = (value: string) => ReturnType<typeof callOf>;

function check(
  name: string,
  option: string,
  value: string | undefined,
  makeCall: MakeCall,
  judge: (answer: Answer) => Outcome = judgeAllowed,
): Check {
  return {
    name,
    expected: '2xx',
    async run({ client }) {
      if (value === undefined) return skip(`no ${option} was given`);
      return judge(await client(makeCall(value)));
    },
  };
}

function judgeAllowed(answer: Answer): Finding {
  return isAllowed(answer) ? pass(describeAnswer(answer)) : fail(describeAnswer(answer));
}

/** The policy for a token denies from its end on: at once, where the condition of that Deny is ignored. */
function judgeToken(answer: Answer): Outcome {
  return { ...judgeAllowed(answer), ...(isRefused(answer) ? { dated: 'ignored' } : {}) };
}

/** The example API answers with its caller; another one need not. */
function callerOf(name: string, option: string, value: string | undefined, authMethod: 'api_key' | 'bearer'): Check {
  return {
    name,
    expected: `authMethod "${authMethod}"${authMethod === 'api_key' ? ", apiKeyId the key's" : ' and a userId'}`,
    async run(smoke) {
      if (value === undefined) return skip(`no ${option} was given`);
      const answer = await get(smoke, value);
      if (!isAllowed(answer)) return fail(describeAnswer(answer));
      const body = parseObject(answer.body);
      if (!('authMethod' in body) && !smoke.target.isExample) return skip("this API's answer doesn't tell the caller");
      const differences: string[] = [];
      if (body['authMethod'] !== authMethod) differences.push('another authMethod');
      if (authMethod === 'bearer' && !body['userId']) differences.push('no userId');
      if (authMethod === 'api_key' && !isKeyId(body['apiKeyId'], smoke.target)) differences.push('another apiKeyId');
      return findingOf(answer, differences);
    },
  };
}

/** The id of an imported key doesn't stand in it. */
function isKeyId(value: unknown, target: Target): boolean {
  const keyId = keyIdOf(target);
  return keyId === undefined ? typeof value === 'string' && value !== '' && value !== target.key : value === keyId;
}

function readable(value: string | undefined): Check {
  return {
    name: 'A page of another origin may read the answer to an allowed request',
    expected: '2xx with Access-Control-Allow-Origin',
    async run(smoke) {
      if (!smoke.target.hasCors) return skip('--no-cors');
      if (value === undefined) return skip('neither --key nor --token was given');
      const answer = await get(smoke, value);
      return findingOf(answer, [...(isAllowed(answer) ? [] : ['not 2xx']), ...unreadable(answer, [])]);
    },
  };
}
