import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from '../../e2e/support/free-port.ts';
import { type Service, startService } from '../../e2e/support/service.ts';

/** Where the virtual environments' programs are. */
export const MINISTACK_BIN = resolve('.venv-ministack/bin');
export const SAM_BIN = resolve('.venv-aws/bin');

const SERVICES = [
  'apigateway',
  'cloudformation',
  'cloudwatch',
  'dynamodb',
  'events',
  'firehose',
  'iam',
  'lambda',
  'logs',
  's3',
  'scheduler',
  'secretsmanager',
  'sns',
  'ssm',
  'sts',
];

export const REGION = 'eu-west-1';

export interface Emulator extends Service {
  readonly endpoint: string;
}

/**
 * Starts MiniStack, an emulator of AWS, on the loopback and with roles enforced.
 *
 * @param folder for all that it and the functions write.
 * @see https://pypi.org/project/ministack/
 */
export async function startEmulator(folder: string): Promise<Emulator> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  await Promise.all([home, temporary].map((path) => mkdir(path, { recursive: true })));
  const service = await startService({
    name: 'MiniStack',
    command: join(MINISTACK_BIN, 'ministack'),
    args: [],
    env: {
      AUTH: 'true',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      HOME: home,
      IOT_MTLS_ENABLED: '0',
      MINISTACK_REGION: REGION,
      SERVICES: SERVICES.join(','),
      SFTP_ENABLED: '0',
      TMPDIR: temporary,
    },
    isReady: async () => (await fetch(`${endpoint}/_ministack/health`)).ok,
  });
  return { ...service, endpoint };
}
