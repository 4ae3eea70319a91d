// What check:infra and test:deploy install for themselves, once: tools of Python in a virtual environment each.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Installs what a requirements file names, unless that is what was installed last.
 *
 * @param {string} folder of the virtual environment, ignored by git
 * @param {string} requirements the file's path
 */
export async function installPythonTools(folder, requirements) {
  const python = resolve(folder, 'bin/python');
  await installOnce(join(folder, '.installed'), readFileSync(requirements, 'utf8'), async () => {
    await run('python3', ['-m', 'venv', folder]).catch((/** @type {Error} */ { message }) => {
      throw new Error(`needs Python 3.10 or newer as python3, with venv (Debian: python3-venv).\n${message}`);
    });
    const pip = ['-m', 'pip', 'install', '--quiet'];
    await run(python, [...pip, 'uv==0.13.8']);
    // A few seconds, where pip takes half a minute; but pip goes by the user's own pip.conf.
    await run(python, ['-m', 'uv', 'pip', 'install', '--quiet', '--python', python, '-r', requirements]).catch(() =>
      run(python, [...pip, '--no-compile', '-r', requirements]),
    );
  });
}

/**
 * @param {string} stamp a file that tells what was installed last
 * @param {string} wanted
 * @param {() => Promise<string | void>} install
 */
export async function installOnce(stamp, wanted, install) {
  const hash = createHash('sha256').update(wanted).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await install();
  writeFileSync(stamp, hash);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>} what it printed
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', (error) => reject(new Error(`can't start ${command}: ${error.message}`)));
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`exit status ${code}\n${output}`))));
  });
}
