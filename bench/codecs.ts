/**
 * Measures column codecs on a generated month of the feed: `CLICKHOUSE_URL=... CLICKHOUSE_USER=... CLICKHOUSE_PASSWORD=... npx tsx bench/codecs.ts`.
 * One column at a time, its rows in the order of the raw table; prints bytes per row and the time of a full read.
 * The choice and the figures stand in adapters/clickhouse/columns.ts.
 */
import { createClient } from '@clickhouse/client';
import { LOAD_ID_CLOCK_SHIFT, LOAD_ID_LOW_RANGE } from '../domain/load-id.ts';

const ROWS = 744_000; // a month of 1,000 page views an hour

/** What is measured: a column's type, its value by row number in the table's order, and the codecs to try. */
const COLUMNS: readonly { name: string; type: string; value: string; codecs: readonly string[] }[] = [
  // A clock above bits without order: load ids at their worst, one per hour of the feed
  {
    name: '_load',
    type: 'UInt64',
    value: `bitOr(bitShiftLeft(toUInt64(1712790000000 + intDiv(number, 1000) * 3600000), ${LOAD_ID_CLOCK_SHIFT}), cityHash64(intDiv(number, 1000)) % ${LOAD_ID_LOW_RANGE})`,
    codecs: ['LZ4', 'ZSTD(1)', 'Delta, ZSTD(1)', 'T64, ZSTD(1)'],
  },
  {
    name: '_hour',
    type: "DateTime('UTC')",
    value: 'toDateTime(1712790000 + intDiv(number, 1000) * 3600)',
    codecs: ['LZ4', 'ZSTD(1)', 'Delta, ZSTD(1)', 'T64, ZSTD(1)'],
  },
  {
    name: '_line in order of time',
    type: 'UInt64',
    value: 'number % 1000 + 1',
    codecs: ['LZ4', 'ZSTD(1)', 'Delta, ZSTD(1)', 'T64, ZSTD(1)'],
  },
  {
    name: '_line in order of click',
    type: 'UInt64',
    value: 'cityHash64(number) % 1000 + 1',
    codecs: ['LZ4', 'ZSTD(1)', 'Delta, ZSTD(1)', 'T64, ZSTD(1)'],
  },
  {
    name: 'event_timestamp',
    type: "DateTime64(6, 'UTC')",
    value: `fromUnixTimestamp64Micro(toInt64(1712790000000000 + number * 3600000 + cityHash64(number) % 3600000), 'UTC')`,
    codecs: ['LZ4', 'ZSTD(1)', 'Delta, ZSTD(1)', 'DoubleDelta, ZSTD(1)', 'T64, ZSTD(1)'],
  },
  {
    name: 'uuid, each once',
    type: 'UUID',
    value: 'reinterpretAsUUID(sipHash128(number))',
    codecs: ['NONE', 'LZ4', 'ZSTD(1)'],
  },
  {
    name: 'uuid, sorted, 5 times each',
    type: 'UUID',
    value: 'reinterpretAsUUID(sipHash128(intDiv(number, 5)))',
    codecs: ['NONE', 'LZ4', 'ZSTD(1)'],
  },
  {
    name: 'hash twin, 5 times each',
    type: 'String',
    value: 'hex(SHA256(toString(intDiv(number, 5))))',
    codecs: ['LZ4', 'ZSTD(1)', 'ZSTD(3)'],
  },
  {
    name: 'user agent',
    type: 'String',
    value: `concat('Mozilla/5.0 (Linux; Android ', toString(cityHash64(number) % 9), '.', toString(cityHash64(number, 1) % 9), ') AppleWebKit/', toString(531 + cityHash64(number, 2) % 6), '.', toString(cityHash64(number, 3) % 3), ' (KHTML, like Gecko) Chrome/', toString(13 + cityHash64(number, 4) % 50), '.0.', toString(800 + cityHash64(number, 5) % 99), '.0 Safari/531.2')`,
    codecs: ['LZ4', 'ZSTD(1)', 'ZSTD(3)'],
  },
  {
    name: 'e-mail, 5 times each',
    type: 'String',
    value: `concat('user', toString(cityHash64(intDiv(number, 5)) % 100000), '@example.com')`,
    codecs: ['LZ4', 'ZSTD(1)', 'ZSTD(3)'],
  },
  {
    name: 'latitude, 5 times each',
    type: 'Nullable(Float64)',
    value: 'round(cityHash64(intDiv(number, 5)) % 9000000 / 100000, 5)',
    codecs: ['LZ4', 'ZSTD(1)', 'Gorilla, ZSTD(1)', 'Delta, ZSTD(1)'],
  },
  {
    name: 'category of 6',
    type: 'LowCardinality(String)',
    value: `concat('/page', toString(cityHash64(number) % 6))`,
    codecs: ['LZ4', 'ZSTD(1)'],
  },
  {
    name: 'category of 300',
    type: 'LowCardinality(String)',
    value: `concat('xx_', toString(cityHash64(number) % 300))`,
    codecs: ['LZ4', 'ZSTD(1)'],
  },
  { name: 'boolean', type: 'Bool', value: 'cityHash64(number) % 2', codecs: ['LZ4', 'ZSTD(1)', 'T64, ZSTD(1)'] },
  { name: '_extra, empty', type: 'String', value: `''`, codecs: ['LZ4', 'ZSTD(1)'] },
];

const client = createClient({
  url: process.env['CLICKHOUSE_URL'] ?? 'http://127.0.0.1:8123',
  username: process.env['CLICKHOUSE_USER'] ?? 'default',
  password: process.env['CLICKHOUSE_PASSWORD'] ?? '',
});

try {
  await client.command({ query: 'CREATE DATABASE IF NOT EXISTS bench_codecs' });
  for (const column of COLUMNS) for (const codec of column.codecs) console.log(await measure(column, codec));
} finally {
  await client.command({ query: 'DROP DATABASE bench_codecs SYNC' });
  await client.close();
}

async function measure({ name, type, value }: (typeof COLUMNS)[number], codec: string): Promise<string> {
  const table = 'bench_codecs.one';
  await client.command({ query: `DROP TABLE IF EXISTS ${table} SYNC` });
  await client.command({
    query: `CREATE TABLE ${table} (v ${type} CODEC(${codec})) ENGINE = MergeTree ORDER BY tuple() SETTINGS min_bytes_for_wide_part = 0`,
  });
  await client.command({
    query: `INSERT INTO ${table} SELECT ${value} FROM numbers(${ROWS}) ORDER BY number`,
    clickhouse_settings: { max_insert_threads: '1', max_block_size: String(ROWS), min_insert_block_size_bytes: '0' },
  });
  const size = await client.query({
    query: `SELECT sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns
      WHERE database = 'bench_codecs' AND table = 'one' AND active AND column = 'v'`,
    format: 'JSONEachRow',
  });
  const [row] = await size.json<{ bytes: string }>();
  let bestMs = Infinity;
  for (let i = 0; i < 15; i += 1) {
    const beginMs = performance.now();
    await client.command({
      query: `SELECT ignore(v) FROM ${table} FORMAT Null`,
      clickhouse_settings: { max_threads: 1 },
    });
    bestMs = Math.min(bestMs, performance.now() - beginMs);
  }
  return `${name.padEnd(28)} ${codec.padEnd(22)} ${(Number(row?.bytes) / ROWS).toFixed(2).padStart(7)} B/row ${bestMs.toFixed(1).padStart(7)} ms`;
}
