/** What is looked at after and during a strike. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DoubledError, FULL, TABLE, type Lane, type Seen } from './arena.ts';
import { act, isSame, type Scene } from './scenes.ts';

/** Something that must not be. */
export interface Wrong {
  readonly kind: 'lost' | 'doubled' | 'partial' | 'orphan';
  readonly what: string;
}

/** Someone who polls what readers see. */
export interface Reader {
  /** Looks now, at a moment where everything stands still. */
  look(): Promise<void>;
  /** Stops polling. @returns what was seen that must not be */
  end(): Promise<readonly Wrong[]>;
}

/** Beside the looks while a deed stands still: a query of the views takes a core for 20 ms, which is much among hundreds of strikes. */
const POLL_PAUSE_MS = 1_000;

/** Begins to poll. */
export function startReader(lane: Lane, scene: Scene): Reader {
  const wrong: Wrong[] = [];
  const over = new AbortController();
  const lookOnce = async (): Promise<void> => {
    try {
      const seen = await lane.look();
      if (!scene.allows(seen)) wrong.push({ kind: 'partial', what: `meanwhile readers saw ${JSON.stringify(seen)}` });
    } catch (error) {
      if (error instanceof DoubledError) wrong.push({ kind: 'doubled', what: error.message });
      // Else the server is down.
    }
  };
  const polling = (async () => {
    while (!over.signal.aborted) {
      await lookOnce();
      await sleep(POLL_PAUSE_MS, undefined, { signal: over.signal }).catch(() => undefined); // it is over
    }
  })();
  return {
    look: lookOnce,
    end: async () => {
      over.abort();
      await polling;
      return wrong;
    },
  };
}

/** Readers see exactly this. */
export async function expectSeen(lane: Lane, expected: Seen, when: string): Promise<Wrong[]> {
  const seen = await lane.look().catch(() => lane.look()); // the first connection may be one of before a restart
  return isSame(seen, expected) ? [] : [{ kind: 'lost', what: `${when}: readers see ${JSON.stringify(seen)}` }];
}

/** Receipts, rows and quarantined lines of current loads agree, and after a sweep nothing else is stored. */
export async function expectSettled(lane: Lane): Promise<Wrong[]> {
  await lane.quiet();
  await act(lane, { kind: 'sweep', table: TABLE });
  const stored = await lane.rows<{ load_id: string; rows: string; lines: string }>(
    `SELECT load_id, sum(r) AS rows, sum(q) AS lines FROM (
       SELECT _load AS load_id, count() AS r, 0 AS q FROM ${TABLE}_raw GROUP BY _load
       UNION ALL SELECT load_id, 0 AS r, count() AS q FROM quarantine GROUP BY load_id
     ) GROUP BY load_id`,
  );
  const current = await lane.rows<{ load_id: string; rows: string; quarantined: string }>(
    `SELECT DISTINCT load_id, rows, quarantined FROM loads
     WHERE event = 'committed' AND load_id IN (SELECT load_id FROM current_loads)`,
  );
  const found = new Map(stored.map(({ load_id, rows, lines }) => [load_id, `${rows} rows, ${lines} lines`]));
  const wrong: Wrong[] = [];
  for (const { load_id, rows, quarantined } of current) {
    const receipt = `${rows} rows, ${quarantined} lines`;
    if (found.get(load_id) !== receipt)
      wrong.push({ kind: 'lost', what: `load ${load_id}: its receipt says ${receipt}, found ${found.get(load_id)}` });
    found.delete(load_id);
  }
  if (current.length !== Object.keys(FULL).length)
    wrong.push({ kind: 'lost', what: `${current.length} current loads at the end` });
  for (const [loadId, what] of found)
    wrong.push({ kind: 'orphan', what: `after a sweep load ${loadId} still stores ${what}` });
  return wrong;
}
