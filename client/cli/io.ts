/** What a command may touch of the process: handed in, so that commands are testable and speak one way. */
import { createInterface } from 'node:readline/promises';
import picocolors from 'picocolors';

/** Colours, or the same functions doing nothing. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** The process as commands see it. */
export interface CliIo {
  /** Results: what a script reads. */
  out(text: string): void;
  /** Everything else: progress, notes, errors. */
  note(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** Whether a person watches: progress bars and colours. */
  readonly isTerminal: boolean;
  readonly colors: Colors;
  /** Asks a person and waits for the line; undefined when nobody is there to answer, or gives up by Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string | undefined>;
  /** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
}

const EXIT_INTERRUPTED = 130;
const EXIT_PIPE_CLOSED = 141;

/** The real process. Call once. */
export function processIo(): CliIo {
  // `clickfeed status | head` closes our output early, which is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(EXIT_PIPE_CLOSED);
    });
  }
  const isTerminal = process.stdout.isTTY && process.stderr.isTTY;
  return {
    out: (text) => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    env: process.env,
    folder: process.cwd(),
    isTerminal,
    colors: picocolors.createColors(isTerminal && process.env['NO_COLOR'] === undefined),
    ask,
    signal: interruption(),
  };
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    process.stderr.write('\n');
    return undefined;
  } finally {
    lines.close();
  }
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return controller.signal;
}
