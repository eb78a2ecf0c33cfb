/** The deeds in which the torture strikes: what stands before, what readers may see meanwhile, what must stand at the end. */
import { randomUUID } from 'node:crypto';
import type { LoadWindow } from '../../domain/loading.ts';
import { addHours } from '../../domain/hour.ts';
import { EMPTY, FULL, RANGE, START, TABLE, type Arena, type Seen } from './arena.ts';
import { doDeed, type Deed } from './deeds.ts';
import { asActivity } from './workbench.ts';

/** One deed, ready to be done. Every scene finds all three hours visible, and leaves them so. */
export interface Scene {
  readonly deed: Deed;
  /** Whether a reader may see this at any moment of it. */
  allows(seen: Seen): boolean;
  /** What readers see when it is done. */
  readonly end: Seen;
  /** Makes all hours visible again. */
  cleanUp(): Promise<void>;
}

export type SceneName = keyof typeof SCENES;

/** Each prepares its scene. */
export const SCENES = {
  load: async (arena) => replacing(await loadOf(arena, { to: addHours(START, 1) })),
  backfill: async (arena) => replacing(await loadOf(arena, {})),
  fill: async (arena) => {
    const truncationId = await truncated(arena);
    const deed = await loadOf(arena, { mode: 'missing' });
    const isWhole = (seen: Seen): boolean =>
      entries(seen).every(([hour, rows]) => entries(FULL).some(([h, r]) => h === hour && r === rows));
    return { deed, allows: isWhole, end: FULL, cleanUp: () => act(arena, { kind: 'purge', truncationId }) };
  },
  truncate: async (arena) => {
    const truncationId = idOf();
    const deed = { kind: 'truncate', truncationId, table: TABLE, range: RANGE } as const;
    return Promise.resolve({
      deed,
      allows: either(FULL, EMPTY),
      end: EMPTY,
      cleanUp: () => act(arena, { kind: 'restore', truncationId }),
    });
  },
  restore: async (arena) => {
    const truncationId = await truncated(arena);
    return { deed: { kind: 'restore', truncationId }, allows: either(FULL, EMPTY), end: FULL, cleanUp: nothing };
  },
  purge: async (arena) => {
    const truncationId = await truncated(arena);
    const cleanUp = async (): Promise<void> => act(arena, await loadOf(arena, { mode: 'missing' }));
    return { deed: { kind: 'purge', truncationId }, allows: either(EMPTY), end: EMPTY, cleanUp };
  },
  sweep: async (arena) => {
    await act(arena, await loadOf(arena, {}));
    return replacing({ kind: 'sweep', table: TABLE });
  },
} as const satisfies Record<string, (arena: Arena) => Promise<Scene>>;

export const SCENE_NAMES = Object.keys(SCENES) as SceneName[];

/** Does a deed without any fault. */
export async function act(arena: Arena, deed: Deed): Promise<void> {
  await asActivity(() => doDeed(arena.survivor, deed));
}

/** A load of all three hours by a run that knows every truncation of before. */
export async function loadOf({ survivor }: Arena, rules: Partial<LoadWindow>): Promise<Deed> {
  const { seen } = await asActivity(() => survivor.activities.beginRun());
  return {
    kind: 'load',
    window: { table: TABLE, ...RANGE, mode: 'all', seen: [...seen], fillCleared: true, ...rules },
  };
}

/** Whether the same rows are visible. */
export function isSame(a: Seen, b: Seen): boolean {
  return JSON.stringify(entries(a)) === JSON.stringify(entries(b));
}

function replacing(deed: Deed): Scene {
  return { deed, allows: either(FULL), end: FULL, cleanUp: nothing };
}

async function truncated(arena: Arena): Promise<string> {
  const truncationId = idOf();
  await act(arena, { kind: 'truncate', truncationId, table: TABLE, range: RANGE });
  return truncationId;
}

function either(...states: readonly Seen[]): Scene['allows'] {
  return (seen) => states.some((state) => isSame(state, seen));
}

function entries(seen: Seen): [string, number][] {
  return Object.entries(seen).sort(([a], [b]) => (a < b ? -1 : 1));
}

function idOf(): string {
  return `truncation-${randomUUID()}`;
}

async function nothing(): Promise<void> {
  // All hours are visible already.
}
