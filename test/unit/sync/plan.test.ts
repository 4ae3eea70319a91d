import { describe, expect, it } from 'vitest';
import { planChanges, type RealmView, storable } from '../../../src/sync/plan.ts';
import type { AccountRecord } from '../../../src/table/accounts.ts';

const PROFILE = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', roles: ['editor', 'viewer'] };
const ACCOUNT: AccountRecord = { userId: 'ada', ...PROFILE, active: true, deleted: false };
const USER = { id: 'ada', enabled: true, ...PROFILE };

const AT = 1_800_000_000;
const GONE_SECONDS = 1000;

function planFor(account: Partial<AccountRecord>, view: Partial<typeof USER> | 'gone'): unknown {
  const user: RealmView = view === 'gone' ? 'gone' : { ...USER, ...view };
  return planChanges({ ...ACCOUNT, ...account }, user, AT, GONE_SECONDS);
}

describe('nothing is changed', () => {
  it.each<[string, Partial<AccountRecord>, Partial<typeof USER> | 'gone']>([
    ['when all is equal', {}, {}],
    ['when roles differ in order only', { roles: ['viewer', 'editor'] }, {}],
    ['when a role is there twice', { roles: ['viewer', 'editor', 'viewer'] }, {}],
    ['when neither has a role', { roles: undefined }, { roles: [] }],
    ['when neither has an email', { email: '' }, { email: '' }],
    ['in a deleted account, whose user differs', { deleted: true, active: false }, { email: 'new@example.com' }],
    ['in a deleted account, whose user is gone', { deleted: true, active: true }, 'gone'],
    ['when an operator disabled the account and the user is enabled', { active: false, disabledBy: 'operator' }, {}],
    ['when somebody disabled it before it was told who', { active: false }, {}],
    [
      'when an operator disabled the account of a user who is known to be gone',
      { active: false, disabledBy: 'operator', goneSince: AT - 1 },
      'gone',
    ],
    [
      'when the sync disabled it, and the user is still disabled',
      { active: false, disabledBy: 'sync' },
      { enabled: false },
    ],
    [
      'when the sync disabled it, and the user is still gone, but not for long enough',
      { active: false, disabledBy: 'sync', goneSince: AT - GONE_SECONDS + 1 },
      'gone',
    ],
  ])('%s', (_, account, view) => {
    expect(planFor(account, view)).toBeUndefined();
  });
});

describe('an account takes over', () => {
  it('what differs, and nothing else', () => {
    expect(planFor({}, { email: 'new@example.com', lastName: 'King' })).toStrictEqual({
      action: 'update',
      because: undefined,
      differs: ['email', 'lastName'],
      changes: { email: 'new@example.com', lastName: 'King' },
    });
  });

  it('roles, sorted and each once', () => {
    expect(planFor({}, { roles: ['viewer', 'auditor', 'viewer'] })).toMatchObject({
      differs: ['roles'],
      changes: { roles: ['auditor', 'viewer'] },
    });
  });

  it('that there is no email and no role any more', () => {
    expect(planFor({}, { email: '', roles: [] })).toMatchObject({
      differs: ['email', 'roles'],
      changes: { email: undefined, roles: undefined },
    });
  });

  it("an operator's account's new email too, without being enabled", () => {
    expect(planFor({ active: false, disabledBy: 'operator' }, { email: 'new@example.com' })).toMatchObject({
      action: 'update',
      changes: { email: 'new@example.com' },
    });
  });
});

describe('an account is', () => {
  const OFF = { active: false, disabledBy: 'sync' } as const;

  it('disabled with its user, and takes over what else differs', () => {
    expect(planFor({}, { enabled: false, firstName: 'A.' })).toStrictEqual({
      action: 'disable',
      because: 'disabled_in_realm',
      differs: ['firstName'],
      changes: { firstName: 'A.', ...OFF },
    });
  });

  it('disabled when its user is gone, and keeps what it knows', () => {
    expect(planFor({}, 'gone')).toStrictEqual({
      action: 'disable',
      because: 'gone',
      differs: [],
      changes: { ...OFF, goneSince: AT },
    });
  });

  it('noted as gone when its user is, though somebody had disabled it', () => {
    expect(planFor({ active: false, disabledBy: 'operator' }, 'gone')).toStrictEqual({
      action: 'update',
      because: undefined,
      differs: ['goneSince'],
      changes: { goneSince: AT },
    });
  });

  it('deleted when its user has been gone for long enough, and only if it is disabled', () => {
    const gone = { goneSince: AT - GONE_SECONDS };
    expect(planFor({ ...OFF, ...gone }, 'gone')).toStrictEqual({ action: 'delete', differs: [], changes: {} });
    expect(planFor(gone, 'gone')).toMatchObject({ action: 'disable' });
    expect(planFor({ ...OFF, ...gone }, {})).toMatchObject({ action: 'enable', changes: { goneSince: undefined } });
  });

  it('enabled again with its user, if it was the sync that disabled it', () => {
    expect(planFor({ active: false, disabledBy: 'sync' }, {})).toStrictEqual({
      action: 'enable',
      because: undefined,
      differs: [],
      changes: { active: true, disabledBy: undefined },
    });
  });
});

describe('a text of the realm', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    [' \t\n ', undefined],
    ['  Ada ', 'Ada'],
    ['Ada\u0000\nLovelace', 'Ada Lovelace'],
    ['x'.repeat(256), 'x'.repeat(256)],
    ['x'.repeat(257), 'x'.repeat(256)],
    [`${'x'.repeat(255)}😀`, 'x'.repeat(255)],
  ])('%j is kept as %j', (text, kept) => {
    expect(storable(text)).toBe(kept);
  });
});
