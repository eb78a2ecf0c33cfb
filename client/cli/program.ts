/** The frame of the command line: name, global options, how errors and help are written. */
import { Command } from 'commander';
import type { DefineCommand } from './cli.ts';
import type { CliIo } from './io.ts';

/** A command before it is loaded: what the list of commands says of it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<DefineCommand>;
}

/** The program without commands. Its parser throws instead of exiting. */
export function createProgram(version: string, io: CliIo): Command {
  const program = new Command('clickfeed')
    .description('Loads an hourly clickstream feed from S3 into ClickHouse, completely and exactly once')
    .version(version)
    .option('--config <file>', 'JSON file with configuration keys (default: CLICKFEED_CONFIG of the environment)')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('Run it with --help for the options and examples')
    .configureOutput({
      writeOut: (text) => {
        io.out(text.trimEnd());
      },
      writeErr: (text) => {
        io.note(text.trimEnd());
      },
      getOutHasColors: () => io.colors.isColorSupported,
      getErrHasColors: () => io.colors.isColorSupported,
    });
  program.addHelpText(
    'after',
    examples([
      ['clickfeed up', 'everything on this machine, with a demo feed'],
      ['clickfeed doctor', 'is everything reachable, and may we?'],
      ['clickfeed setup', 'make database, tables, views and the schedule'],
      ['clickfeed worker', 'run a worker'],
      ['clickfeed load 2024-05-01T13', 'load one hour now'],
      ['clickfeed backfill', 'load what is missing, from the start of the feed'],
      ['clickfeed follow backfill/first', 'show a run until it ends'],
      ['clickfeed status', 'what is loaded'],
      ['clickfeed coverage', 'what became of each hour, as a grid'],
      ['clickfeed receipts --hour 2024-05-01T13', 'the proof of what was loaded'],
      ['clickfeed metrics --by source', 'the figures of the dashboard'],
      ['clickfeed quarantine list', 'lines that could not become rows'],
      ['clickfeed truncate', 'clear tables; "clickfeed restore" takes it back'],
      ['clickfeed restore truncation-0192f3', 'bring the rows of a truncation back'],
      ['clickfeed reconcile', 'hold bucket, ledger and rows against each other'],
      ['clickfeed sweep', 'delete rows that can never be seen again'],
      ['clickfeed schedule list', 'the schedules and their next runs'],
      ['clickfeed dashboard', 'the feed in the browser'],
    ]),
  );
  return program;
}

/** Adds the commands by name and summary; each is loaded when it is called, or its help is asked for. */
export function registerCommands(program: Command, entries: readonly CommandEntry[], io: CliIo): void {
  for (const { name, summary } of entries) program.command(name).summary(summary);
  const define = async (command: Command): Promise<void> => {
    const entry = entries.find(({ name }) => name === command.name());
    if (entry === undefined) return;
    const [defineCommand, { createCli }] = await Promise.all([entry.load(), import('./cli.ts')]);
    defineCommand(command, createCli(io));
  };
  program.hook('preSubcommand', (_program, command) => define(command));
  // In place of the parser's own, which would show a command that is not loaded.
  program
    .command('help')
    .summary('display help for a command')
    .argument('[command]')
    .action(async (name?: string) => {
      const command = program.commands.find((candidate) => candidate.name() === name);
      if (name !== undefined && command === undefined) program.error(`error: unknown command '${name}'`);
      if (command !== undefined) await define(command);
      (command ?? program).outputHelp();
    });
}

/** Examples for the end of a help text. */
export function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, meaning]) => `  $ ${command.padEnd(width)}  # ${meaning}`).join('\n')}`;
}
