/** Cases 38 to 55, end to end: odd lines beside good ones, over the real servers. */
import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { createInsightReader } from '../../adapters/clickhouse/insight/index.ts';
import { isTableName, type TableName } from '../../domain/catalogue.ts';
import { entryName } from '../../domain/feed-object.ts';
import { addHours, onlyHour, type Hour } from '../../domain/hour.ts';
import type { HourReport } from '../../domain/loading.ts';
import { linesOf } from '../support/feed-lines.ts';
import { IS_LARGE } from '../support/large.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { publishObject } from '../support/s3.ts';
import { zipOf } from '../support/zip.ts';
import { fileNameOf, goodLines, hostileEntries } from './hostile-lines.ts';
import { expectExact, HOUR, windowOf } from './support.ts';

const GEO = 'geo_events';
const BLOCK_LINES = 20_000;
const MANY_LINES = IS_LARGE ? 5_000_000 : 60_000;
const FOLDER = new URL('./hostile-lines/', import.meta.url);
const FILES = readdirSync(FOLDER).sort();

/** What the name of a file says. */
function expectationOf(file: string): { outcome: string; reason: string; table: TableName } {
  const [, outcome = '', reason = '', table = ''] =
    /^([a-z]+)(?:-([a-z0-9-]+?))?--.*\.([a-z_]+)\.jsonl$/.exec(file) ?? [];
  if (!isTableName(table)) throw new Error(`Expected a table in the name ${file}`);
  return { outcome, reason, table };
}

/** The lines that are not blank, by number from 1, as text or, where they are none, as base64. */
function numberedLines(bytes: Buffer): [lineNumber: number, text: string][] {
  const text = bytes.toString('latin1').replace(/^ï»¿/, ''); // a BOM
  return text.split('\n').flatMap((line, i): [number, string][] => {
    const raw = Buffer.from(line.replace(/\r$/, ''), 'latin1');
    const isUtf8 = Buffer.from(raw.toString()).equals(raw);
    return raw.toString().trim() === '' ? [] : [[i + 1, raw.toString(isUtf8 ? 'utf8' : 'base64')]];
  });
}

/** What an hour of the folder became. */
interface Found {
  readonly report: HourReport | undefined;
  readonly rowLines: number[];
  readonly quarantine: readonly { readonly line: string; readonly text: string; readonly reason: string }[];
}

async function foundOf({ database }: Loader, table: TableName, hour: Hour, report?: HourReport): Promise<Found> {
  const params = { hour: Date.parse(`${hour}:00:00Z`) / 1000, table };
  const at = `hour = {hour:DateTime('UTC')}`;
  const rows = await database.rows<{ line: string }>(
    `SELECT _line AS line FROM ${table} WHERE _${at} ORDER BY 1`,
    params,
  );
  const quarantine = await database.rows<Found['quarantine'][number]>(
    `SELECT line_number AS line, text, reason FROM quarantine WHERE ${at} AND table_name = {table:String}
     AND load_id IN (SELECT load_id FROM current_loads) ORDER BY line_number`,
    params,
  );
  return { report, rowLines: rows.map(({ line }) => Number(line)), quarantine };
}

function check(file: string, { report, rowLines, quarantine }: Found): void {
  const { outcome, reason, table } = expectationOf(file);
  const lines = numberedLines(readFileSync(new URL(file, FOLDER)));
  if (outcome === 'rejected') {
    expect(report, file).toMatchObject({ outcome: 'rejected', reason });
    expect(rowLines, file).toEqual([]);
    return;
  }
  const good = new Set(goodLines(table));
  const isGood = outcome === 'quarantined' ? (text: string) => good.has(text) : () => true;
  const bad = lines.filter(([, text]) => !isGood(text));
  expect(report?.outcome, file).toBe('current');
  expect(rowLines, file).toEqual(lines.filter(([, text]) => isGood(text)).map(([lineNumber]) => lineNumber));
  expect(
    quarantine.map(({ line, text }) => [Number(line), text]),
    file,
  ).toEqual(bad);
  for (const line of quarantine) {
    const [before = ''] = line.reason.split(':');
    expect(before.toLowerCase().replaceAll(' ', '-'), file).toBe(reason);
  }
  expect(Object.keys(report?.drift ?? {}).length > 0, file).toBe(outcome === 'drift');
  expect(bad.length > 0, file).toBe(outcome === 'quarantined');
}

describe('loadTable() of odd lines', () => {
  it('cases 39 to 55: makes of each file in hostile-lines/ what its name says, and keeps the neighbours', async () => {
    const loader = await createLoader();
    for (const table of new Set(FILES.map((file) => expectationOf(file).table))) {
      const files = FILES.filter((file) => expectationOf(file).table === table);
      const hours = files.map((_, i) => addHours(HOUR, i));
      for (const [i, file] of files.entries()) {
        const body = await zipOf(entryName(table), readFileSync(new URL(file, FOLDER)));
        await publishObject({ ...loader, table, hour: hours[i] ?? HOUR, body });
      }
      const { hours: reports } = await loader.loadTable(windowOf(files.length, { table }));
      expect(reports).toHaveLength(files.length);
      for (const [i, file] of files.entries()) {
        check(file, await foundOf(loader, table, hours[i] ?? HOUR, reports[i]));
      }
    }
  });

  it('meets a file of every entry in the list, as it is there', () => {
    const listed = hostileEntries().map((entry) => [fileNameOf(entry), entry.bytes.toString('base64')]);
    const stored = FILES.map((file) => [file, readFileSync(new URL(file, FOLDER)).toString('base64')]);
    expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(listed));
  });

  it('case 52: keeps event times outside their hour as they are, and the scorecard counts them', async () => {
    const loader = await createLoader();
    const outside = ['2024-05-01 12:59:59.999999', '2024-05-01 14:00:00', '1999-01-01 00:00:00.5'];
    const change = (fields: Record<string, unknown>, number: number): Record<string, unknown> => ({
      ...fields,
      event_timestamp: outside[number - 5] ?? fields['event_timestamp'],
    });
    const browser = linesOf('browser_events', HOUR, 20, change);
    await publishObject({ ...loader, table: 'browser_events', hour: HOUR, lines: browser });
    await publishObject({
      ...loader,
      table: 'location_events',
      hour: HOUR,
      lines: linesOf('location_events', HOUR, 20),
    });
    for (const table of ['browser_events', 'location_events'] as const) await loader.loadTable(windowOf(1, { table }));
    await loader.run(() => loader.activities.buildEvents(onlyHour(HOUR)));
    const kept = await loader.database.rows<{ at: string }>(
      'SELECT event_timestamp AS at FROM browser_events WHERE _line BETWEEN 6 AND 8 ORDER BY _line',
    );
    expect(kept.map(({ at }) => at)).toEqual([
      '2024-05-01 12:59:59.999999',
      '2024-05-01 14:00:00.000000',
      '1999-01-01 00:00:00.500000',
    ]);
    const { lines } = await createInsightReader(loader.server, { nowMs: Date.now }).scorecard(onlyHour(HOUR));
    expect(lines.find(({ id }) => id === 'outside_hour')?.evidence).toEqual({ part: 3, whole: 20 });
    await expectExact(loader, { [HOUR]: 20 }, 'browser_events');
  });

  it('case 38: quarantines the one bad line at the end of very many, and keeps all others', async () => {
    const loader = await createLoader();
    const block = Buffer.from(linesOf(GEO, HOUR, BLOCK_LINES).join('\n') + '\n');
    const bad = linesOf(GEO, HOUR, 1)[0]?.slice(0, -1) ?? '';
    const zip = new ZipFile();
    const pieces = [...Array.from({ length: MANY_LINES / BLOCK_LINES }, () => block), Buffer.from(bad)];
    zip.addReadStream(Readable.from(pieces), entryName(GEO), { compressionLevel: 1 });
    zip.end();
    await publishObject({ ...loader, table: GEO, hour: HOUR, body: await buffer(zip.outputStream) });
    const report = await loader.loadTable(windowOf(1, { table: GEO }));
    expect(report).toMatchObject({ lines: MANY_LINES + 1, rows: MANY_LINES, quarantined: 1 });
    const quarantine = await loader.database.rows('SELECT line_number AS line, text FROM quarantine');
    expect(quarantine).toEqual([{ line: String(MANY_LINES + 1), text: bad }]);
    await expectExact(loader, { [HOUR]: MANY_LINES }, GEO);
  }, 600_000);

  it('case 51: keeps 200,000 identical lines, all of them, zipped to the default cap of the ratio', async () => {
    const loader = await createLoader(undefined, { ratio: 1_000 });
    const [line = ''] = linesOf(GEO, HOUR, 1);
    const body = await zipOf(entryName(GEO), `${line}\n`.repeat(200_000));
    await publishObject({ ...loader, table: GEO, hour: HOUR, body });
    const report = await loader.loadTable(windowOf(1, { table: GEO }));
    expect(report.hours).toMatchObject([{ outcome: 'current' }]);
    await expectExact(loader, { [HOUR]: 200_000 }, GEO);
  }, 120_000);
});
