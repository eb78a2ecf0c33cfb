/** Cases 76, 84, 88 and 101: attempts that overlap, and worker clocks that are wrong. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { TruncatedMeanwhileError } from '../../domain/errors.ts';
import { addHours } from '../../domain/hour.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createGate } from '../support/fault-proxy.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { createOperator } from '../support/operations.ts';
import { publishObject } from '../support/s3.ts';
import { behindS3Proxy, expectExact, HOUR, outcomes, startReader, TABLE, windowOf } from './support.ts';

const AGAIN = windowOf(1, { mode: 'all' });
const AN_HOUR_MS = 3_600_000;

function setClock(shiftMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + shiftMs });
}

describe('loadTable() on a worker whose clock is wrong', () => {
  it.each([
    ['behind', -AN_HOUR_MS],
    ['ahead', AN_HOUR_MS],
  ])(
    'case 101: its forced reload becomes current an hour %s, and so does the next one of a right clock',
    async (_what, shiftMs) => {
      onTestFinished(() => void vi.useRealTimers());
      const loader = await createLoader();
      await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 20) });
      const currentId = async (): Promise<unknown> => loader.database.rows('SELECT load_id FROM current_loads');
      await loader.loadTable(windowOf());
      const first = await currentId();
      setClock(shiftMs);
      // A worker that began with this clock: a store of its own, which learns the time from S3.
      const { activities } = await behindS3Proxy(loader, () => ({ kind: 'pass' }));
      expect(outcomes(await loader.run(() => activities.loadTable(AGAIN)))).toEqual(['current']);
      const second = await currentId();
      expect(second).not.toEqual(first);
      vi.useRealTimers();
      expect(outcomes(await loader.loadTable(AGAIN))).toEqual(['current']);
      expect(await currentId()).not.toEqual(second);
      await expectExact(loader, { [HOUR]: 20 });
    },
  );

  it.each([
    ['behind', -AN_HOUR_MS],
    ['ahead', AN_HOUR_MS],
  ])(
    'case 84: %s by an hour, a load that was in flight when its hour was cleared stays hidden, and one that begins after shows',
    async (_what, shiftMs) => {
      onTestFinished(() => void vi.useRealTimers());
      const loader = await createLoader();
      await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 20) });
      await loader.loadTable(windowOf());
      const reader = startReader(loader);
      setClock(shiftMs);
      const { activities } = await behindS3Proxy(loader, () => ({ kind: 'pass' }));
      const gate = createGate();
      const held = createActivities(eachStep({ ...loader.ports }, () => undefined, gate.opened));
      const inFlight = loader.run(() => held.loadTable(AGAIN));
      const isStored = async (): Promise<boolean> => {
        const [raw] = await loader.database.rows<{ n: string }>(`SELECT uniqExact(_load) AS n FROM ${TABLE}_raw`);
        return raw?.n === '2';
      };
      await eventually(isStored);
      const truncationId = 'truncation-skewed';
      const range = { tables: [TABLE], from: HOUR, to: addHours(HOUR, 1) } as const;
      await createOperator(loader).truncate({ ...range, truncationId });
      expect(await loader.database.rows(`SELECT * FROM ${TABLE}`)).toEqual([]);
      gate.open();
      expect(outcomes(await inFlight)).toEqual(['hidden']);
      // The same run tries again, or goes on with another window.
      await expect(loader.run(() => activities.loadTable(AGAIN))).rejects.toThrow(TruncatedMeanwhileError);
      expect(await loader.database.rows(`SELECT * FROM ${TABLE}`)).toEqual([]);
      const after = { ...AGAIN, seen: [truncationId] };
      expect(outcomes(await loader.run(() => activities.loadTable(after)))).toEqual(['current']);
      vi.useRealTimers();
      expect(await reader.end()).toEqual([20, 0, 20]);
    },
  );

  it('case 88: a clock that jumps at every step of a load, and back at the next, has no effect on what is current', async () => {
    onTestFinished(() => void vi.useRealTimers());
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 20) });
    for (const shiftMs of [-24 * AN_HOUR_MS, -AN_HOUR_MS, AN_HOUR_MS, 24 * AN_HOUR_MS]) {
      let isShifted = false;
      const jump = (): void => {
        isShifted = !isShifted;
        if (isShifted) setClock(shiftMs);
        else vi.useRealTimers();
      };
      const activities = createActivities(eachStep(loader.ports, jump));
      expect(outcomes(await loader.run(() => activities.loadTable(AGAIN)))).toEqual(['current']);
      vi.useRealTimers();
      expect(outcomes(await loader.loadTable(AGAIN))).toEqual(['current']);
    }
    await expectExact(loader, { [HOUR]: 20 });
  });
});

/** The ports, calling `before` before each of their calls; a commit waits for `mayCommit`. */
function eachStep(ports: Loader['ports'], before: () => void, mayCommit = Promise.resolve()): Loader['ports'] {
  const { store, warehouse, ledger } = ports;
  return {
    ...ports,
    store: {
      feedPrefix: store.feedPrefix,
      list: (...of) => (before(), store.list(...of)),
      source: (object) => {
        const source = store.source(object);
        return { key: source.key, sizeBytes: source.sizeBytes, read: (...of) => (before(), source.read(...of)) };
      },
    },
    warehouse: {
      insertRows: (...of) => (before(), warehouse.insertRows(...of)),
      insertQuarantine: (...of) => (before(), warehouse.insertQuarantine(...of)),
      countStored: (...of) => (before(), warehouse.countStored(...of)),
    },
    ledger: {
      state: (...of) => (before(), ledger.state(...of)),
      truncationsInForce: (...of) => (before(), ledger.truncationsInForce(...of)),
      commit: (...of) => (before(), mayCommit.then(() => ledger.commit(...of))),
      abandon: (...of) => (before(), ledger.abandon(...of)),
      reject: (...of) => (before(), ledger.reject(...of)),
      recordSightings: (...of) => (before(), ledger.recordSightings(...of)),
    },
  };
}

describe('loadTable() in attempts that overlap', () => {
  it('case 76: three that all wait before their commit, committed in every order, show the hour once', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, 25) });
    await loader.loadTable(windowOf());
    const { ledger } = loader.ports;
    const reader = startReader(loader);
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const gates = order.map(() => createGate());
      let waiting = 0;
      const runs = gates.map((gate) => {
        const activities = createActivities({
          ...loader.ports,
          ledger: {
            state: (...of) => ledger.state(...of),
            abandon: (...of) => ledger.abandon(...of),
            reject: (...of) => ledger.reject(...of),
            truncationsInForce: (...of) => ledger.truncationsInForce(...of),
            recordSightings: (...of) => ledger.recordSightings(...of),
            commit: async (...of) => {
              waiting += 1;
              await gate.opened;
              return ledger.commit(...of);
            },
          },
        });
        return loader.run(() => activities.loadTable(AGAIN));
      });
      await vi.waitUntil(() => waiting === 3, { timeout: 20_000 });
      for (const index of order) {
        gates[index]?.open();
        const report = await runs[index];
        expect(['current', 'superseded']).toContain(report?.hours[0]?.outcome);
      }
    }
    expect(await reader.end()).toEqual([25]);
    await expectExact(loader, { [HOUR]: 25 });
  }, 60_000);
});
