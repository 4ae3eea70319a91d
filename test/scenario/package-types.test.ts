import { describe, expectTypeOf, it } from 'vitest';
import type * as admin from '../../src/accounts/index.ts';
import type { getCaller } from '../../src/caller/index.ts';
import type * as sync from '../../src/sync/index.ts';

// What programs of others are compiled against: `npm run check` compiles these lines, which do nothing when they run.

describe('the types of gatepass/caller', () => {
  it('take any event, and give nobody as undefined', () => {
    expectTypeOf<typeof getCaller>().parameters.toEqualTypeOf<[event: unknown]>();
    expectTypeOf<typeof getCaller>().returns.extract<undefined>().toEqualTypeOf<undefined>();
  });

  it('tell of a caller', () => {
    type Caller = NonNullable<ReturnType<typeof getCaller>>;
    expectTypeOf<Caller>().toEqualTypeOf<{
      readonly userId: string;
      readonly authMethod: 'api_key' | 'bearer';
      readonly email?: string;
      readonly firstName?: string;
      readonly lastName?: string;
      readonly apiKeyId?: string;
      readonly environment?: string;
      readonly scope?: string;
      readonly roles: readonly string[];
      readonly clientId?: string;
    }>();
  });
});

describe('the types of gatepass/admin', () => {
  it('open a table by its name, or by a client that can send', () => {
    type Table = Parameters<typeof admin.openAdmin>[0]['table'];
    expectTypeOf<string>().toExtend<Table>();
    expectTypeOf<admin.Table>().toExtend<Table>();
    expectTypeOf<keyof admin.Table['client']>().toEqualTypeOf<'send' | 'destroy'>();
  });

  it('want of a new key its owner and its name', () => {
    expectTypeOf<{ userId: string; name: string }>().toExtend<admin.NewApiKey>();
    expectTypeOf<{ userId: string }>().not.toExtend<admin.NewApiKey>();
    expectTypeOf<typeof admin.createKey>().returns.resolves.toEqualTypeOf<{
      readonly key: string;
      readonly item: admin.ApiKey;
    }>();
  });

  it('want the owner of a key that is changed', () => {
    expectTypeOf<Parameters<typeof admin.disableKey>[1]>().toEqualTypeOf<admin.OwnedKey>();
    expectTypeOf<{ keyId: string }>().not.toExtend<admin.OwnedKey>();
  });

  it('hold no hash of a key', () => {
    expectTypeOf<admin.ApiKey>().toHaveProperty('keyId').toEqualTypeOf<string>();
    expectTypeOf<Extract<keyof admin.ApiKey, 'hash' | 'replacedHash' | 'importedHash'>>().toBeNever();
  });

  it('tell a refusal by its code', () => {
    expectTypeOf<admin.AdminError>().toHaveProperty('code').toEqualTypeOf<admin.AdminErrorCode>();
    expectTypeOf<'key_not_found' | 'user_not_found' | 'too_many_keys'>().toExtend<admin.AdminErrorCode>();
  });
});

describe('the types of gatepass/sync', () => {
  it('make a realm of an issuer and a service account', () => {
    expectTypeOf<typeof sync.realmAddress>().returns.toEqualTypeOf<sync.RealmAddress>();
    expectTypeOf<typeof sync.createKeycloakRealm>().returns.toEqualTypeOf<sync.Realm>();
    expectTypeOf<typeof sync.createKeycloakRealm>().parameter(0).toEqualTypeOf<sync.RealmAddress>();
  });

  it('make a pass, whose kind must be said', () => {
    expectTypeOf<{ pass: 'full' }>().toExtend<sync.PassOptions>();
    expectTypeOf<{ pass: 'whole' }>().not.toExtend<sync.PassOptions>();
    expectTypeOf<{ dryRun: true }>().not.toExtend<sync.PassOptions>();
    expectTypeOf<typeof sync.sync>().returns.resolves.toEqualTypeOf<sync.PassResult>();
  });

  it('take the table that gatepass/admin takes', () => {
    expectTypeOf<sync.SyncParts['table']>().toEqualTypeOf<admin.Table>();
  });
});
