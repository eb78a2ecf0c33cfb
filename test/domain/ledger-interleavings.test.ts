/**
 * Every interleaving of up to three attempts with what else happens, step by step, on the real rule and the real plan.
 * An attempt begins (reads the truncations), reads the ledger, lists the bucket, commits; other steps change the bucket or the ledger.
 */
import { describe, expect, test } from 'vitest';
import type { FeedObject } from '../../domain/feed-object.ts';
import { onlyHour, parseHour } from '../../domain/hour.ts';
import { currentLoads } from '../../domain/ledger.ts';
import { composeLoadId, newLoadId, type LoadId } from '../../domain/load-id.ts';
import type { LoadMode } from '../../domain/loading.ts';
import { planHour, type LoadDecision } from '../../domain/plan.ts';
import { truncationsInForce, windowState, type CommitRecord, type WindowEvent } from '../../domain/window-state.ts';

const TABLE = 'geo_events';
const HOUR = parseHour('2024-04-10T23');
const NEXT = parseHour('2024-04-11T00');

/** The bucket, the ledger, and which version every load stored. */
class World {
  version = 1;
  readonly events: WindowEvent[] = [];
  readonly #started = new Map<string, LoadId>();
  #ids = 0;

  /** The bucket's object; the version is its ETag and its time. */
  object(): FeedObject {
    const key = 'k.zip';
    return {
      key,
      etag: `v${this.version}`,
      sizeBytes: 1,
      modifiedMs: this.version,
      table: TABLE,
      hour: HOUR,
      format: 'zip',
    };
  }

  /** The load that readers see. */
  get visible(): CommitRecord | undefined {
    const loadId = currentLoads(this.events.filter((event) => event.event !== 'rejected')).get(`${TABLE}/${HOUR}`);
    return this.commits.find((event) => event.loadId === loadId);
  }

  get commits(): CommitRecord[] {
    return this.events.filter((event) => event.event === 'committed');
  }

  /** What the server's condition does: an hour whose load was abandoned is left out, with its withdrawals. */
  commit(loadId: LoadId, decision: LoadDecision, seen: readonly string[]): void {
    if (this.events.some((event) => event.event === 'abandoned' && event.loadId === loadId)) return;
    const { object } = decision;
    const place = { table: TABLE, hour: HOUR } as const;
    this.events.push(
      { event: 'committed', ...place, loadId, object, objectModifiedMs: object.modifiedMs, seen },
      ...decision.withdraw.map(
        (withdrawn) => ({ event: 'abandoned', ...place, loadId: withdrawn, reason: 'withdrawn' }) as const,
      ),
    );
  }

  newId(greatest: LoadId | undefined, attempt: string): LoadId {
    this.#ids += 1;
    // The clock stands still: only the rule "1 + greatest" and chance tell ids apart.
    const loadId = newLoadId(composeLoadId(1, this.#ids), greatest);
    this.#started.set(attempt, loadId);
    return loadId;
  }

  /** Gives up what is not visible nor hidden: superseded loads, and ids that never committed. */
  sweep(): void {
    const standing = this.commits.map(({ loadId }) => loadId);
    const dead = [...this.#started.values(), ...standing].filter((loadId) => loadId !== this.visible?.loadId);
    for (const loadId of new Set(dead)) {
      this.events.push({ event: 'abandoned', table: TABLE, hour: HOUR, loadId, reason: 'swept' });
    }
  }
}

type Step = (world: World) => void;

/** The steps of one attempt. It is refused, as the activity is, when it meets a truncation that it has not seen. */
function attempt(name: string, mode: LoadMode): Step[] {
  let seen: readonly string[] = [];
  let state: ReturnType<typeof windowState> | undefined;
  let decision: ReturnType<typeof planHour> | undefined;
  let loadId: LoadId | undefined;
  return [
    (world) => {
      [state, decision, loadId] = [undefined, undefined, undefined];
      seen = truncationsInForce(world.events).map(({ truncationId }) => truncationId);
    },
    (world) => {
      state = windowState(TABLE, onlyHour(HOUR), world.events);
    },
    (world) => {
      if (state?.truncations.some((truncationId) => !seen.includes(truncationId)) !== false) return;
      decision = planHour(HOUR, [world.object()], state.hours.get(HOUR), { mode, fillCleared: true });
      if (decision.action === 'load') loadId = world.newId(decision.greatestLoadId, name);
    },
    (world) => {
      if (decision?.action === 'load' && loadId !== undefined) world.commit(loadId, decision, seen);
    },
  ];
}

/** An attempt whose begin does not matter, as there are no truncations. */
function begunAttempt(name: string, mode: LoadMode): Step[] {
  return attempt(name, mode).slice(1);
}

const republish: Step = (world) => {
  world.version = 2;
};
const comeBack: Step = (world) => {
  world.version = 1;
};
const sweep: Step = (world) => {
  world.sweep();
};
const truncate: Step = (world) => {
  world.events.push({ event: 'truncated', truncationId: 't1', tables: [TABLE], from: HOUR, to: NEXT });
};
const restore: Step = (world) => {
  world.events.push({ event: 'restored', truncationId: 't1' });
};

/** Every order of the threads' steps that keeps each thread's own order. */
function* interleavings(threads: readonly (readonly Step[])[]): Generator<Step[]> {
  if (threads.every((thread) => thread.length === 0)) yield [];
  for (const [index, thread] of threads.entries()) {
    const [first, ...rest] = thread;
    if (first === undefined) continue;
    for (const order of interleavings(threads.map((other, i) => (i === index ? rest : other)))) yield [first, ...order];
  }
}

/** Runs every order, looks after every step, and once more after a last look at the bucket by an undisturbed attempt. */
function runAll(
  threads: readonly (readonly Step[])[],
  checks: {
    readonly each?: (world: World, before: CommitRecord | undefined) => void;
    readonly end: (world: World) => void;
  },
  start: readonly Step[] = [],
): number {
  let orders = 0;
  for (const order of interleavings(threads)) {
    const world = new World();
    for (const step of start) step(world);
    for (const step of order) {
      const before = world.visible;
      step(world);
      checks.each?.(world, before);
    }
    for (const step of attempt('last', 'changed')) step(world);
    checks.end(world);
    orders += 1;
  }
  return orders;
}

function showsTheBucket(world: World): void {
  expect(world.visible?.object.etag).toBe(`v${world.version}`);
}

/** Once an hour is visible it stays so, and never goes back to an older version. */
function neverLosesTheHour(world: World, before: CommitRecord | undefined): void {
  if (before === undefined) return;
  expect(world.visible).toBeDefined();
  expect(world.visible?.objectModifiedMs).toBeGreaterThanOrEqual(before.objectModifiedMs);
}

describe('currentLoads() over every interleaving', () => {
  test.each(['missing', 'changed', 'all'] as const)(
    'of three attempts (%s): the hour appears once and stays',
    (mode) => {
      const threads = ['a', 'b', 'c'].map((name) => begunAttempt(name, mode));
      expect(runAll(threads, { each: neverLosesTheHour, end: showsTheBucket })).toBe(1_680);
    },
  );

  test('of two attempts, a new version and a sweep: never the older version again, at the end the newer', () => {
    const threads = [attempt('a', 'all'), attempt('b', 'changed'), [republish], [sweep]];
    expect(runAll(threads, { each: neverLosesTheHour, end: showsTheBucket })).toBe(6_300);
  });

  test('of three attempts and a new version: a zombie with the older one cannot win', () => {
    const threads = [begunAttempt('a', 'all'), begunAttempt('b', 'all'), begunAttempt('c', 'changed'), [republish]];
    expect(runAll(threads, { each: neverLosesTheHour, end: showsTheBucket })).toBe(16_800);
  });

  test('of two attempts while an earlier version comes back: the hour stays visible, at the end it is what the bucket has', () => {
    const start: Step[] = [republish, ...attempt('first', 'all')];
    const stays = (world: World, before: CommitRecord | undefined): void => {
      if (before !== undefined) expect(world.visible).toBeDefined();
    };
    const threads = [attempt('a', 'changed'), attempt('b', 'all'), [comeBack], [sweep]];
    expect(runAll(threads, { each: stays, end: showsTheBucket }, start)).toBe(6_300);
  });

  test('of an object that is replaced, comes back and is replaced again: no endless reloading', () => {
    const threads = [attempt('a', 'changed'), [republish, comeBack, republish, comeBack]];
    runAll(threads, {
      end: (world) => {
        showsTheBucket(world);
        const commits = world.commits.length;
        for (const step of attempt('once more', 'changed')) step(world);
        expect(world.commits.length).toBe(commits);
      },
    });
  });

  test('of two attempts and a truncation: empty at once, and only an attempt that began after it fills the hour', () => {
    const each = (world: World): void => {
      const inForce = truncationsInForce(world.events);
      for (const { truncationId } of inForce) {
        if (world.visible !== undefined) expect(world.visible.seen).toContain(truncationId);
      }
    };
    const threads = [attempt('a', 'all'), attempt('b', 'missing'), [truncate]];
    expect(runAll(threads, { each, end: showsTheBucket }, attempt('first', 'all'))).toBe(630);
  });

  test('of two attempts, a truncation and its restoration: visible at the end, whatever came between', () => {
    const threads = [attempt('a', 'all'), attempt('b', 'changed'), [truncate, restore]];
    expect(runAll(threads, { end: showsTheBucket }, attempt('first', 'all'))).toBe(3_150);
  });
});
