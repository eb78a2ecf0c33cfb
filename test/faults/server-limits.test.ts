/** Cases 64, 65, 66 and 69: a ClickHouse that is there and takes nothing more, until somebody makes room. */
import { execFileSync } from 'node:child_process';
import { readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startClickHouse, type ClickHouseServer } from '../../devstack/servers/clickhouse.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { createTempDir } from '../support/own-servers.ts';
import { publishObject } from '../support/s3.ts';
import { expectExact, HOUR, outcomes, startReader, TABLE, windowOf } from './support.ts';

const LINES = 30_000;
const FEWER = 40;
const AGAIN = windowOf(1, { mode: 'all' });

/** A state of the server: how it comes about and how it goes. */
interface Limit {
  readonly set: () => Promise<unknown>;
  readonly lift: () => Promise<unknown>;
}

/** A server of its own, an hour of it loaded, and the loader. */
async function createLoaded(dir: string, lines: number): Promise<{ own: ClickHouseServer; loader: Loader }> {
  const own = await startClickHouse({ dir, user: 'clickfeed', password: 'pw' });
  cleanUpLater(() => own.process.stop());
  const loader = await createLoader(own);
  await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, lines) });
  await loader.loadTable(windowOf());
  return { own, loader };
}

/** While the limit is there the load fails as one that is tried again, and its hour stays; then the next attempt is right. */
async function expectRetried(loader: Loader, { set, lift }: Limit, code: RegExp, lines: number): Promise<void> {
  await set();
  const failure: unknown = await loader.loadTable(AGAIN).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UnavailableError);
  expect((failure as Error).message).toMatch(code);
  const [shown] = await loader.database.rows(`SELECT count() AS n FROM ${TABLE}`);
  expect(shown).toEqual({ n: String(lines) });
  await lift();
  expect(outcomes(await loader.loadTable(AGAIN))).toEqual(['current']);
}

/** Settings of a table, and back to what they were. */
function tableSettings({ database }: Loader, table: string, settings: Readonly<Record<string, number>>): Limit {
  const values = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const alter = (change: string): Promise<unknown> =>
    database.client.command({ query: `ALTER TABLE ${table} ${change}` });
  return {
    set: () => alter(`MODIFY SETTING ${values.join(', ')}`),
    lift: () => alter(`RESET SETTING ${Object.keys(settings).join(', ')}`),
  };
}

/** A piece of one of the server's files, and back. */
function fileChange(path: string, from: string, to: string, reload: () => Promise<unknown>): Limit {
  const change = async (before: string, after: string): Promise<void> => {
    const text = await readFile(path, 'utf8');
    if (!text.includes(before)) throw new Error(`Expected ${before} in ${path}`);
    await writeFile(path, text.replace(before, after));
    await reload();
  };
  return { set: () => change(from, to), lift: () => change(to, from) };
}

describe('loadTable() into a ClickHouse that takes nothing more', () => {
  it('cases 64, 65, 66, 69: with too many parts, too little memory, read-only or nearly full, fails as one that is tried again, and is exact when that is over', async () => {
    const dir = await createTempDir();
    const { own, loader } = await createLoaded(dir, LINES);
    const raw = `${TABLE}_raw`;
    const tooManyParts = { parts_to_delay_insert: 1, parts_to_throw_insert: 1 };
    const reader = startReader(loader);
    await expectRetried(loader, tableSettings(loader, raw, tooManyParts), /252 TOO_MANY_PARTS/, LINES);
    await expectRetried(loader, tableSettings(loader, raw, { table_readonly: 1 }), /READ_ONLY/, LINES);
    expect(await reader.end()).toEqual([LINES]); // before the restarts below, which no reader survives
    const restart = (): Promise<void> => own.process.restart();
    // The INSERT takes twice as much, everything else less than half.
    const littleMemory = '<default><max_memory_usage>12000000</max_memory_usage></default>';
    const lessMemory = fileChange(join(dir, 'users.xml'), '<default/>', littleMemory, restart);
    await expectRetried(loader, lessMemory, /241 MEMORY_LIMIT_EXCEEDED/, LINES);
    const keptFree =
      '<disks><default><keep_free_space_bytes>1000000000000000</keep_free_space_bytes></default></disks>';
    const nearlyFull = fileChange(
      join(dir, 'config.xml'),
      '</clickhouse>',
      `<storage_configuration>${keptFree}</storage_configuration></clickhouse>`,
      restart,
    );
    await expectRetried(loader, nearlyFull, /243 NOT_ENOUGH_SPACE/, LINES);
    await expectExact(loader, { [HOUR]: LINES });
  });

  it.each([
    ['case 64: too many parts of the ledger', { parts_to_delay_insert: 1, parts_to_throw_insert: 1 }, 252],
    ['case 66: a ledger that is read-only', { table_readonly: 1 }, 774],
  ])('%s: the attempt waits with its commit until the ledger takes it', async (_case, settings, code) => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, FEWER) });
    await loader.loadTable(windowOf());
    const refusals = async (): Promise<number> => {
      const sql = 'SELECT sum(value) AS n FROM system.errors WHERE code = {code:Int32}';
      const [row] = await loader.database.rows<{ n: string }>(sql, { code });
      return Number(row?.n);
    };
    const { set, lift } = tableSettings(loader, 'loads', settings);
    const reader = startReader(loader);
    const before = await refusals();
    await set();
    const load = loader.loadTable(AGAIN);
    await eventually(async () => (await refusals()) >= before + 2);
    await lift();
    expect(outcomes(await load)).toEqual(['current']);
    expect(await reader.end()).toEqual([FEWER]);
    await expectExact(loader, { [HOUR]: FEWER });
  });
});

/** Longer than what ClickHouse keeps in memory of an answer. */
const LONG_ANSWER = { sql: "SELECT repeat('x', 1000) AS text FROM numbers(20000)", doing: 'read a long answer' };

/** Mounts a small file system, which root alone may. */
function mountSmall(dir: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'clickfeed-test', dir], { stdio: 'ignore' });
  } catch {
    return false;
  }
  cleanUpLater(() => {
    // Lazily: the kernel may still hold what the server had open when it ended.
    execFileSync('umount', ['--lazy', dir]);
    return Promise.resolve();
  });
  return true;
}

describe('loadTable() into a ClickHouse whose file system is full', () => {
  it('case 69: fails as one that is tried again when the disk fills up under it, and is exact when there is room', async (context) => {
    const dir = await createTempDir();
    if (!mountSmall(dir, '96m')) {
      context.skip('only root may mount a small file system');
      return;
    }
    const { loader } = await createLoaded(dir, FEWER);
    const filler = join(dir, 'filler');
    await expectRetried(
      loader,
      {
        set: async () => {
          const { bavail, bsize } = await statfs(dir);
          // It is full either way: ClickHouse may have taken some of the room since.
          await writeFile(filler, Buffer.alloc(bavail * bsize)).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'ENOSPC' });
          });
          // What ClickHouse cannot keep in a file until the query ends, it leaves out, with status 200.
          await expect(loader.server.query(LONG_ANSWER)).rejects.toThrow('the answer is not whole');
        },
        lift: () => rm(filler),
      },
      /NOT_ENOUGH_SPACE|CANNOT_WRITE|CANNOT_OPEN/,
      FEWER,
    );
    expect(await loader.server.query(LONG_ANSWER)).toHaveLength(20_000);
    await expectExact(loader, { [HOUR]: FEWER });
  });
});
