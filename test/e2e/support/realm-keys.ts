import * as v from 'valibot';
import type { AdminApi } from './admin-api.ts';

const KEY_PROVIDER = 'org.keycloak.keys.KeyProvider';

/** Rotates as an administrator does: a new RSA key before all others, which sign nothing from then on but stay. */
export async function addSigningKey(admin: AdminApi, priority: number): Promise<void> {
  const { id } = v.parse(v.object({ id: v.string() }), await admin.get(''));
  await admin.post('/components', {
    name: `rsa-${priority}`,
    providerId: 'rsa-generated',
    providerType: KEY_PROVIDER,
    parentId: id,
    config: {
      priority: [String(priority)],
      enabled: ['true'],
      active: ['true'],
      algorithm: ['RS256'],
      keySize: ['2048'],
    },
  });
}

/** Withdraws a key: the realm publishes it no longer. */
export async function disableKey(admin: AdminApi, kid: string): Promise<void> {
  const keysSchema = v.object({ keys: v.array(v.object({ kid: v.string(), providerId: v.string() })) });
  const { keys } = v.parse(keysSchema, await admin.get('/keys'));
  const providerId = keys.find((key) => key.kid === kid)?.providerId;
  if (providerId === undefined) throw new Error(`The realm has no key ${kid}.`);
  const componentSchema = v.looseObject({ config: v.record(v.string(), v.array(v.string())) });
  const component = v.parse(componentSchema, await admin.get(`/components/${providerId}`));
  await admin.put(`/components/${providerId}`, { ...component, config: { ...component.config, enabled: ['false'] } });
}
