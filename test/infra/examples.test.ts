import { CDK_TEMPLATE } from '../../infra/check/cdk.mjs';
import { startPython } from '../../infra/check/python.ts';
import { openApiTarget } from '../../infra/check/targets/openapi.ts';
import { sourcesTarget } from '../../infra/check/targets/sources.ts';
import { sharedResponses } from '../../infra/check/targets/target.ts';
import { templateTarget } from '../../infra/check/targets/templates.ts';
import { terraformTarget } from '../../infra/check/targets/terraform.ts';
import { describeTarget } from './support/describe-target.ts';
import { LINTED_MISTAKES, MISTAKES } from './support/mistakes-by-target.ts';

const python = startPython();
const example = (name: string) => templateTarget(python, `infra/attach/${name}/template.yaml`);

describeTarget('gateway-responses.yaml', sharedResponses, MISTAKES.responses);
describeTarget('sam', example('sam'), MISTAKES.sam, LINTED_MISTAKES.sam);
describeTarget('cloudformation', example('cloudformation'), MISTAKES.cloudformation, LINTED_MISTAKES.cloudformation);
describeTarget('cdk', templateTarget(python, CDK_TEMPLATE), MISTAKES.cdk);
describeTarget('http-api', example('http-api'), MISTAKES.http, LINTED_MISTAKES.http);
describeTarget('websocket', example('websocket'), MISTAKES.websocket, LINTED_MISTAKES.websocket);
describeTarget('openapi', openApiTarget, MISTAKES.openapi);
describeTarget('terraform', terraformTarget(python), MISTAKES.terraform);
describeTarget('sources', sourcesTarget, MISTAKES.sources);
