/** Runs a command line: what is wrong ends as one sentence and an exit code, never as a stack for a user's mistake. */
import { CommanderError, type Command } from 'commander';
import { ClickfeedError, ConfigError, InputError } from '../../domain/errors.ts';
import { printable } from '../../domain/printable.ts';
import type { CliIo } from './io.ts';

/** 0 done, 1 failed, 2 wrong usage or configuration, 130 detached or given up by Ctrl-C: scripts rely on these. */
export const EXIT_CODES = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Thrown by a command that has said all there is to say, and failed. */
export class CommandFailed extends Error {}

/** Thrown by a command that was told by Ctrl-C to leave a run alone, and has said how to follow it again: the end is not known. */
export class CommandDetached extends Error {}

/** Parses and runs. @returns the exit code */
export async function runProgram(program: Command, args: readonly string[], io: CliIo): Promise<number> {
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT_CODES.done;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: CliIo): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
  if (error instanceof CommandFailed) return EXIT_CODES.failed;
  if (error instanceof CommandDetached) return EXIT_CODES.interrupted;
  const { red } = io.colors;
  if (error instanceof ConfigError) {
    for (const problem of error.problems) io.note(red(printable(problem)));
    return EXIT_CODES.usage;
  }
  if (error instanceof ClickfeedError) {
    io.note(red(printable(error.message)));
    return error instanceof InputError ? EXIT_CODES.usage : EXIT_CODES.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.note(red(`Unexpected error, please report it: ${text}`));
  return EXIT_CODES.failed;
}
