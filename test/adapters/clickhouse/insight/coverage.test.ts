/** The word for an hour while those who look at the bucket take turns: listings, and loads by hand between them. */
import { expect, test } from 'vitest';
import { createStatusReader } from '../../../../adapters/clickhouse/index.ts';
import { readCoverage } from '../../../../adapters/clickhouse/insight/coverage.ts';
import type { CoverageCell } from '../../../../domain/coverage.ts';
import { onlyHour } from '../../../../domain/hour.ts';
import type { ObjectVersion } from '../../../../domain/ledger.ts';
import { composeLoadId, type LoadId } from '../../../../domain/load-id.ts';
import { createFixture, HOUR, line, loadLines, SIGNAL, type Fixture } from '../fixture.ts';

const TABLE = 'geo_events';
const RANGE = onlyHour(HOUR);

let drawn = 0;

/** An id whose clock is that of the server, as in a load; the test and the server share a clock. */
function loadIdNow(): LoadId {
  drawn += 1;
  return composeLoadId(Date.now(), drawn);
}

function version(number: number): ObjectVersion {
  return { key: 'feed/geo', etag: `"${number}"`, sizeBytes: 100, modifiedMs: number };
}

/** What may happen to the hour. */
function hourOf({ server, ledger, ...fixture }: Fixture) {
  const place = { table: TABLE, hour: HOUR } as const;
  // A step in a millisecond of its own, so that the clocks of ids tell their order.
  const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
  const act = async (deed: () => Promise<unknown>): Promise<void> => {
    await later();
    await deed();
    await later();
  };
  return {
    load: (object: ObjectVersion) =>
      act(() => loadLines({ server, ledger, ...fixture }, TABLE, HOUR, [line(TABLE)], { object, loadId: loadIdNow() })),
    reject: (object: ObjectVersion) =>
      act(() => ledger.reject({ ...place, loadId: loadIdNow(), object, reason: 'crc-mismatch', detail: '' })),
    list: (object?: ObjectVersion) =>
      act(() => ledger.recordSightings([{ ...place, ...(object === undefined ? {} : { object }) }], SIGNAL)),
    cell: async (): Promise<CoverageCell | undefined> => (await readCoverage(server, [TABLE], RANGE)).cells[0],
    status: async () => (await createStatusReader(server).status([TABLE], RANGE))[0],
  };
}

test('an hour is rejected as soon as a load by hand rejects what the bucket holds, not only after the next listing', async () => {
  const hour = hourOf(await createFixture());
  await hour.load(version(1));
  await hour.list(version(1));
  expect(await hour.cell()).toMatchObject({ state: 'loaded', rows: 1 });
  await hour.reject(version(2));
  expect(await hour.cell()).toMatchObject({ state: 'rejected', rows: 1 }); // the former version stays visible
  await hour.list(version(2));
  expect(await hour.cell()).toMatchObject({ state: 'rejected', rows: 1 });
  await hour.list(version(1)); // it came back
  expect(await hour.cell()).toMatchObject({ state: 'loaded' });
  await hour.list(version(3));
  expect(await hour.cell()).toMatchObject({ state: 'changed' });
  await hour.load(version(3));
  expect(await hour.cell()).toMatchObject({ state: 'loaded' });
});

test('an hour that was absent is loaded or rejected as soon as a load by hand finds its object', async () => {
  const hour = hourOf(await createFixture());
  await hour.list();
  expect([await hour.cell(), await hour.status()]).toMatchObject([{ state: 'absent' }, { absentHours: 1 }]);
  await hour.reject(version(1));
  expect([await hour.cell(), await hour.status()]).toMatchObject([
    { state: 'rejected' },
    { absentHours: 0, rejectedHours: 1 },
  ]);
  await hour.load(version(2));
  expect([await hour.cell(), await hour.status()]).toMatchObject([
    { state: 'loaded' },
    { loadedHours: 1, rejectedHours: 0 },
  ]);
  await hour.list();
  expect(await hour.cell()).toMatchObject({ state: 'withdrawn', rows: 1 });
});

test('an object that is rejected before any listing saw it is rejected, and loaded once a later version is', async () => {
  const hour = hourOf(await createFixture());
  await hour.reject(version(1));
  expect([await hour.cell(), await hour.status()]).toMatchObject([{ state: 'rejected' }, { rejectedHours: 1 }]);
  await hour.load(version(2));
  expect(await hour.cell()).toMatchObject({ state: 'loaded' });
});
