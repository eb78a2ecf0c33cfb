/**
 * Kills and stops workers and ClickHouse for as long, or as often, as it is told, and prints what came of it:
 * `npm run torture -- --kills 5000 --minutes 120 --seed 7`. `--write` keeps the figures for docs/reliability.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '3000' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const dir = mkdtempSync(join(tmpdir(), 'clickfeed-torture-'));
const report = values.write ? join(ROOT, 'test/cases/figures.json') : join(dir, 'report.json');
try {
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/torture'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      TORTURE_THOROUGH: '1',
      TORTURE_KILLS: values.kills,
      TORTURE_MINUTES: values.minutes,
      TORTURE_SEED: values.seed,
      TORTURE_REPORT: report,
    },
  });
  console.log(readFileSync(report, 'utf8'));
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
