/**
 * The process that is the embedded ClickHouse server: `clickhouse-process.ts <config.xml> <data folder>`.
 * libchdb exports `query_stable_v2(argc, argv)`, the entry point of `clickhouse local`, and that program can open the server's ports.
 * Its last statement never ends, so the server stays up until the process is told to end.
 */
import { dirname, join } from 'node:path';
import { libchdbPath } from 'chdb/libchdb';
import { DataType, load, open } from 'ffi-rs';

const NEVER_ENDING =
  'SELECT sleep(3) FROM numbers(1000000000) ' +
  'SETTINGS max_block_size=1, function_sleep_max_microseconds_per_block=3000000 FORMAT Null';

async function serve(configFile: string): Promise<void> {
  open({ library: 'chdb', path: libchdbPath() });
  const args = [
    'clickhouse',
    `--path=${join(dirname(configFile), 'data')}`,
    '--listen_host=127.0.0.1',
    '--config-file',
    configFile,
    `--query=SYSTEM START LISTEN HTTP; SYSTEM START LISTEN TCP; ${NEVER_ENDING}`,
  ];
  await load({
    library: 'chdb',
    funcName: 'query_stable_v2',
    retType: DataType.BigInt,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [args.length, args],
    runInNewThread: true, // the event loop stays free for signals
  });
}

const [, , configFile] = process.argv;
if (configFile === undefined) throw new Error('Cannot start ClickHouse: expected the configuration file as argument');
// The call above runs in a thread of its own and never returns; a timer keeps the event loop alive beside it.
setInterval(() => undefined, 60_000);
serve(configFile).then(
  () => process.exit(1), // the never-ending statement has ended: the library has printed why
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
