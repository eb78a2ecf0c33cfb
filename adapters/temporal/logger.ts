/** Temporal's log lines in ours. */
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/common';

/** The part of a logger that is needed here. */
export interface LineLogger {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Levels of our lines. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/**
 * Warnings of the SDK about what is in order: whoever asked for a workflow's progress gave up before the answer came, as a page does that
 * is closed.
 */
const NO_WARNING = /^Query not found when attempting to respond to it/;

/** Temporal's logger over ours. Its metadata carry workflow, run and activity ids. */
export function temporalLogger(logger: LineLogger): TemporalLogger {
  const write = (level: Level, message: string, metadata: LogMetadata | undefined): void => {
    logger[level === 'warn' && NO_WARNING.test(message) ? 'debug' : level](fieldsOf(metadata), message);
  };
  return {
    log: (level: LogLevel, message, metadata) => {
      write(level.toLowerCase() as Level, message, metadata);
    },
    trace: (message, metadata) => {
      write('trace', message, metadata);
    },
    debug: (message, metadata) => {
      write('debug', message, metadata);
    },
    info: (message, metadata) => {
      write('info', message, metadata);
    },
    warn: (message, metadata) => {
      write('warn', message, metadata);
    },
    error: (message, metadata) => {
      write('error', message, metadata);
    },
  };
}

/** Metadata that are the same on every line, or for machines only. */
const LEFT_OUT = ['error', 'isLocal', 'namespace', 'taskToken', 'sdkComponent'];

/** The metadata that say something on their own; an error goes under `err`, where its stack is written out. */
function fieldsOf(metadata: LogMetadata | undefined): object {
  const fields = Object.fromEntries(Object.entries(metadata ?? {}).filter(([name]) => !LEFT_OUT.includes(name)));
  const error: unknown = metadata?.['error'];
  return error === undefined ? fields : { ...fields, err: error };
}
