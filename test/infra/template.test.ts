import { startPython } from '../../infra/check/python.ts';
import { gatepassTarget } from '../../infra/check/targets/gatepass.ts';
import { describeTarget } from './support/describe-target.ts';
import { LINTED_MISTAKES, MISTAKES } from './support/mistakes-by-target.ts';

describeTarget('template.yaml', gatepassTarget(startPython()), MISTAKES.template, LINTED_MISTAKES.template);
