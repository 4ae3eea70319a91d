// Builds the self-service page: one script, one style sheet and an icon, each named by its content, and the HTML that
// names them.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = 'src/self-service/page';

/** @param {string} folder where the page's files go */
export async function buildPage(folder) {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, 'main.tsx'), join(SOURCE, 'style.css')],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    outdir: folder,
    write: false,
  });
  mkdirSync(folder, { recursive: true });
  const script = write('main', 'js', textOf('main.js'));
  const style = write('main', 'css', textOf('style.css'));
  const icon = write('icon', 'svg', readFileSync(join(SOURCE, 'icon.svg'), 'utf8'));
  const html = readFileSync(join(SOURCE, 'index.html'), 'utf8');
  write('index', 'html', html.replace('{{script}}', script).replace('{{style}}', style).replace('{{icon}}', icon));

  /**
   * @param {string} name
   * @param {string} ending
   * @param {string} text
   * @returns the file's name, which changes with its content, since it is kept for ever; but for the page itself.
   */
  function write(name, ending, text) {
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const file = ending === 'html' ? `${name}.${ending}` : `${name}.${hash}.${ending}`;
    writeFileSync(join(folder, file), text);
    return file;
  }

  /** @param {string} name */
  function textOf(name) {
    const file = outputFiles.find(({ path }) => path.endsWith(`/${name}`));
    if (file === undefined) throw new Error(`The build made no ${name}.`);
    return file.text;
  }
}
