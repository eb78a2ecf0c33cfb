/** `clickfeed worker`: runs a worker until SIGTERM or Ctrl-C. */
import type { Command } from 'commander';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';

/** Defines the command. */
export function defineWorker(command: Command, cli: Cli): void {
  command
    .description(
      'Runs a worker until SIGTERM or Ctrl-C; run as many as you like. Logs go to standard error, one JSON object a line.\n' +
        '/healthz, /readyz and /metrics are served on HEALTH_HOST:HEALTH_PORT.',
    )
    .addHelpText(
      'after',
      examples([
        ['clickfeed worker', 'with the configuration of the environment'],
        ['LOAD_CONCURRENCY=16 HEALTH_PORT=0 clickfeed worker', 'a second one on the same machine'],
        ['curl localhost:8085/metrics', 'metrics in the format of Prometheus'],
      ]),
    )
    .action(async (_options: object, command: Command) => {
      const config = cli.config(command);
      // Loaded here, as no other command needs Temporal's native part.
      const { runWorker } = await import('../../worker.ts');
      await runWorker(config, { signal: cli.io.signal });
    });
}
