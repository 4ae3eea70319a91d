import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Makes a certificate for this run, for the realm and the table on the loopback.
 *
 * @param {string} packages where the packages of the measurements are installed
 * @param {string} folder
 */
export async function makeCertificate(packages, folder) {
  /** @type {{ generate: (attributes: object[], options: object) => Promise<{ private: string, cert: string }> }} */
  const { generate } = await import(pathToFileURL(join(packages, 'node_modules/selfsigned/index.js')).href);
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  writeFileSync(certificateFile, made.cert);
  writeFileSync(keyFile, made.private, { mode: 0o600 });
  return { certificateFile, keyFile };
}
