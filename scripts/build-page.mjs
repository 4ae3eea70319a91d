// Builds the self-service page: one script, one style sheet and an icon, each named by its content, and the HTML that
// names them.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';

const SOURCE = 'src/self-service/page';

/** @param {string} folder where the page's files go */
export async function buildPage(folder) {
  const [code, css] = await Promise.all([bundleScript(), bundleStyle()]);
  mkdirSync(folder, { recursive: true });
  const script = write('main', 'js', code);
  const style = write('main', 'css', css);
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
}

/** By Rolldown, whose minifier leaves 2 % less of it than esbuild's, compressed; the older form of JSX is smaller too. */
async function bundleScript() {
  const bundle = await rolldown({
    input: join(SOURCE, 'main.tsx'),
    platform: 'browser',
    tsconfig: false,
    transform: {
      target: 'es2022',
      jsx: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' },
      inject: { h: ['preact', 'h'], Fragment: ['preact', 'Fragment'] },
    },
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, comments: false });
  return output[0].code;
}

async function bundleStyle() {
  const { outputFiles } = await build({ entryPoints: [join(SOURCE, 'style.css')], minify: true, write: false });
  return outputFiles.map(({ text }) => text).join('');
}
