/** Every connection of a load to S3 is broken at its first byte, at bytes all the way, and at its last, in both directions. */
import { describe, expect, inject, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import type { Activities } from '../../activities/api.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import { QUICK_WAITS } from '../adapters/s3/stores.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createLoader, type Loader } from '../support/loader.ts';
import { publishObject } from '../support/s3.ts';
import { startTcpProxy, type Break, type TcpProxy } from '../support/tcp-proxy.ts';
import { bytesUpTo, expectExact, HOUR, loadUntilDone, startReader, TABLE, windowOf } from './support.ts';

const LINES = 40;
const AGAIN = windowOf(1, { mode: 'all' });
/** From one byte that is tried to the next, a factor: a stall takes until a timeout, a delay half a second. */
const FACTORS = { reset: 5, cut: 20, stall: 50, delay: 50 } as const;
const DIRECTIONS = ['to-server', 'to-client'] as const;

/** The activities over connections of their own through the proxy. */
function openS3(loader: Loader, address: string): { readonly activities: Activities; readonly close: () => void } {
  const store = createObjectStore(
    { ...inject('stack').s3, endpoint: `http://${address}`, prefix: loader.prefix },
    QUICK_WAITS,
  );
  const close = (): void => {
    store.close();
  };
  return { activities: createActivities({ ...loader.ports, store }), close };
}

/** A load whose connection `index` breaks. @returns the proxy, to ask whether it did */
async function loadBroken(loader: Loader, target: string, index: number, broken?: Break): Promise<TcpProxy> {
  const proxy = await startTcpProxy(target);
  proxy.passNext(index);
  if (broken !== undefined) proxy.breakNext(broken);
  const { activities, close } = openS3(loader, proxy.address);
  await loadUntilDone(loader, activities, AGAIN);
  close();
  return proxy;
}

describe('loadTable() over connections that break at byte N', () => {
  it.each(['reset', 'cut', 'stall', 'delay'] as const)(
    'cases 6 to 8: S3, %s: the hour stays visible whole, once',
    async (what) => {
      const loader = await createLoader();
      await publishObject({ ...loader, table: TABLE, hour: HOUR, lines: linesOf(TABLE, HOUR, LINES) });
      await loader.loadTable(windowOf());
      const reader = startReader(loader);
      const target = new URL(inject('stack').s3.endpoint).host;
      const { traffic } = await loadBroken(loader, target, 0);
      expect(traffic.length).toBeGreaterThan(0);
      for (const [index, bytes] of traffic.entries()) {
        for (const direction of DIRECTIONS) {
          const last = bytes[direction];
          for (const atByte of bytesUpTo(last, FACTORS[what])) {
            const proxy = await loadBroken(loader, target, index, { what, direction, atByte });
            // Answers differ by some digits, so the last byte may be one more.
            if (atByte < last * 0.9) expect(proxy.left, `${direction} ${atByte} of ${last}`).toBe(0);
          }
        }
      }
      expect(await reader.end()).toEqual([LINES]);
      await expectExact(loader, { [HOUR]: LINES });
    },
    180_000,
  );
});
