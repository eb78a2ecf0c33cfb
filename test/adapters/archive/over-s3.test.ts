import { createCipheriv } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createArchiveReader } from '../../../adapters/archive/index.ts';
import type { ListedObject } from '../../../domain/feed-object.ts';
import { putBytes } from '../../support/s3.ts';
import { zipOf, zipOfEntries } from '../../support/zip.ts';
import { startFaultyProxy, type FaultPlan } from '../s3/faulty-proxy.ts';
import { list, NEVER, QUICK, storeAt } from '../s3/stores.ts';

const NAME = 'geo_events.jsonl';
const reader = createArchiveReader({ entrySizeBytes: 2 ** 30, ratio: 1_000, entries: 10 });

/** Publishes an archive and reads its entry through a proxy. @returns CRC-32 and size of what came out, checked by the reader too */
async function readThrough(
  archive: Buffer,
  plan: FaultPlan,
): Promise<{ crc32: number; sizeBytes: number; requests: number }> {
  const direct = storeAt();
  await putBytes(`${direct.feedPrefix}object`, archive);
  const [object] = await list(direct);
  const proxy = await startFaultyProxy(inject('stack').s3.endpoint, plan);
  onTestFinished(() => proxy.close());
  const source = storeAt({ endpoint: proxy.endpoint }, { ...QUICK, rangeBytes: 2 ** 20 }).source(
    object as ListedObject,
  );
  const entry = await reader.open(source, 'zip', NAME, NEVER);
  let checksum = 0;
  for await (const chunk of entry.read(NEVER)) checksum = crc32(chunk, checksum);
  expect(entry.facts().crc32).toBe(checksum);
  return { ...entry.facts(), requests: proxy.seen.length };
}

describe('createArchiveReader() over the real store', () => {
  it('unpacks a small archive by one GET', async () => {
    const content = Buffer.from('{"a": 1}\n'.repeat(1_000));
    const facts = await readThrough(await zipOf(NAME, content), () => ({ kind: 'pass' }));
    expect(facts).toEqual({ crc32: crc32(content), sizeBytes: content.length, requests: 1 });
  });

  it('unpacks a large archive although every third answer breaks off', async () => {
    const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(9 * 2 ** 20));
    const archive = await zipOfEntries([{ name: NAME, bytes: noise }]);
    const kinds = ['reset', 'cut'] as const;
    const facts = await readThrough(archive, (n) =>
      n % 3 === 2
        ? { kind: kinds[Math.floor(n / 3) % kinds.length] ?? 'reset', afterBytes: 600_000 }
        : { kind: 'pass' },
    );
    expect(facts).toMatchObject({ crc32: crc32(noise), sizeBytes: noise.length });
    expect(facts.requests).toBeGreaterThan(14);
  });
});
