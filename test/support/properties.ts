import fc from 'fast-check';

// One seed for all properties: a run of the tests fails for what was changed, and not by chance. `PROPERTY_SEED=$RANDOM`
// looks elsewhere.
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) });

export { fc };
