/** `npm run bench [-- name...]`: measures on servers of its own; prints tables, writes bench/results/ and docs/performance.md. */
import { Command } from 'commander';
import type { Bench, Sizes } from './harness/bench.ts';
import { terminalLines, writeDocs, writeResult } from './harness/report.ts';
import { stored } from './harness/result.ts';
import { startServers } from './harness/servers.ts';
import { drift } from './drift.ts';
import { growth } from './growth.ts';
import { largeObject } from './large-object.ts';
import { pages } from './pages.ts';
import { smallObjects } from './small-objects.ts';
import { start } from './start.ts';
import { wholeFeed } from './whole-feed.ts';

// On Node 20 the AWS SDK prints that it will want Node 22.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const BENCHES: readonly Bench[] = [smallObjects, largeObject, drift, growth, start, pages, wholeFeed];

interface Options extends Partial<Record<keyof Sizes, number>> {
  readonly full?: true;
  readonly only: readonly string[];
  readonly json?: true;
  readonly store: boolean;
  readonly docs?: true;
  readonly profile?: string;
}

const program = new Command('npm run bench --')
  .description('Measures on servers of its own. Without names: everything, at the usual size.')
  .argument('[name...]', BENCHES.map(({ name, summary }) => `${name}: ${summary}`).join('; '))
  .option('--full', 'the sizes that the targets speak of; needs a quiet machine and time')
  .option('--hours <number>', 'hours of the feed, four objects each', Number)
  .option('--lines <number>', 'lines in each object', Number)
  .option('--runs <number>', 'measured runs', Number)
  .option('--seed <number>', 'seed of the feed', Number)
  .option('--only <contender...>', 'contenders of a measurement; all by default', [])
  .option('--profile <folder>', 'write CPU profiles of the workers there')
  .option('--json', 'print the results as JSON, progress on standard error')
  .option('--no-store', 'write neither bench/results/ nor docs/performance.md')
  .option('--docs', 'measure nothing: write docs/performance.md from bench/results/')
  .action(measure);
await program.parseAsync();

async function measure(names: readonly string[], options: Options): Promise<void> {
  if (options.docs === true) return writeDocs();
  const unknown = names.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown !== undefined) program.error(`Cannot measure ${unknown}: see --help for the names`);
  for (const bench of BENCHES) {
    if (names.length === 0 || names.includes(bench.name)) await measureOne(bench, options);
  }
  if (options.store) await writeDocs();
}

async function measureOne(bench: Bench, options: Options): Promise<void> {
  const say = (line: string): void => {
    console.error(line);
  };
  const servers = await startServers(say);
  const stopOn = (signal: NodeJS.Signals): void => {
    say(`${signal}: stopping the servers and removing ${servers.dir}`);
    // What was being measured fails when its servers go; that is not worth a word.
    process.on('unhandledRejection', () => undefined);
    void servers.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', stopOn).once('SIGTERM', stopOn);
  try {
    const sizes = sizesOf(bench, options);
    const result = await bench.run({ servers, sizes, only: options.only, profileDir: options.profile, say });
    if (options.store) await writeResult(result);
    console.log(options.json === true ? JSON.stringify(stored(result)) : terminalLines(result).join('\n'));
  } finally {
    await servers.close();
    process.off('SIGINT', stopOn).off('SIGTERM', stopOn);
  }
}

function sizesOf({ sizes }: Bench, options: Options): Sizes {
  const chosen = options.full === true ? sizes.full : sizes.usual;
  const keys = Object.keys(chosen) as (keyof Sizes)[];
  return Object.fromEntries(keys.map((key) => [key, options[key] ?? chosen[key]])) as Record<keyof Sizes, number>;
}
