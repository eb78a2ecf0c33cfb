/** `clickfeed dashboard`: serves the pages. */
import { once } from 'node:events';
import type { Command } from 'commander';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import { startDashboardService } from './dashboard-service.ts';

/** Registers the command. */
export function registerDashboard(program: Command, cli: Cli): void {
  program
    .command('dashboard')
    .summary('serve the pages: overview, coverage, scorecard')
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
      const service = await startDashboardService(cli.config(command), program.version() ?? 'unknown', (error) => {
        io.note(`Unexpected error, please report it: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      });
      try {
        io.out(`Dashboard: ${service.url}`);
        if (!io.signal.aborted) await once(io.signal, 'abort');
      } finally {
        await service.close();
      }
    });
}
