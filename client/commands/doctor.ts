/** `clickfeed doctor`: looks at S3, ClickHouse and Temporal one by one, and names the fix of each failure. */
import type { Command } from 'commander';
import { checkServer, ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import type { Config } from '../../config/config.ts';
import type { Check } from '../../domain/check.ts';
import { ClickfeedError } from '../../domain/errors.ts';
import { printable } from '../../domain/printable.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import { CommandFailed } from '../cli/run.ts';

const TIMEOUT_MS = 60_000;

/** Defines the command. */
export function defineDoctor(command: Command, cli: Cli): void {
  command
    .description(
      'Checks S3, ClickHouse and Temporal one by one: reach, credentials, rights, clock, versions; each failure with its fix.\n' +
        'Exit code 1 when anything is wrong.',
    )
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed doctor', 'all checks'],
        ['clickfeed doctor --json | jq ".checks[] | select(.ok | not)"', 'what is wrong'],
      ]),
    )
    .action(async (options: { readonly json?: boolean }, command: Command) => {
      const checks = await examine(cli, cli.config(command));
      const ok = checks.every((check) => check.ok);
      cli.print(options.json, { ok, checks }, () => checks.map((check) => checkText(cli, check)).join('\n'));
      if (!ok) throw new CommandFailed();
    });
}

async function examine(cli: Cli, config: Config): Promise<Check[]> {
  const signal = AbortSignal.any([cli.io.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const parts = await Promise.all([
    examineS3(config, signal),
    examineClickHouse(config, signal),
    examineTemporal(cli, config),
  ]);
  return parts.flat();
}

async function examineS3({ s3 }: Config, signal: AbortSignal): Promise<Check[]> {
  // Loaded here, so that help is quick; so is Temporal's.
  const { createObjectStore } = await import('../../adapters/s3/index.ts');
  const store = createObjectStore(s3);
  try {
    return await store.check(signal);
  } finally {
    store.close();
  }
}

async function examineClickHouse({ clickhouse }: Config, signal: AbortSignal): Promise<Check[]> {
  const server = new ClickHouseServer(clickhouse);
  try {
    return await checkServer(server, 'worker', () => Date.now(), signal);
  } finally {
    await server.close();
  }
}

async function examineTemporal(cli: Cli, config: Config): Promise<Check[]> {
  const subject = 'Temporal: reach and credentials';
  const { checkTemporal } = await import('../../adapters/temporal/index.ts');
  try {
    const checks = await cli.withClient(config, ({ client }) => checkTemporal(client));
    return [{ subject, ok: true, found: config.temporal.address }, ...checks];
  } catch (error) {
    if (!(error instanceof ClickfeedError)) throw error;
    return [{ subject, ok: false, found: error.message, fix: 'Set TEMPORAL_ADDRESS, TLS and API key; is it running?' }];
  }
}

function checkText({ io }: Cli, { ok, subject, found, fix }: Check): string {
  const mark = ok ? io.colors.green('ok  ') : io.colors.red('FAIL');
  const remedy = fix === undefined || ok ? '' : `\n     fix: ${printable(fix)}`;
  return `${mark} ${subject}: ${printable(found)}${remedy}`;
}
