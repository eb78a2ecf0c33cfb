/** Structured logs: one JSON object per line on standard error, secrets blotted out. */
import { destination, pino, type Logger } from 'pino';
import { printable } from '../../domain/printable.ts';

export type { Logger } from 'pino';

/** How logs are written. */
export interface LoggerOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** Values that must not appear in any line, whoever logs them: an error of a library may quote its input. */
  readonly secrets: readonly string[];
  /** File to append to. Default: standard error, so that a command's standard output stays its own. */
  readonly file?: string | undefined;
}

/** Shorter values are no secrets worth the name, and blotting them out would shred the logs. */
const SECRET_LENGTH_MIN = 4;

/** Makes the logger of the process. */
export function createLogger({ level, secrets, file }: LoggerOptions): Logger {
  const blot = blotter(secrets);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // JSON leaves some as they are: those of 8 bits, and what turns the writing round.
      hooks: { streamWrite: (line) => printable(blot(line)) },
    },
    destination({ dest: file ?? 2, mkdir: true, sync: true }),
  );
}

/** Replaces every secret in a text, also in the form that JSON gives it. */
export function blotter(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const unique = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => unique.reduce((blotted, secret) => blotted.replaceAll(secret, '[secret]'), text);
}
