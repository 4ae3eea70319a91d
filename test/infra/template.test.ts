import { startPython } from '../../infra/check/python.ts';
import { gatepassTarget } from '../../infra/check/targets/gatepass.ts';
import { describeTarget } from './support/describe-target.ts';

describeTarget('template.yaml', gatepassTarget(startPython()));
