import { startPython } from '../../infra/check/python.ts';
import { openApiTarget } from '../../infra/check/targets/openapi.ts';
import { sourcesTarget } from '../../infra/check/targets/sources.ts';
import { sharedResponses } from '../../infra/check/targets/target.ts';
import { templateTarget } from '../../infra/check/targets/templates.ts';
import { terraformTarget } from '../../infra/check/targets/terraform.ts';
import { describeTarget } from './support/describe-target.ts';

const python = startPython();
const example = (name: string) => templateTarget(python, `infra/attach/${name}/template.yaml`);
/** What check:infra has the CDK synthesise. */
const CDK = '.cache/check-infra/attach/cdk/cdk.out/my-api.template.json';

describeTarget('gateway-responses.yaml', sharedResponses);
describeTarget('sam', example('sam'));
describeTarget('cloudformation', example('cloudformation'));
describeTarget('cdk', templateTarget(python, CDK));
describeTarget('http-api', example('http-api'));
describeTarget('websocket', example('websocket'));
describeTarget('openapi', openApiTarget);
describeTarget('terraform', terraformTarget(python));
describeTarget('sources', sourcesTarget);
