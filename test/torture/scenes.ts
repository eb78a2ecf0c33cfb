/** The deeds in which the torture strikes: what stands before, what readers may see meanwhile, what must stand at the end. */
import { randomUUID } from 'node:crypto';
import type { LoadWindow } from '../../domain/loading.ts';
import { addHours, type Hour } from '../../domain/hour.ts';
import { CLEAN, CLEARED, FULL, SOILED, START, TABLE, type Lane, type Seen } from './arena.ts';
import { doDeed, type Deed } from './deeds.ts';
import { asActivity } from './workbench.ts';

/** One deed, ready to be done. Every scene finds all hours visible, and leaves them so. */
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
  load: async (lane) => replacing(await loadOf(lane, { to: addHours(START, 1) })),
  backfill: async (lane) => replacing(await loadOf(lane, SOILED)),
  fill: async (lane) => {
    const truncationId = await truncated(lane);
    const deed = await loadOf(lane, { mode: 'missing' });
    const isWhole = (seen: Seen): boolean =>
      isSame({ ...CLEARED, ...seen }, seen) && entries(seen).every(([hour, rows]) => rows === FULL[hour as Hour]);
    return { deed, allows: isWhole, end: FULL, cleanUp: () => act(lane, { kind: 'purge', truncationId }) };
  },
  truncate: async (lane) => {
    const truncationId = idOf();
    const deed = { kind: 'truncate', truncationId, table: TABLE, range: CLEAN } as const;
    return Promise.resolve({
      deed,
      allows: either(FULL, CLEARED),
      end: CLEARED,
      cleanUp: () => act(lane, { kind: 'restore', truncationId }),
    });
  },
  restore: async (lane) => {
    const truncationId = await truncated(lane);
    return { deed: { kind: 'restore', truncationId }, allows: either(FULL, CLEARED), end: FULL, cleanUp: nothing };
  },
  purge: async (lane) => {
    const truncationId = await truncated(lane);
    const cleanUp = async (): Promise<void> => act(lane, await loadOf(lane, { mode: 'missing' }));
    return { deed: { kind: 'purge', truncationId }, allows: either(CLEARED), end: CLEARED, cleanUp };
  },
  sweep: async (lane) => {
    await act(lane, await loadOf(lane, SOILED)); // so that there are rows and quarantined lines to delete
    return replacing({ kind: 'sweep', table: TABLE });
  },
} as const satisfies Record<string, (lane: Lane) => Promise<Scene>>;

export const SCENE_NAMES = Object.keys(SCENES) as SceneName[];

/** Does a deed without any fault. */
export async function act(lane: Lane, deed: Deed): Promise<void> {
  await asActivity(() => doDeed(lane.survivor, deed));
}

/** A load, of the clean hours unless the rules say otherwise, by a run that knows every truncation of before. */
export async function loadOf({ survivor }: Lane, rules: Partial<LoadWindow>): Promise<Deed> {
  const { seen } = await asActivity(() => survivor.activities.beginRun());
  return {
    kind: 'load',
    window: { table: TABLE, ...CLEAN, mode: 'all', seen: [...seen], fillCleared: true, ...rules },
  };
}

/** Whether the same rows are visible. */
export function isSame(a: Seen, b: Seen): boolean {
  return JSON.stringify(entries(a)) === JSON.stringify(entries(b));
}

function replacing(deed: Deed): Scene {
  return { deed, allows: either(FULL), end: FULL, cleanUp: nothing };
}

async function truncated(lane: Lane): Promise<string> {
  const truncationId = idOf();
  await act(lane, { kind: 'truncate', truncationId, table: TABLE, range: CLEAN });
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
