import { readTemplate } from '../../../src/local/gateway/cloudformation.ts';
import { ALARM_ASSERTIONS } from '../assertions/alarms.ts';
import { type Finding, findFaults } from '../assertions/assertion.ts';
import { LOGOUT_ASSERTIONS } from '../assertions/logout.ts';
import { SELF_SERVICE_ASSERTIONS } from '../assertions/self-service.ts';
import { STACK_ASSERTIONS } from '../assertions/stack.ts';
import { TEMPLATE_ASSERTIONS } from '../assertions/template.ts';
import { TOPIC, USAGE_ASSERTIONS } from '../assertions/usage.ts';
import type { Python } from '../python.ts';
import { readApi } from '../read/cloudformation.ts';
import type { Resources } from '../resources.ts';
import { checkApi, type Target } from './target.ts';
import { ORIGIN, readStack } from './templates.ts';

const REALM = { Issuer: 'https://id.example.com/realms/main', Audience: 'my-api', ExampleApi: 'false' };
const EXAMPLE = { ...REALM, ExampleApi: 'true', CorsOrigin: ORIGIN, ChallengeRealm: 'shop' };

/** The ways in which template.yaml may be deployed. */
const VARIANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cached: { ...EXAMPLE, AuthorizerTtl: '60' },
  uncached: { ...EXAMPLE, AuthorizerTtl: '0' },
  'without the example API': REALM,
  'with the sync': { ...REALM, Sync: 'true' },
  'with usage': { ...REALM, Sync: 'true', Usage: 'true', SelfService: 'true' },
  'with usage that is told': { ...REALM, Usage: 'true', UsageAlerts: 'true', AlarmTopicArn: TOPIC },
  'with the receiver of logouts': { ...REALM, LogoutReceiver: 'true', LogoutClients: 'my-web' },
  'with self-service': { ...REALM, SelfService: 'true' },
  'with self-service and usage': { ...REALM, SelfService: 'true', Usage: 'true' },
  'with a private CA': {
    ...REALM,
    Sync: 'true',
    CaFile: '/opt/ca.pem',
    LayerArn: 'arn:aws:lambda:eu-west-1:123456789012:layer:realm-ca:1',
  },
  'in a VPC': { ...REALM, SubnetIds: 'subnet-1a', SecurityGroupIds: 'sg-1a' },
};

/** template.yaml. */
export function gatepassTarget(python: Python): Target {
  return {
    load: async () => readTemplate('template.yaml'),
    async *check(document, isLinted) {
      yield* findFaults(TEMPLATE_ASSERTIONS, document);
      for (const [variant, parameters] of Object.entries(VARIANTS)) {
        const resources = yield* readStack(python, document, parameters, isLinted);
        if (resources === undefined) return; // the other variants would say the same, at length
        for (const { assertion, fault } of checkStack(resources, parameters)) {
          yield { assertion, fault: `${variant}: ${fault}` };
        }
      }
    },
  };
}

function* checkStack(resources: Resources, parameters: Readonly<Record<string, string>>): Generator<Finding> {
  yield* findFaults(STACK_ASSERTIONS, resources);
  yield* findFaults(ALARM_ASSERTIONS, resources);
  yield* findFaults(USAGE_ASSERTIONS, resources);
  yield* findFaults(LOGOUT_ASSERTIONS, resources);
  yield* findFaults(SELF_SERVICE_ASSERTIONS, resources);
  const { SelfServiceApi: _keys, LogoutApi: _logout, ...others } = resources;
  const api = readApi(others);
  if (parameters['ExampleApi'] === 'false') {
    if (api !== undefined)
      yield { assertion: 'example-api-on-request', fault: 'there is an API that nobody asked for' };
  } else if (api === undefined) {
    yield { assertion: 'authorizer-on-every-method', fault: 'there is no API' };
  } else {
    yield* checkApi(api, `\${AuthorizerFunction}`, parameters['CorsOrigin'], parameters['ChallengeRealm']);
  }
}
