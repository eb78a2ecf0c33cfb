/** Memory does not grow with the size of an object: measured on a worker process, by the operating system. */
import { describe, expect, it } from 'vitest';
import { addHours, parseHour, type Hour } from '../../domain/hour.ts';
import { IS_LARGE } from '../support/large.ts';
import { CAN_MEASURE_MEMORY, limitMemory, peakResidentBytes } from '../support/resident-memory.ts';
import { execute } from '../support/runs.ts';
import { createService } from '../support/service.ts';
import { publishObject } from '../support/s3.ts';
import { hostileObjects, largeZip } from './large-entries.ts';

const HOUR = parseHour('2024-05-01T13');
const TABLE = 'browser_events';
const MIB = 2 ** 20;
/** Above 4 GiB a zip needs its 64-bit form. */
const ENTRY_BYTES = (IS_LARGE ? 5 : 1) * 2 ** 30;
const RESIDENT_LIMIT_BYTES = 300 * MIB;
const WORKER_LIMIT_BYTES = 512 * MIB;

describe('a worker, as it is deployed', () => {
  it.runIf(CAN_MEASURE_MEMORY)(
    'cases 23, 26, 48 and 89: loads a large entry and rejects bombs and a line without end, all within 300 MiB of resident memory',
    async () => {
      const service = await createService();
      const { body, lines } = await largeZip(TABLE, HOUR, ENTRY_BYTES);
      await publishObject({ ...service, table: TABLE, hour: HOUR, body });
      const worker = await service.startWorker();
      const pid = worker.process.pid ?? 0;
      const isLimited = IS_LARGE && limitMemory(pid, WORKER_LIMIT_BYTES);
      const load = (hour: Hour): Promise<unknown> =>
        execute(service, 'hourlyLoad', `load/${hour}`, { hour, tables: [TABLE], waitForObjectMinutes: 0 });
      const idleBytes = peakResidentBytes(pid);
      for (const [i, { what, reason, ...object }] of hostileObjects(TABLE).entries()) {
        const hour = addHours(HOUR, i + 1);
        await publishObject({ ...service, table: TABLE, hour, ...object });
        expect(await load(hour), what).toMatchObject({ tables: { [TABLE]: { state: 'rejected' } } });
        const rows = await service.database.rows(
          `SELECT reason FROM loads WHERE event = 'rejected' AND hour = {hour:DateTime('UTC')}`,
          { hour: Date.parse(`${hour}:00:00Z`) / 1000 },
        );
        expect(rows, what).toEqual([{ reason }]);
      }
      const hostileBytes = peakResidentBytes(pid);
      const startedMs = performance.now();
      const result = await load(HOUR);
      const seconds = (performance.now() - startedMs) / 1000;
      const loadedBytes = peakResidentBytes(pid);
      expect(result).toMatchObject({ tables: { [TABLE]: { state: 'current', rows: lines } } });
      const [counts] = await service.database.rows<{ rows: string }>(`SELECT count() AS rows FROM ${TABLE}`);
      expect(Number(counts?.rows)).toBe(lines);
      const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
      console.log(
        `${ENTRY_BYTES / 2 ** 30} GiB, ${lines} lines, zip of ${mib(body.length)}: ${seconds.toFixed(1)} s; resident memory ` +
          `${mib(idleBytes)} idle, ${mib(hostileBytes)} after bombs, ${mib(loadedBytes)} at most` +
          (isLimited ? `; the worker was limited to ${mib(WORKER_LIMIT_BYTES)}` : ''),
      );
      expect(loadedBytes).toBeLessThan(RESIDENT_LIMIT_BYTES);
    },
    IS_LARGE ? 1_800_000 : 240_000,
  );
});
