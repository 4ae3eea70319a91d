// Measures what run.mjs was told to, by the Node that Lambda has.
import { buildBundles } from './bundles.ts';
import { measureCold } from './cold.ts';
import { measureGrowth } from './growth.ts';
import type { Job } from './job.ts';
import { ratiosOf } from './ratios.ts';
import { describeMachine, type Findings, render } from './report.ts';
import { startScene } from './scene.ts';
import { measureWarm } from './warm-cases.ts';

const job = JSON.parse(process.argv[2] ?? '') as Job; // run.mjs has made it
const tell = (line: string) => process.stderr.write(`${line}\n`);

const machine = describeMachine();
const scene = await startScene(job);
try {
  const bundles = await buildBundles(job.work, job.installed.folder);
  if (bundles.before === undefined) tell('The bundle before is left out: this checkout has no history.');
  const cold = job.only.includes('cold') ? await measureCold(job, scene, bundles, tell) : [];
  const warm = job.only.includes('warm') ? await measureWarm(job, scene, bundles, tell) : [];
  const growth = job.only.includes('growth') ? await measureGrowth(job, scene, bundles, tell) : [];
  const { rounds } = job;
  const findings: Findings = { machine, rounds, ratios: ratiosOf(cold, warm, growth), cold, warm, growth };
  process.stdout.write(job.json ? `${JSON.stringify(findings, null, 2)}\n` : render(findings));
} finally {
  await scene.stop();
}
