import { ESLint } from 'eslint';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createTempDir } from './support/own-servers.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIRECTION = '@typescript-eslint/no-restricted-imports';

const eslint = new ESLint({
  cwd: ROOT,
  ruleFilter: ({ ruleId }) => [DIRECTION, 'import-x/no-default-export'].includes(ruleId),
});

/** Rules broken by this text in place of a real file of the folder. */
async function brokenRules(file: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: path.join(ROOT, file) });
  expect(result?.messages.filter(({ fatal }) => fatal)).toEqual([]);
  return (result?.messages ?? []).map(({ ruleId }) => ruleId);
}

const value = (module: string): string => `import { something } from '${module}';\nexport const used = something;\n`;
const type = (module: string): string => `import type { Something } from '${module}';\nexport type Used = Something;\n`;

const FORBIDDEN: readonly (readonly [file: string, module: string])[] = [
  ['domain/hour.ts', 'node:fs'],
  ['domain/hour.ts', '../activities/ports.ts'],
  ['domain/hour.ts', '../config/keys.ts'],
  ['domain/hour.ts', '@temporalio/workflow'],
  ['domain/hour.ts', 'zod'],
  ['workflows/hourly-load.ts', 'node:fs'],
  ['workflows/hourly-load.ts', '../activities/settings.ts'],
  ['workflows/hourly-load.ts', '../adapters/s3/index.ts'],
  ['workflows/hourly-load.ts', '../client/connect.ts'],
  ['workflows/hourly-load.ts', '../config/load.ts'],
  ['workflows/hourly-load.ts', '../devstack/stack.ts'],
  ['workflows/hourly-load.ts', '../worker.ts'],
  ['workflows/hourly-load.ts', '@aws-sdk/client-s3'],
  ['workflows/hourly-load.ts', '@clickhouse/client'],
  ['workflows/hourly-load.ts', '@temporalio/client'],
  ['activities/load-table.ts', '../adapters/s3/index.ts'],
  ['activities/load-table.ts', '../workflows/policy.ts'],
  ['activities/load-table.ts', '../client/connect.ts'],
  ['activities/load-table.ts', '../config/load.ts'],
  ['activities/load-table.ts', '../worker.ts'],
  ['activities/load-table.ts', '@aws-sdk/client-s3'],
  ['activities/load-table.ts', '@temporalio/workflow'],
  ['adapters/s3/index.ts', '../../workflows/policy.ts'],
  ['adapters/s3/index.ts', '../../activities/settings.ts'],
  ['adapters/s3/index.ts', '../../client/connect.ts'],
  ['adapters/s3/index.ts', '../../config/load.ts'],
  ['adapters/s3/index.ts', '../clickhouse/index.ts'],
  ['adapters/s3/index.ts', '@clickhouse/client'],
  ['adapters/clickhouse/index.ts', '../s3/index.ts'],
  ['adapters/clickhouse/index.ts', '@aws-sdk/client-s3'],
  ['adapters/archive/index.ts', '../s3/index.ts'],
  ['adapters/archive/index.ts', '@clickhouse/client'],
  ['adapters/telemetry/index.ts', '../clickhouse/index.ts'],
  ['adapters/telemetry/index.ts', '@temporalio/worker'],
  ['adapters/temporal/index.ts', '../s3/index.ts'],
  ['adapters/temporal/index.ts', 'pino'],
  ['client/connect.ts', '../activities/settings.ts'],
  ['client/connect.ts', '../adapters/s3/index.ts'],
  ['client/connect.ts', '../workflows/policy.ts'],
  ['client/connect.ts', '@temporalio/worker'],
  ['client/cli/follow.ts', '../../adapters/s3/index.ts'],
  ['dashboard/reader.ts', '../workflows/policy.ts'],
  ['dashboard/reader.ts', '../activities/settings.ts'],
  ['dashboard/reader.ts', '../adapters/clickhouse/index.ts'],
];

const ALLOWED: readonly (readonly [file: string, text: string])[] = [
  ['domain/hour.ts', value('./errors.ts')],
  ['workflows/hourly-load.ts', value('../domain/hour.ts')],
  ['workflows/hourly-load.ts', type('../activities/api.ts')],
  ['activities/load-table.ts', value('../domain/hour.ts')],
  ['activities/load-table.ts', value('@temporalio/activity')],
  ['adapters/s3/index.ts', value('@aws-sdk/client-s3')],
  ['adapters/s3/index.ts', type('../../activities/ports.ts')],
  ['adapters/clickhouse/index.ts', value('@clickhouse/client')],
  ['client/connect.ts', type('../workflows/messages.ts')],
  ['client/commands/status.ts', value('../../adapters/clickhouse/index.ts')],
  ['worker.ts', value('./adapters/s3/index.ts')],
];

describe('the linter', () => {
  test.each(FORBIDDEN)('the linter refuses that %s imports %s', async (file, module) => {
    expect(await brokenRules(file, value(module))).toContain(DIRECTION);
  });

  test.each(ALLOWED)('the linter lets %s have %j', async (file, text) => {
    expect(await brokenRules(file, text)).toEqual([]);
  });

  test('the linter refuses a default export', async () => {
    expect(await brokenRules('domain/hour.ts', 'export default 1;\n')).toEqual(['import-x/no-default-export']);
  });

  test('the linter refuses a promise that nobody waits for, for which it has to know types', async () => {
    const file = path.join(await createTempDir(), 'floating.ts');
    writeFileSync(file, 'declare function work(): Promise<void>;\nwork();\n');
    const { status, stdout } = spawnSync('npx', ['oxlint', '--config', '.oxlintrc.json', file], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stdout).toContain('no-floating-promises');
    expect(status).toBe(1);
  });
});
