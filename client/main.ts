/** The command line's entry point: every command is registered here. */
import { readFileSync } from 'node:fs';
import { registerBackfill } from './commands/backfill.ts';
import { registerCoverage, registerReceipts } from './commands/coverage.ts';
import { registerDashboard } from './commands/dashboard.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerLoad } from './commands/load.ts';
import { registerMetrics } from './commands/metrics.ts';
import { registerQuarantine } from './commands/quarantine.ts';
import { registerSchedule } from './commands/schedule.ts';
import { registerSetup } from './commands/setup.ts';
import { registerStatus } from './commands/status.ts';
import { registerRestore, registerTruncate } from './commands/truncate.ts';
import { registerUp } from './commands/up.ts';
import { registerReconcile, registerSweep } from './commands/upkeep.ts';
import { registerWorker } from './commands/worker.ts';
import { createCli, type RegisterCommand } from './cli/cli.ts';
import { processIo } from './cli/io.ts';
import { createProgram } from './cli/program.ts';
import { runProgram } from './cli/run.ts';

const COMMANDS: readonly RegisterCommand[] = [
  registerUp,
  registerSetup,
  registerWorker,
  registerLoad,
  registerBackfill,
  registerStatus,
  registerCoverage,
  registerReceipts,
  registerMetrics,
  registerQuarantine,
  registerTruncate,
  registerRestore,
  registerReconcile,
  registerSweep,
  registerSchedule,
  registerDashboard,
  registerDoctor,
];

const io = processIo();
const program = createProgram(packageVersion(), io);
const cli = createCli(io);
for (const register of COMMANDS) register(program, cli);
process.exitCode = await runProgram(program, process.argv.slice(2), io);

/** From package.json, which lies beside client/ in a checkout and above dist/ in a package. */
function packageVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'clickfeed' && version !== undefined) return version;
    } catch {
      // not here
    }
  }
  return 'unknown';
}
