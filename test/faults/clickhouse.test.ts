/** Cases 56 to 63 and 69: every statement of a load is broken in every way, one after the other, while a reader polls. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { eventually } from '../support/eventually.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader, warehouseWith, type Loader } from '../support/loader.ts';
import { startOwnClickHouse } from '../support/own-servers.ts';
import { publishObject } from '../support/s3.ts';
import { behindClickHouseProxy, expectExact, HOUR, loadUntilDone, startReader, TABLE, windowOf } from './support.ts';

const LINES = 40;
const AGAIN = windowOf(1, { mode: 'all' });

async function createLoaded(loader: Loader): Promise<Loader> {
  await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, LINES) });
  await loader.loadTable(windowOf());
  return loader;
}

describe('loadTable() over a network to ClickHouse that breaks at statement 0, 1, 2 ... until none is left', () => {
  it.each([
    ['case 58: the answer is lost', 'lose-answer'],
    ['case 59: nothing arrives, the connection is reset', 'reset-before'],
    ['cases 59 and 62: the connection is reset and the request arrives late', 'deliver-late'],
    ['case 60: 200 with the exception header', 'exception-header'],
    ['case 61: 200 with an exception in the body', 'exception-body'],
    ['case 62: the answer does not come in time', 'keep-silent'],
    ['case 63: a proxy answers 502', 'bad-gateway'],
    ['case 63: a proxy answers 504 to what the server has done', 'gateway-timeout'],
    ['case 69: a full disk takes the rows out of the answer', 'lose-rows'],
  ] as [string, Fault][])(
    '%s: the hour stays visible whole, once',
    async (_case, fault) => {
      const loader = await createLoaded(await createLoader());
      const { activities, proxy } = await behindClickHouseProxy(loader);
      const reader = startReader(loader);
      const failures = new Set<string>();
      let statement = 0;
      for (let isMet = true; isMet; statement += 1) {
        const passes = Array<Fault>(statement).fill('pass');
        proxy.breakNext('', ...passes, fault);
        const { errorNames } = await loadUntilDone(loader, activities, AGAIN);
        for (const name of errorNames) failures.add(name);
        isMet = proxy.left === 0;
      }
      await proxy.delivered();
      // Noticed where they happen: that what is stored is counted before the commit would make up for much that is overlooked.
      expect(['OutcomeUnknownError', 'UnavailableError']).toEqual(expect.arrayContaining([...failures]));
      expect(statement).toBeGreaterThan(4); // the ledger, the rows, two counts, the commit, reading it back
      expect(await reader.end()).toEqual([LINES]);
      await expectExact(loader, { [HOUR]: LINES });
    },
    180_000,
  );

  it('case 59: a row INSERT that arrives long after its reset leaves nothing visible, and the sweep takes its rows', async () => {
    const loader = await createLoader();
    await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, LINES) });
    const { activities, proxy } = await behindClickHouseProxy(loader);
    proxy.breakNext(`\`${TABLE}_raw\``, 'deliver-late');
    const { attempts } = await loadUntilDone(loader, activities, windowOf());
    expect(attempts).toBe(2);
    await proxy.delivered();
    const [raw] = await loader.database.rows(`SELECT count() AS n FROM ${TABLE}_raw`);
    expect(raw).toEqual({ n: String(2 * LINES) });
    await expectExact(loader, { [HOUR]: LINES });
  });
});

describe('loadTable() while ClickHouse is killed', () => {
  it('cases 56 and 57: is exact after SIGKILL at each step of a load, and nothing is lost', async () => {
    const own = await startOwnClickHouse();
    const loader = await createLoaded(await createLoader(own));
    const { warehouse, ledger } = loader.ports;
    let restarted = Promise.resolve();
    const killed = async <T>(call: () => Promise<T>, delayMs: number): Promise<T> => {
      if (delayMs < 0) return call();
      const outcome = call();
      outcome.catch(() => undefined);
      await sleep(delayMs);
      restarted = own.process.kill('SIGKILL').then(() => own.process.restart());
      return outcome;
    };
    for (const [insertMs, countMs, commitMs] of [
      [0, -1, -1],
      [4, -1, -1],
      [-1, 2, -1],
      [-1, -1, 0],
      [-1, -1, 2],
      [-1, -1, 6],
    ] as const) {
      const delays = { insertMs, countMs, commitMs };
      const once = (step: keyof typeof delays): number => {
        const delayMs = delays[step];
        delays[step] = -1;
        return delayMs;
      };
      const activities = createActivities({
        ...loader.ports,
        warehouse: warehouseWith(warehouse, {
          insertRows: (...of) => killed(() => warehouse.insertRows(...of), once('insertMs')),
          countStored: (...of) => killed(() => warehouse.countStored(...of), once('countMs')),
        }),
        ledger: {
          state: (...of) => ledger.state(...of),
          commit: (...of) => killed(() => ledger.commit(...of), once('commitMs')),
          abandon: (...of) => ledger.abandon(...of),
          reject: (...of) => ledger.reject(...of),
          truncationsInForce: (...of) => ledger.truncationsInForce(...of),
          recordSightings: (...of) => ledger.recordSightings(...of),
        },
      });
      await loadUntilDone(loader, activities, AGAIN, () => restarted);
      await restarted;
      await eventually(() =>
        loader.database.rows('SELECT 1').then(
          () => true,
          () => false, // the connection of before the kill
        ),
      );
      expect(delays).toEqual({ insertMs: -1, countMs: -1, commitMs: -1 });
      await expectExact(loader, { [HOUR]: LINES });
    }
  }, 240_000);
});
