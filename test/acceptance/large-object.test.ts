/** Memory does not grow with the size of an object: measured on a worker process, by the operating system. */
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { parseHour } from '../../domain/hour.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { linesOf } from '../support/feed-lines.ts';
import { createService } from '../support/service.ts';
import { publishObject } from '../support/s3.ts';

const HOUR = parseHour('2024-05-01T13');
const TABLE = 'browser_events';
const ENTRY_BYTES = 2 ** 30;
const RESIDENT_LIMIT_BYTES = 300 * 2 ** 20;

/** The most that a process has had in memory so far; Linux only. */
function peakResidentBytes(pid: number): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}

/** A zip whose entry repeats one block of lines up to about the size. */
async function largeZip(sizeBytes: number): Promise<{ body: Buffer; lines: number }> {
  const block = Buffer.from(
    linesOf(TABLE, HOUR, 20_000)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const blocks = Math.ceil(sizeBytes / block.length);
  const zip = new ZipFile();
  zip.addReadStream(Readable.from(Array.from({ length: blocks }, () => block)), `${TABLE}.jsonl`, {
    compressionLevel: 1,
  });
  zip.end();
  return { body: await buffer(zip.outputStream), lines: blocks * 20_000 };
}

describe('a worker, as it is deployed', () => {
  it.runIf(existsSync('/proc/self/status'))(
    'loads an entry of 1 GiB within 300 MiB of resident memory',
    async () => {
      const service = await createService();
      const { body, lines } = await largeZip(ENTRY_BYTES);
      await publishObject({ ...service, table: TABLE, hour: HOUR, body });
      const worker = await service.startWorker();
      const pid = worker.process.pid ?? 0;
      const idleBytes = peakResidentBytes(pid);
      const startedMs = performance.now();
      const result: unknown = await service.client.workflow.execute('hourlyLoad', {
        workflowId: 'large',
        taskQueue: TASK_QUEUE,
        args: [{ hour: HOUR, tables: [TABLE], waitForObjectMinutes: 0 }],
      });
      const seconds = (performance.now() - startedMs) / 1000;
      const loadedBytes = peakResidentBytes(pid);
      expect(result).toMatchObject({ tables: { [TABLE]: { state: 'current', rows: lines } } });
      const [counts] = await service.database.rows<{ rows: string }>(`SELECT count() AS rows FROM ${TABLE}`);
      expect(Number(counts?.rows)).toBe(lines);
      console.log(
        `1 GiB, ${lines} lines, zip of ${(body.length / 2 ** 20).toFixed(0)} MiB: ${seconds.toFixed(1)} s; resident memory ` +
          `${(idleBytes / 2 ** 20).toFixed(0)} MiB idle, ${(loadedBytes / 2 ** 20).toFixed(0)} MiB at most`,
      );
      expect(loadedBytes).toBeLessThan(RESIDENT_LIMIT_BYTES);
    },
    240_000,
  );
});
