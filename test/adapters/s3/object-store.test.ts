import { describe, expect, inject, it, onTestFinished } from 'vitest';
import type { S3ObjectStore } from '../../../adapters/s3/index.ts';
import { ObjectChangedError, UnavailableError } from '../../../domain/errors.ts';
import type { ListedObject } from '../../../domain/feed-object.ts';
import { collect } from '../../support/bytes.ts';
import { deleteKey, putBytes } from '../../support/s3.ts';
import { startFaultyProxy, type Fault, type FaultPlan, type FaultyProxy } from './faulty-proxy.ts';
import { CONTENT, list, NEVER, publish, QUICK, storeAt } from './stores.ts';

function read(
  store: S3ObjectStore,
  object: ListedObject,
  begin = 0,
  end = object.sizeBytes,
  signal = NEVER,
): Promise<Buffer> {
  return collect(store.source(object).read(begin, end, signal));
}

describe('list()', () => {
  it('lists all pages, with key, ETag as it is, size and time', async () => {
    const store = storeAt();
    const names = Array.from({ length: 2_100 }, (_, i) => `${store.feedPrefix}many/${String(i).padStart(5, '0')}`);
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((key) => putBytes(key, 'x')));
    const objects = await list(store, `${store.feedPrefix}many/`);
    expect(objects.map(({ key }) => key)).toEqual(names);
    expect(objects[0]).toMatchObject({ sizeBytes: 1, etag: '"9dd4e461268c8034f5c8564e155c67a6"' });
    expect(Math.abs((objects[0]?.modifiedMs ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  it('lists what begins with the prefix, and nothing under a prefix that has nothing', async () => {
    const store = storeAt();
    await putBytes(`${store.feedPrefix}a/geo_events.jsonl.zip`, 'x');
    await putBytes(`${store.feedPrefix}a/geo_events.jsonl`, 'y');
    await putBytes(`${store.feedPrefix}b`, 'z');
    expect((await list(store, `${store.feedPrefix}a/geo`)).length).toBe(2);
    expect(await list(store, `${store.feedPrefix}c`)).toEqual([]);
  });

  it('gives odd keys as they are', async () => {
    const store = storeAt();
    const odd = ['a b', 'a+b', 'a%2Bb', 'a&b<c>', 'ключ', 'a=b', "a'b"].map((name) => `${store.feedPrefix}odd/${name}`);
    for (const key of odd) await putBytes(key, 'x');
    expect((await list(store)).map(({ key }) => key).sort()).toEqual([...odd].sort());
    for (const object of await list(store)) expect((await read(store, object)).toString()).toBe('x');
  });
});

describe('source().read()', () => {
  it('reads any part of a large object byte for byte', async () => {
    const store = storeAt();
    const object = await publish(store);
    for (const [begin, end] of [
      [0, 450_000],
      [0, 1],
      [449_999, 450_000],
      [99_999, 200_001],
      [7, 7],
      [100_000, 300_000],
    ] as const) {
      expect((await read(store, object, begin, end)).equals(CONTENT.subarray(begin, end))).toBe(true);
    }
  });

  it('refuses a part that is not in the object', async () => {
    const store = storeAt();
    const object = await publish(store);
    await expect(read(store, object, 0, 450_001)).rejects.toBeInstanceOf(RangeError);
  });

  it('says ObjectChangedError when the object was replaced or deleted since the listing', async () => {
    const store = storeAt();
    const object = await publish(store);
    await putBytes(object.key, 'other');
    await expect(read(store, object)).rejects.toMatchObject({ name: 'ObjectChangedError', key: object.key });
    await expect(read(store, object, 0, 5)).rejects.toBeInstanceOf(ObjectChangedError);
    await deleteKey(object.key);
    await expect(read(store, object)).rejects.toBeInstanceOf(ObjectChangedError);
  });

  it('notices a replacement in the middle of a long read', async () => {
    const store = storeAt();
    const object = await publish(store);
    const reading = (async () => {
      let sizeBytes = 0;
      for await (const chunk of store.source(object).read(0, object.sizeBytes, NEVER)) {
        if (sizeBytes === 0) await putBytes(object.key, 'other');
        sizeBytes += chunk.length;
      }
    })();
    await expect(reading).rejects.toBeInstanceOf(ObjectChangedError);
  });

  it('ends at once when it is cancelled, with the reason', async () => {
    const store = storeAt();
    const object = await publish(store);
    const abort = new AbortController();
    const reason = new Error('Stop');
    const reading = (async () => {
      for await (const chunk of store.source(object).read(0, object.sizeBytes, abort.signal)) {
        expect(chunk.length).toBeGreaterThan(0);
        abort.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    await expect(read(store, object, 0, 1, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('can be left before its end, again and again', async () => {
    const store = storeAt({}, { ...QUICK, sockets: 3 });
    const object = await publish(store);
    for (let i = 0; i < 12; i += 1) {
      for await (const chunk of store.source(object).read(0, object.sizeBytes, NEVER)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
    }
    expect((await read(store, object)).equals(CONTENT)).toBe(true);
  });
});

describe('source().read() over a faulty network', () => {
  /** A store behind a proxy; the plan counts requests from the first read on. */
  async function behind(
    plan: FaultPlan,
    bytes: Uint8Array = CONTENT,
  ): Promise<{ store: S3ObjectStore; object: ListedObject; proxy: FaultyProxy }> {
    const direct = storeAt();
    const object = await publish(direct, bytes);
    const proxy = await startFaultyProxy(inject('stack').s3.endpoint, plan);
    onTestFinished(() => proxy.close());
    return { store: storeAt({ endpoint: proxy.endpoint }), object, proxy };
  }

  it('asks for a small object whole, for a large one by ranges with one ahead', async () => {
    const small = await behind(() => ({ kind: 'pass' }), CONTENT.subarray(0, 90_000));
    await read(small.store, small.object);
    expect(small.proxy.seen).toHaveLength(1);
    expect(small.proxy.seen[0]).not.toContain('bytes=');
    const large = await behind(() => ({ kind: 'pass' }));
    await read(large.store, large.object);
    expect(large.proxy.seen.map((line) => line.split(' ')[2])).toEqual([
      'bytes=0-99999',
      'bytes=100000-199999',
      'bytes=200000-299999',
      'bytes=300000-399999',
      'bytes=400000-449999',
    ]);
  });

  it.each(['reset', 'stall', 'cut'] as const)('goes on after a %s at the byte it had reached', async (kind) => {
    const { store, object, proxy } = await behind((n) => (n === 0 ? { kind, afterBytes: 30_000 } : { kind: 'pass' }));
    expect((await read(store, object)).equals(CONTENT)).toBe(true);
    expect(proxy.seen.some((line) => line.endsWith('bytes=30000-99999'))).toBe(true);
  });

  it.each(['reset', 'stall', 'cut'] as const)('case 8: goes on after a %s in a whole read', async (kind) => {
    const bytes = CONTENT.subarray(0, 90_000);
    const { store, object } = await behind((n) => (n === 0 ? { kind, afterBytes: 30_000 } : { kind: 'pass' }), bytes);
    expect((await read(store, object)).equals(bytes)).toBe(true);
  });

  it('survives any number of breaks as long as it gets on', async () => {
    const { store, object, proxy } = await behind(() => ({ kind: 'reset', afterBytes: 60_000 }));
    expect((await read(store, object)).equals(CONTENT)).toBe(true);
    expect(proxy.seen.length).toBeGreaterThan(8);
  });

  it.each([
    { kind: 'reset', afterBytes: 100 },
    { kind: 'stall', afterBytes: 100 },
    { kind: 'cut', afterBytes: 100 },
    { kind: 'lengthen' },
  ] as const)('gives up after bounded resumes when every body ends like this: %o', async (fault) => {
    const { store, object, proxy } = await behind(() => fault, CONTENT.subarray(0, 90_000));
    await expect(read(store, object)).rejects.toThrow(/^Cannot read ".*": its body broke 3 times, the last time: /);
    expect(proxy.seen).toHaveLength(3);
  });

  /** What a store that knows neither Range nor If-Match answers. */
  function wholeObject(etag = ''): Fault {
    return { kind: 'answer', status: 200, body: CONTENT, headers: { etag } };
  }

  it('refuses a store that ignores Range, at once', async () => {
    const { store, object, proxy } = await behind((_, { headers }) => wholeObject(headers['if-match']));
    const error: unknown = await read(store, object).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(String(error)).toContain('expected 206 bytes 0-99999/450000, found 200 without Content-Range');
    expect(proxy.seen).toHaveLength(1);
  });

  it('refuses another range than asked for', async () => {
    const value = 'bytes 1-100000/450000';
    const { store, object } = await behind(() => ({ kind: 'set-header', header: 'content-range', value }));
    await expect(read(store, object)).rejects.toThrow(`found 206 ${value}`);
  });

  it('notices another version although the store ignores If-Match', async () => {
    const { store, object } = await behind(() => wholeObject('"another"'));
    await expect(read(store, object, 0, 10)).rejects.toThrow('found "another"');
    await expect(read(store, object, 0, 10)).rejects.toBeInstanceOf(ObjectChangedError);
  });

  it('refuses a page that a proxy puts in place of the object', async () => {
    const page: Fault = { kind: 'answer', status: 200, body: '<html>Sign in to the network</html>' };
    const { store, object } = await behind(() => page, CONTENT.subarray(0, 90_000));
    await expect(read(store, object)).rejects.toThrow(/expected ETag ".*", found none$/);
  });

  const SLOW_DOWN = { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } as const;

  it('case 5: tries again after SlowDown, and gives up after bounded tries', async () => {
    const once = await behind((n) => (n === 0 ? SLOW_DOWN : { kind: 'pass' }));
    expect((await read(once.store, once.object)).equals(CONTENT)).toBe(true);
    const always = await behind(() => SLOW_DOWN);
    await expect(read(always.store, always.object)).rejects.toThrow(/^Cannot read ".*": S3 answered 503 SlowDown$/);
    expect(always.proxy.seen).toHaveLength(3);
  });

  it('can be cancelled while it waits for another try', async () => {
    const { store, object } = await behind(() => SLOW_DOWN);
    const abort = new AbortController();
    const reading = read(store, object, 0, 10, abort.signal);
    setTimeout(() => {
      abort.abort(new Error('Stop'));
    }, 20);
    await expect(reading).rejects.toThrow('Stop');
  });

  it('calls a store that never answers unavailable', async () => {
    const { store, object, proxy } = await behind(() => ({ kind: 'silence' }));
    await expect(read(store, object)).rejects.toBeInstanceOf(UnavailableError);
    expect(proxy.seen).toHaveLength(3);
  });

  it('does not let a server put words into an error', async () => {
    const body = '<Error><Code>Evil\u001b[31m code\nwith lines</Code><Message>AKIASECRET</Message></Error>';
    const { store, object } = await behind(() => ({ kind: 'answer', status: 400, body }));
    const error: unknown = await read(store, object).catch((e: unknown) => e);
    expect(String(error)).toMatch(/^UnavailableError: Cannot read "[^"]*": [\w ?.:-]*$/);
    expect(String(error)).not.toContain('AKIASECRET');
  });

  it('refuses a listing that does not say where it goes on', async () => {
    const body = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
    const { store } = await behind(() => ({ kind: 'answer', status: 200, body }));
    await expect(list(store)).rejects.toThrow('the store says there is more, but not where it goes on');
  });
});
