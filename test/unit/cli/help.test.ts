import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { recordOutput } from '../../support/recorded-output.ts';

const TOP = createProgram(recordOutput(), (text) => text).commands;

const COMMANDS = TOP.flatMap((group) =>
  group.commands.length === 0
    ? [{ name: group.name(), command: group }]
    : group.commands.map((command) => ({ name: `${group.name()} ${command.name()}`, command })),
);

/** The command that works before there is a table. */
const BEFORE_A_TABLE = 'init';

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 200 }).outputHelp();
  return help;
}

describe('the help', () => {
  it('is there for every command and every group of commands', () => {
    expect(COMMANDS.length).toBeGreaterThan(15);
    for (const group of TOP) expect(group.description(), group.name()).not.toBe('');
  });

  it.each(COMMANDS)('of $name says what it does and has an example of it', ({ name, command }) => {
    expect(command.description()).not.toBe('');
    expect(helpOf(command)).toMatch(new RegExp(`\nExamples?:\n  (?:.* \\| )?gatepass ${name} `));
  });

  it.each(COMMANDS)('of $name explains every option and argument', ({ command }) => {
    for (const { flags, description } of command.options) expect(description, flags).toBeTruthy();
    for (const argument of command.registeredArguments) expect(command.usage()).toContain(argument.name());
  });

  it.each(COMMANDS)('of $name has the options that name the table and JSON', ({ name, command }) => {
    const flags = command.options.map(({ long }) => long);
    const ofTable = name === BEFORE_A_TABLE ? [] : ['--table', '--local', '--profile', '--endpoint-url'];
    expect(flags).toEqual(expect.arrayContaining([...ofTable, '--region', '--json']));
  });

  it.each(COMMANDS)('of $name gives in its example every option that must be given', ({ name, command }) => {
    const example = helpOf(command).split(/\nExamples?:\n/)[1];
    for (const option of command.options.filter(({ mandatory }) => mandatory)) {
      if (option.defaultValue === undefined) expect(example).toContain(option.long);
    }
    if (name !== BEFORE_A_TABLE) expect(example).toMatch(/--table|--local/);
  });
});
