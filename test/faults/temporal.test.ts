/** Case 78: the network to Temporal breaks at any byte, and Temporal is away for a while; the worker goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { addHours } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { IS_LARGE } from '../support/large.ts';
import { publishObject } from '../support/s3.ts';
import { createService } from '../support/service.ts';
import { startTcpProxy, type Break } from '../support/tcp-proxy.ts';
import { expectExact, HOUR, startReader, TABLE } from './support.ts';

const LINES = 20;
const HOURS = Array.from({ length: 8 }, (_, index) => addHours(HOUR, index));
/**
 * The preface of HTTP/2, the first frames, the middle of calls, and far into them. A worker's connection has no last byte: it lives as long
 * as the worker does, so the sweep ends deep within and not where a load ends. Every other of these bytes takes LARGE=1.
 */
const BYTES = IS_LARGE ? [1, 24, 90, 700, 3_000, 12_000] : [1, 90, 3_000];
/** Loads that are started at most; each break takes one or two. */
const ROUNDS_MOST = 200;
/** Then another load brings more bytes. */
const PATIENCE_MS = 2_000;

describe('a worker behind a network to Temporal that breaks', () => {
  it('case 78: loads every hour once, cut, reset, stalled and delayed at byte N in both directions, and while Temporal is away', async () => {
    const service = await createService();
    for (const hour of HOURS)
      await publishObject({ ...service, table: TABLE, hour, lines: linesOf(TABLE, hour, LINES) });
    const proxy = await startTcpProxy(inject('stack').temporal.address);
    await service.startWorker({ env: { TEMPORAL_ADDRESS: proxy.address } });
    const reader = startReader(service);
    const breaks = BYTES.flatMap((atByte) =>
      (['reset', 'cut', 'delay'] as const).flatMap((what) =>
        (['to-server', 'to-client'] as const).map((direction): Break => ({ what, direction, atByte })),
      ),
    );
    const start = (number: number) =>
      service.client.workflow.start('hourlyLoad', {
        workflowId: `load/${number}`,
        taskQueue: TASK_QUEUE,
        args: [{ hour: HOURS[number % HOURS.length], tables: [TABLE], mode: 'all', waitForObjectMinutes: 0 }],
      });
    proxy.breakNext(...breaks, { what: 'stall', direction: 'to-client', atByte: 2_000 });
    const runs: Awaited<ReturnType<typeof start>>[] = [];
    // Every broken connection is followed by the next one, which breaks as well: on and on until each break was met.
    for (let number = 0; proxy.left > 0; number += 1) {
      if (number === ROUNDS_MOST) throw new Error(`Cannot break all: ${proxy.left} are left`);
      // Connections that stand still are reset, as a network does sooner or later.
      proxy.resetAll();
      runs.push(await start(number));
      const left = proxy.left;
      await eventually(() => proxy.left < left, PATIENCE_MS).catch(() => undefined); // too few bytes: another round
    }
    proxy.resetAll(true); // away
    await sleep(5_000);
    proxy.resetAll();
    await Promise.all(runs.map((run) => run.result()));
    const seen = await reader.end();
    expect(seen.every((rows) => rows % LINES === 0)).toBe(true);
    await expectExact(service, Object.fromEntries(HOURS.map((hour) => [hour, LINES])));
  }, 240_000);
});
