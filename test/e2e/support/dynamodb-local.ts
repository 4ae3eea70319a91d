import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { cached, fetchDependencies } from './maven.ts';
import { type Service, startService } from './service.ts';

const VERSION = '3.3.1'; // as in dynamodb-local/pom.xml
const POM = fileURLToPath(new URL('./dynamodb-local/pom.xml', import.meta.url));

/** Starts an empty DynamoDB Local on a free port, in memory. It listens on every interface: there is no option. */
export async function startDynamoDbLocal(): Promise<Service & { readonly endpoint: string }> {
  const jars = await cached(`dynamodb-local-${VERSION}`, (work) => fetchDependencies(POM, work));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: `DynamoDB Local ${VERSION}`,
    command: 'java',
    args: [
      '-Xmx256m',
      '-cp',
      join(jars, '*'),
      'software.amazon.dynamodb.services.local.main.ServerRunner',
      '-inMemory',
      '-sharedDb',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    // It misses a signature, and so it is there.
    isReady: async () => (await fetch(endpoint)).status === 400,
  });
  return { ...service, endpoint };
}
