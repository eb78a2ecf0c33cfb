/**
 * Writes powerbi/: a Power BI project in text form, from the BI views and the metrics.
 * `npx tsx scripts/powerbi.ts` writes, with `--check` it only fails when a file is out of date or no longer made.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { IS_CHECK, ROOT, writeOrCheck } from './generated-file.ts';
import { modelFiles } from './powerbi/model.ts';
import { reportFiles } from './powerbi/report.ts';

const SCRIPT = 'scripts/powerbi.ts';
const FOLDER = join(ROOT, 'powerbi');
const SCHEMAS = 'https://developer.microsoft.com/json-schemas/fabric';
const MODEL = 'clickfeed.SemanticModel';
const REPORT = 'clickfeed.Report';

const files = new Map<string, string>();
for (const [path, value] of jsonFiles()) {
  const options = await resolveConfig(join(FOLDER, 'x.json'));
  files.set(join(FOLDER, path), await format(JSON.stringify(value), { ...options, parser: 'json' }));
}
for (const [path, text] of modelFiles()) files.set(join(FOLDER, MODEL, 'definition', path), text);
writeOrCheck(files, SCRIPT);
for (const file of leftOver()) {
  if (!IS_CHECK) rmSync(file);
  else {
    console.error(`No longer made: ${file}; run npx tsx ${SCRIPT}`);
    process.exitCode = 1;
  }
}

function jsonFiles(): Map<string, object> {
  return new Map<string, object>([
    [
      'clickfeed.pbip',
      {
        $schema: `${SCHEMAS}/pbip/pbipProperties/1.0.0/schema.json`,
        version: '1.0',
        artifacts: [{ report: { path: REPORT } }],
        settings: { enableAutoRecovery: true },
      },
    ],
    [`${MODEL}/.platform`, platform('SemanticModel', '6f1c3f0e-6d0a-4c57-9d52-0c1f5a0b7a01')],
    [
      `${MODEL}/definition.pbism`,
      { $schema: `${SCHEMAS}/item/semanticModel/definitionProperties/1.0.0/schema.json`, version: '4.2', settings: {} },
    ],
    [`${REPORT}/.platform`, platform('Report', '6f1c3f0e-6d0a-4c57-9d52-0c1f5a0b7a02')],
    [
      `${REPORT}/definition.pbir`,
      {
        $schema: `${SCHEMAS}/item/report/definitionProperties/2.0.0/schema.json`,
        version: '4.0',
        datasetReference: { byPath: { path: `../${MODEL}` } },
      },
    ],
    ...[...reportFiles()].map(([path, value]) => [`${REPORT}/definition/${path}`, value] as const),
  ]);
}

function platform(type: string, logicalId: string): object {
  return {
    $schema: `${SCHEMAS}/gitIntegration/platformProperties/2.0.0/schema.json`,
    metadata: { type, displayName: 'clickfeed' },
    config: { version: '2.0', logicalId },
  };
}

/** Files in the two folders that are not made any more. */
function leftOver(): string[] {
  return [MODEL, REPORT]
    .map((name) => join(FOLDER, name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((file) => statSync(file).isFile() && !files.has(file) && !file.includes('/.pbi/'));
}
