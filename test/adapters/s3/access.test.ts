import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { AccessError, SetupError, UnavailableError } from '../../../domain/errors.ts';
import { collect } from '../../support/bytes.ts';
import { putBytes } from '../../support/s3.ts';
import { startFaultyProxy } from './faulty-proxy.ts';
import { SELF_SIGNED_CERTIFICATE, SELF_SIGNED_KEY } from './self-signed.ts';
import { CONTENT, list, NEVER, publish, QUICK, storeAt } from './stores.ts';

describe('createObjectStore() without access', () => {
  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong-secret' }],
    ['an unknown key', { accessKeyId: 'UNKNOWN' }],
  ])('case 3: stops with a clear error and one request for %s', async (_, changes) => {
    const proxy = await startFaultyProxy(inject('stack').s3.endpoint, () => ({ kind: 'pass' }));
    onTestFinished(() => proxy.close());
    const store = storeAt({ endpoint: proxy.endpoint, ...changes });
    const error: unknown = await list(store).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AccessError);
    expect(String(error)).toMatch(/S3 answered 403 \w+, expected a key that may do this$/);
    expect(String(error)).not.toMatch(/wrong-secret|UNKNOWN/);
    expect(proxy.seen).toHaveLength(1);
  });

  it('says so when there are no credentials at all', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const store = storeAt({ accessKeyId: undefined, secretAccessKey: undefined });
    await expect(list(store)).rejects.toThrow(/found no credentials/);
    await expect(list(store)).rejects.toBeInstanceOf(AccessError);
  });

  it('names a bucket that does not exist', async () => {
    await expect(list(storeAt({ bucket: 'no-such-bucket' }))).rejects.toBeInstanceOf(SetupError);
  });

  it('case 15: calls an unknown host and a closed port unavailable', async () => {
    for (const endpoint of ['http://nowhere.invalid', 'http://127.0.0.1:1']) {
      const error: unknown = await list(storeAt({ endpoint })).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(UnavailableError);
      expect(String(error)).toMatch(/ENOTFOUND|EAI_AGAIN|ECONNREFUSED/);
    }
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const server = createServer({ key: SELF_SIGNED_KEY, cert: SELF_SIGNED_CERTIFICATE });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error: unknown = await list(storeAt({ endpoint })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AccessError);
    expect(String(error)).toContain('TLS certificate');
  });

  it('refuses https where plain http is spoken', async () => {
    const endpoint = inject('stack').s3.endpoint.replace('http:', 'https:');
    await expect(list(storeAt({ endpoint }))).rejects.toBeInstanceOf(AccessError);
  });
});

describe('createObjectStore() with a wrong clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('case 4: makes up for it when the store says its own time, by one request more', async () => {
    const proxy = await startFaultyProxy(inject('stack').s3.endpoint, () => ({ kind: 'pass' }));
    onTestFinished(() => proxy.close());
    const store = storeAt({ endpoint: proxy.endpoint });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    for (let lists = 1; lists <= 2; lists += 1) {
      expect(await list(store)).toEqual([]);
      expect(proxy.seen).toHaveLength(lists + 1);
    }
  });

  it.each([
    ['wrong, then put right', 3_600_000, 0],
    ['right, then an hour ahead', 0, 3_600_000],
    ['right, then an hour behind', 0, -3_600_000],
    ['an hour ahead, then an hour behind', 3_600_000, -3_600_000],
  ])('case 88: makes up for it again when the clock is %s under a store in use', async (_, firstMs, thenMs) => {
    const startMs = Date.now();
    const store = storeAt();
    await putBytes(`${store.feedPrefix}object`, CONTENT);
    vi.useFakeTimers({ toFake: ['Date'], now: startMs + firstMs });
    expect(await list(store)).toHaveLength(1);
    vi.setSystemTime(startMs + thenMs);
    const [object] = await list(store);
    if (object === undefined) throw new Error('Expected the object in the listing');
    expect(await collect(store.source(object).read(0, object.sizeBytes, NEVER))).toEqual(CONTENT);
  });

  it.each([-3_600_000, 3_600_000])(
    'case 88: goes on when the clock jumps by %i ms while a request is answered',
    async (jumpMs) => {
      const startMs = Date.now();
      vi.useFakeTimers({ toFake: ['Date'], now: startMs });
      const proxy = await startFaultyProxy(inject('stack').s3.endpoint, (number) => {
        vi.setSystemTime(startMs + (number % 2 === 0 ? jumpMs : 0));
        return { kind: 'pass' };
      });
      onTestFinished(() => proxy.close());
      const store = storeAt({ endpoint: proxy.endpoint });
      for (let i = 0; i < 4; i += 1) expect(await list(store)).toEqual([]);
    },
  );

  it('case 88: does not wait for the time that the clock was put back after SlowDown', async () => {
    const slowDown = { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' } as const;
    const proxy = await startFaultyProxy(inject('stack').s3.endpoint, (number) =>
      number === 0 ? slowDown : { kind: 'pass' },
    );
    onTestFinished(() => proxy.close());
    const store = storeAt({ endpoint: proxy.endpoint });
    expect(await list(store)).toEqual([]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    for (let i = 0; i < 4; i += 1) expect(await list(store)).toEqual([]);
  });

  it('says what is wrong when it cannot', async () => {
    const body = '<Error><Code>RequestTimeTooSkewed</Code></Error>';
    const proxy = await startFaultyProxy(inject('stack').s3.endpoint, () => ({ kind: 'answer', status: 403, body }));
    onTestFinished(() => proxy.close());
    const error: unknown = await list(storeAt({ endpoint: proxy.endpoint })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AccessError);
    expect(String(error)).toContain('the clock of this machine is wrong');
    expect(proxy.seen.length).toBeLessThanOrEqual(QUICK.attempts ?? 0);
  });
});

describe('check()', () => {
  it('finds everything well, also while the prefix is empty', async () => {
    const store = storeAt();
    expect((await store.check(NEVER)).map(({ ok }) => ok)).toEqual([true, true, true]);
    await publish(store);
    const checks = await store.check(NEVER);
    expect(checks.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(checks.at(-1)?.found).toContain('by range');
  });

  it.each([
    ['a wrong secret', { secretAccessKey: 'wrong-secret' }, 'AWS_SECRET_ACCESS_KEY'],
    ['a wrong bucket', { bucket: 'no-such-bucket' }, 'S3_BUCKET'],
    ['a wrong endpoint', { endpoint: 'http://127.0.0.1:1' }, 'S3_ENDPOINT'],
  ])('says what to do about %s', async (_, changes, fix) => {
    const checks = await storeAt(changes).check(NEVER);
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ ok: false });
    expect(checks[0]?.fix).toContain(fix);
  });

  it('finds a store that ignores Range', async () => {
    const direct = storeAt();
    await publish(direct);
    const proxy = await startFaultyProxy(inject('stack').s3.endpoint, (_, { url }) =>
      url?.includes('list-type') === true ? { kind: 'pass' } : { kind: 'answer', status: 200, body: CONTENT },
    );
    onTestFinished(() => proxy.close());
    const checks = await storeAt({ endpoint: proxy.endpoint, prefix: direct.feedPrefix }).check(NEVER);
    expect(checks.at(-1)).toMatchObject({ ok: false });
    expect(checks.at(-1)?.found).toContain('ignores Range');
  });

  it('measures how wrong the clock is', async () => {
    const store = storeAt();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const checks = await store.check(NEVER);
    vi.useRealTimers();
    expect(checks[1]).toMatchObject({ ok: false });
    expect(checks[1]?.found).toMatch(/^-36\d\d s|^-35\d\d s/);
  });
});
