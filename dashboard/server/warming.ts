/**
 * Asks beforehand what an overview asks when it is opened, and then what one click more asks, so that a remembering reader knows the answers:
 * after each change of the ledger, once it rests. A backfill is not slowed down by it, and who opens the page after the hourly load waits
 * for nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { nextQuestions, openingQuestions } from '../opening.ts';
import { DEFAULT_PRESET, resolveRange, type Preset } from '../ranges.ts';
import type { DashboardReader } from '../reader.ts';
import { failureOf } from './failure.ts';
import { PANELS } from './panels.ts';

/** What warming needs. */
export interface WarmingOptions {
  /** One that remembers. */
  readonly reader: DashboardReader;
  /** Another text after each change of what the answers follow from: the ledger and the hour. */
  readonly state: (signal: AbortSignal) => Promise<string>;
  /** How often to look; the ledger rests when two looks find the same. Default 10 s. */
  readonly everyMs?: number;
  /** Hears of defects. That ClickHouse is away is none: the next look asks again. */
  readonly onDefect?: (error: unknown) => void;
}

/** The ranges that are opened most: the one that is shown first, and the whole feed. */
const PRESETS_WARMED: readonly Preset[] = [DEFAULT_PRESET, 'all'];
const EVERY_MS = 10_000;

/** Begins. @returns ends it, and waits until nothing is asked any more */
export function startWarming({ reader, state, everyMs = EVERY_MS, onDefect }: WarmingOptions): () => Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;

  async function look(last: Look): Promise<Look> {
    const seen = await state(signal);
    if (seen === last.warmed) return { ...last, seen };
    if (seen !== last.seen) return { ...last, seen };
    await warm(reader, signal);
    return { seen, warmed: seen };
  }

  async function run(): Promise<void> {
    let last: Look = {};
    for (;;) {
      try {
        last = await look(last);
      } catch (error) {
        if (!signal.aborted && failureOf(error).kind === 'unexpected') onDefect?.(error);
      }
      const isOver = await sleep(everyMs, false, { signal, ref: false }).catch(() => true);
      if (isOver) return;
    }
  }

  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
}

interface Look {
  readonly seen?: string;
  readonly warmed?: string;
}

/** One after the other: whoever looks at the page meanwhile comes first. */
async function warm(reader: DashboardReader, signal: AbortSignal): Promise<void> {
  const extent = await reader.extent({ signal });
  if (extent.firstHour === undefined) return;
  const queries = PRESETS_WARMED.map((preset) => ({ range: resolveRange(preset, extent), filters: [] }));
  for (const { panel, search } of [
    ...queries.flatMap((query) => openingQuestions(query)),
    ...queries.flatMap(nextQuestions),
  ]) {
    signal.throwIfAborted();
    await PANELS[panel]?.ask(search)({ reader, thresholds: {} }, { signal });
  }
}
