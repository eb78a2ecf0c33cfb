/** `clickfeed dashboard`: serves the pages. */
import { once } from 'node:events';
import type { Command } from 'commander';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';

/** Defines the command. */
export function defineDashboard(command: Command, cli: Cli): void {
  command
    .description(
      'Serves the pages on DASHBOARD_HOST and DASHBOARD_PORT until Ctrl-C. They only read, as CLICKHOUSE_READER_USER; there is no login.',
    )
    .addHelpText(
      'after',
      examples([
        ['clickfeed dashboard', 'on http://127.0.0.1:8090'],
        ['DASHBOARD_PORT=9090 clickfeed dashboard', 'on another port'],
      ]),
    )
    .action(async (_: object, command: Command) => {
      const { io } = cli;
      // Loaded here, so that help is quick.
      const { startDashboardService } = await import('./dashboard-service.ts');
      const service = await startDashboardService(
        cli.config(command),
        command.parent?.version() ?? 'unknown',
        (error) => {
          io.note(
            `Unexpected error, please report it: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
          );
        },
      );
      try {
        io.out(`Dashboard: ${service.url}`);
        if (!io.signal.aborted) await once(io.signal, 'abort');
      } finally {
        await service.close();
      }
    });
}
