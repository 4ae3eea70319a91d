import { describe, expect, it } from 'vitest';
import { asFault, Fault } from '../../src/fault.ts';

describe('what was thrown', () => {
  it('stays as it is when it is a fault', () => {
    const fault = new Fault('fault.table', 'The table could not be read.', { cause: new Error('x') });
    expect(asFault(fault)).toBe(fault);
  });

  it.each([new TypeError('x is not a function'), 'text', undefined, null, { reason: 'fault.table' }])(
    'becomes an unexpected fault that keeps it as the cause: %j',
    (thrown) => {
      const fault = asFault(thrown);
      expect(fault).toBeInstanceOf(Fault);
      expect(fault).toMatchObject({
        name: 'Fault',
        reason: 'fault.unexpected',
        message: 'The authorizer failed in a way it does not know.',
      });
      expect(fault.cause).toBe(thrown);
    },
  );
});
