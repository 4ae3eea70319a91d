import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../terminal/format.ts';
import type { Answers } from './init-answers.ts';
import { parseSamConfig, renderSamConfig } from './init-toml.ts';

/** The file from which `sam build` and `sam deploy` take their options. */
export interface SamConfig {
  readonly isNew: boolean;
  /** What an earlier `init`, `sam deploy --guided` or a person wrote into it. */
  readonly answers: Partial<Answers>;
  /** What answers, all of them, change in it, and what makes the change: at once or not at all. */
  change(answers: Answers): { readonly changes: readonly Row[]; readonly save: () => void };
}

export const SAM_CONFIG = 'samconfig.toml';

/** The template beside `dist/`, in a checkout and in an installed package. */
const TEMPLATE = fileURLToPath(new URL('../../template.yaml', import.meta.url));

/** @throws UsageError when the file isn't one of SAM's. */
export function openSamConfig(folder: string): SamConfig {
  const path = join(folder, SAM_CONFIG);
  const isNew = !existsSync(path);
  const before = parseSamConfig(isNew ? '' : readFileSync(path, 'utf8'));
  const templateFile = relative(folder, TEMPLATE).split(sep).join('/');
  const { stack, region } = before;
  return {
    isNew,
    answers: { ...(stack && { stack }), ...(region && { region }), parameters: before.parameters },
    change(answers) {
      const after = { ...answers, templateFile };
      const rows = [
        { answer: 'stack', was: stack, is: after.stack },
        { answer: 'region', was: region, is: after.region },
        { answer: 'template', was: isNew ? undefined : before.templateFile, is: templateFile },
        ...Object.entries(after.parameters).map(([answer, is]) => ({ answer, was: before.parameters[answer], is })),
      ].filter(({ was, is }) => was !== is);
      return {
        changes: isNew ? rows.map(({ answer, is }) => ({ answer, value: is })) : rows,
        save() {
          writeFileSync(`${path}.new`, renderSamConfig(before.document, after));
          renameSync(`${path}.new`, path);
        },
      };
    },
  };
}
