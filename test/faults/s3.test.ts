/** Cases 9 to 19 and 100: what S3 does to a load, end to end on the real servers. */
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import type { Activities } from '../../activities/api.ts';
import { ObjectChangedError, UnavailableError } from '../../domain/errors.ts';
import { entryName } from '../../domain/feed-object.ts';
import { addHours } from '../../domain/hour.ts';
import type { LoadReport } from '../../domain/loading.ts';
import type { Fault } from '../adapters/s3/faulty-proxy.ts';
import { linesOf } from '../support/feed-lines.ts';
import { IS_LARGE } from '../support/large.ts';
import { createLoader, storeWith, type Loader } from '../support/loader.ts';
import { deleteKey, publishObject, putBytes } from '../support/s3.ts';
import { zipOf, zipOfEntries } from '../support/zip.ts';
import { behindS3Proxy, expectExact, HOUR, loadUntilDone, outcomes, startReader, TABLE, windowOf } from './support.ts';

/** Keys on a page of a listing, as S3 has it. */
const PAGE_KEYS = 1_000;
const FOREIGN_KEYS = IS_LARGE ? 5_000 : 1_500;

const PUBLISHED = { table: TABLE, hour: HOUR } as const;

/** The activities over a store whose bucket changes when it was listed for the first time. */
function changedAfterListing(loader: Loader, change: () => Promise<unknown>): Activities {
  const { store } = loader.ports;
  let isChanged = false;
  return createActivities({
    ...loader.ports,
    store: storeWith(store, {
      async *list(prefix, signal) {
        yield* store.list(prefix, signal);
        if (!isChanged) await change();
        isChanged = true;
      },
    }),
  });
}

/** The activities over a bucket that gives versions, by their ETags, times of its own: as one does where a later version is deleted. */
function withTimes(loader: Loader, modifiedMs: ReadonlyMap<string, number>): Activities {
  const { store } = loader.ports;
  return createActivities({
    ...loader.ports,
    store: storeWith(store, {
      async *list(prefix, signal) {
        for await (const object of store.list(prefix, signal))
          yield { ...object, modifiedMs: modifiedMs.get(object.etag) ?? object.modifiedMs };
      },
    }),
  });
}

/** The activities over a store whose bucket changes after the first read of a part of an object. */
function changedAfterRead(loader: Loader, change: () => Promise<unknown>): Activities {
  const { store } = loader.ports;
  let isChanged = false;
  return createActivities({
    ...loader.ports,
    store: storeWith(store, {
      source(object) {
        const source = store.source(object);
        return {
          key: source.key,
          sizeBytes: source.sizeBytes,
          async *read(...of) {
            yield* source.read(...of);
            if (!isChanged) await change();
            isChanged = true;
          },
        };
      },
    }),
  });
}

describe('loadTable() while S3 misbehaves', () => {
  it('case 9: starts over on the new version when the object is replaced between listing and reading', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 10) });
    const activities = changedAfterListing(loader, () =>
      publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 12) }),
    );
    await expect(loader.run(() => activities.loadTable(windowOf()))).rejects.toThrow(ObjectChangedError);
    await expectExact(loader, {});
    expect(outcomes(await loader.run(() => activities.loadTable(windowOf())))).toEqual(['current']);
    await expectExact(loader, { [HOUR]: 12 });
  });

  it('case 9: starts over on the new version when a large object is replaced between two reads of it', async () => {
    const loader = await createLoader();
    const large = Buffer.from(linesOf(TABLE, HOUR, 40_000).join('\n'));
    const body = await zipOfEntries([{ name: `${TABLE}.jsonl`, bytes: large, compress: false }]);
    expect(body.length).toBeGreaterThan(8 * 2 ** 20);
    await publishObject({ ...loader, ...PUBLISHED, body });
    const activities = changedAfterRead(loader, () =>
      publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 12) }),
    );
    const { attempts } = await loadUntilDone(loader, activities, windowOf());
    expect(attempts).toBe(2);
    await expectExact(loader, { [HOUR]: 12 });
  });

  it('case 10: finds an object that was replaced after its load with the next look, and readers switch at once', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 300) });
    await loader.loadTable(windowOf());
    const reader = startReader(loader);
    await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 200) });
    const range = { from: HOUR, to: addHours(HOUR, 1), tables: [TABLE] } as const;
    const { windows } = await loader.run(() => loader.activities.lookAtBucket(range));
    expect(windows).toEqual([{ table: TABLE, from: HOUR, to: addHours(HOUR, 1), hours: 1 }]);
    await loader.loadTable(windowOf(1, { mode: 'changed' }));
    await expectExact(loader, { [HOUR]: 200 });
    expect(await reader.end()).toEqual([300, 200]);
    expect((await loader.run(() => loader.activities.lookAtBucket(range))).windows).toEqual([]);
  });

  it.each([
    ['older by a minute', 60_000],
    ['of the same second', 0],
  ])(
    'case 100: an earlier version that comes back, %s, shows as the bucket has it, and is loaded once',
    async (_what, apartMs) => {
      const loader = await createLoader();
      const lineCounts = [10, 12] as const;
      const texts = lineCounts.map((count) => linesOf(TABLE, HOUR, count).join('\n'));
      const bodies = await Promise.all(texts.map((text) => zipOf(entryName(TABLE), text)));
      const modifiedMs = new Map<string, number>();
      const put = async (version: 0 | 1): Promise<void> => {
        const { etag } = await publishObject({ ...loader, ...PUBLISHED, body: bodies[version] ?? Buffer.of() });
        modifiedMs.set(etag, Date.UTC(2024, 4, 1, 14) + version * apartMs);
      };
      const activities = withTimes(loader, modifiedMs);
      const load = (): Promise<LoadReport> => loader.run(() => activities.loadTable(windowOf(1, { mode: 'changed' })));
      const hoursToLoad = async (): Promise<number> => {
        const range = { from: HOUR, to: addHours(HOUR, 1), tables: [TABLE] } as const;
        return (await loader.run(() => activities.lookAtBucket(range))).windows.length;
      };
      await put(0);
      await load();
      const reader = startReader(loader);
      for (const version of [1, 0, 1, 0] as const) {
        await put(version);
        expect(await hoursToLoad()).toBe(1);
        expect(await load()).toMatchObject({ hours: [{ outcome: 'current', rows: lineCounts[version] }] });
        expect(await hoursToLoad()).toBe(0);
        expect(await load()).toMatchObject({ unchangedHours: 1, hours: [] });
      }
      expect(await reader.end()).toEqual([10, 12, 10, 12, 10]);
      await expectExact(loader, { [HOUR]: 10 });
    },
  );

  it('case 11: refuses a store that ignores Range, and nothing is visible', async () => {
    const loader = await createLoader();
    const large = Buffer.from(linesOf(TABLE, HOUR, 40_000).join('\n'));
    const body = await zipOfEntries([{ name: `${TABLE}.jsonl`, bytes: large, compress: false }]);
    await publishObject({ ...loader, ...PUBLISHED, body });
    const { activities } = await behindS3Proxy(loader, (_, { headers }) =>
      headers.range === undefined
        ? { kind: 'pass' }
        : { kind: 'answer', status: 200, body, headers: { etag: headers['if-match'] as string } },
    );
    const load = loader.run(() => activities.loadTable(windowOf()));
    await expect(load).rejects.toThrow(/expected 206 .*, found 200/);
    await expectExact(loader, {});
  });

  it.each([
    ['a page in place of the object, without its ETag', false],
    ['a page that claims the ETag but has another length', true],
  ])('case 12: stores nothing of %s, and loads when the object is there again', async (_what, claimsEtag) => {
    const loader = await createLoader();
    await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 10) });
    const network = { broken: true };
    const { activities } = await behindS3Proxy(loader, (_, { headers }) => {
      const etag = headers['if-match'];
      if (etag === undefined || !network.broken) return { kind: 'pass' };
      const body = '<html>Sign in to the network</html>';
      return { kind: 'answer', status: 200, body, ...(claimsEtag ? { headers: { etag } } : {}) };
    });
    await expect(loader.run(() => activities.loadTable(windowOf()))).rejects.toThrow(UnavailableError);
    await expectExact(loader, {});
    network.broken = false;
    await loader.run(() => activities.loadTable(windowOf()));
    await expectExact(loader, { [HOUR]: 10 });
  });

  it.each(['<!DOCTYPE html><html>gone</html>', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', ''])(
    'cases 12 and 16: rejects an object whose bytes are %j, and the other hours go on',
    async (text) => {
      const loader = await createLoader();
      const next = addHours(HOUR, 1);
      await publishObject({ ...loader, ...PUBLISHED, body: Buffer.from(text) });
      await publishObject({ ...loader, table: TABLE, hour: next, lines: linesOf(TABLE, next, 5) });
      const report = await loader.loadTable(windowOf(2));
      expect(report.hours).toMatchObject([{ outcome: 'rejected', reason: 'not-an-archive' }, { outcome: 'current' }]);
      await expectExact(loader, { [next]: 5 });
    },
  );

  it.each([
    ['once', 'Firefox', 1, 'current', 2],
    ['always', 'Firefox', Infinity, 'rejected', 2],
    // It looks like an undeclared field, so there is the read of the lifted path before.
    ['always in the name of a field', 'browser_name', Infinity, 'rejected', 3],
  ])('case 13: reads once more when a bit was flipped %s on the way', async (_what, place, flips, outcome, total) => {
    const loader = await createLoader();
    const bytes = Buffer.from(linesOf(TABLE, HOUR, 100).join('\n'));
    const zip = await zipOfEntries([{ name: entryName(TABLE), bytes, compress: false }]);
    const flipped = Buffer.from(zip);
    const at = flipped.indexOf(place);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at);
    await publishObject({ ...loader, ...PUBLISHED, body: zip });
    let reads = 0;
    const { activities } = await behindS3Proxy(loader, (_, { headers }): Fault => {
      const etag = headers['if-match'];
      if (etag === undefined) return { kind: 'pass' };
      reads += 1;
      return reads > flips ? { kind: 'pass' } : { kind: 'answer', status: 200, body: flipped, headers: { etag } };
    });
    expect(outcomes(await loader.run(() => activities.loadTable(windowOf())))).toEqual([outcome]);
    expect(reads).toBe(total);
    await expectExact(loader, outcome === 'current' ? { [HOUR]: 100 } : {});
  });

  it('case 14: loads objects, small and large, for which the store sends no checksum: it asks for none', async () => {
    const loader = await createLoader();
    const next = addHours(HOUR, 1);
    const large = Buffer.from(linesOf(TABLE, next, 40_000).join('\n'));
    const body = await zipOfEntries([{ name: entryName(TABLE), bytes: large, compress: false }]);
    await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 10) });
    await publishObject({ ...loader, table: TABLE, hour: next, body });
    const asked = new Set<string>();
    const { activities, proxy } = await behindS3Proxy(loader, (_, { headers }) => {
      for (const name of Object.keys(headers)) asked.add(name);
      return { kind: 'pass' };
    });
    expect(outcomes(await loader.run(() => activities.loadTable(windowOf(2))))).toEqual(['current', 'current']);
    expect([...asked, ...proxy.answerHeaders]).toEqual(expect.arrayContaining(['if-match', 'range', 'etag']));
    expect([...asked, ...proxy.answerHeaders].filter((name) => name.includes('checksum'))).toEqual([]);
    await expectExact(loader, { [HOUR]: 10, [next]: 40_000 });
  });

  it('cases 17 and 18: finds the one object among thousands of foreign keys over all pages, and counts those', async () => {
    const loader = await createLoader();
    const folder = `${loader.prefix}year=2024/month=05/day=01/`;
    const odd = ['', '_SUCCESS', 'hour=13/', `hour=13/${TABLE}.csv`, `hour=13/${TABLE.toUpperCase()}.jsonl.zip`];
    const many = Array.from({ length: FOREIGN_KEYS - odd.length }, (_, i) => `hour=0${i % 10}/${TABLE}.part-${i}`);
    const keys = [...odd, ...many];
    const put = async (): Promise<void> => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) await putBytes(folder + key, 'x');
    };
    await Promise.all(Array.from({ length: 16 }, put));
    await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 6) });
    // More than one hour, or the prefix would be the table's own.
    const { activities, proxy } = await behindS3Proxy(loader, () => ({ kind: 'pass' }));
    const report = await loader.run(() => activities.loadTable(windowOf(2)));
    expect(report).toMatchObject({ rows: 6, foreignKeys: FOREIGN_KEYS });
    expect(proxy.seen.filter((request) => request.includes('list-type=2'))).toHaveLength(
      Math.ceil((FOREIGN_KEYS + 1) / PAGE_KEYS),
    );
    await expectExact(loader, { [HOUR]: 6 });
  }, 120_000);

  it('case 19: calls an object absent that is deleted after the listing', async () => {
    const loader = await createLoader();
    const { key } = await publishObject({ ...loader, ...PUBLISHED, lines: linesOf(TABLE, HOUR, 10) });
    const activities = changedAfterListing(loader, () => deleteKey(key));
    const { report, attempts } = await loadUntilDone(loader, activities, windowOf());
    expect(attempts).toBe(2);
    expect(outcomes(report)).toEqual(['absent']);
    await expectExact(loader, {});
  });
});
