/** Gauges of the feed as a whole, for alerts: read from the ledger when metrics are asked for, not counted by this process. */
import { Gauge, type Registry } from 'prom-client';
import { hourStartMs } from '../../domain/hour.ts';
import type { TableStatus } from '../../domain/status.ts';

/** Where the gauges come from. */
export interface FeedGaugesOptions {
  /** The status of every table from the feed's start to the last complete hour; may fail. */
  readonly readStatus: (signal: AbortSignal) => Promise<readonly TableStatus[]>;
  /** A status is shown for this long before the ledger is asked again. Default a minute: it changes by the hour. */
  readonly keepMs?: number;
}

const KEEP_MS = 60_000;
/** Less than Prometheus waits for an answer by default: 10 seconds. */
const READ_TIMEOUT_MS = 5_000;

/**
 * Registers the gauges. When the ledger cannot be read they have no values, rather than old ones, and
 * `clickfeed_status_up` is 0.
 * @returns brings them up to date; never fails
 */
export function registerFeedGauges(registry: Registry, options: FeedGaugesOptions): () => Promise<void> {
  const gauges = createGauges(registry);
  let readAtMs = -Infinity;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    try {
      const tables = await options.readStatus(AbortSignal.timeout(READ_TIMEOUT_MS));
      gauges.clear();
      for (const table of tables) gauges.show(table);
      gauges.up.set(1);
      readAtMs = performance.now();
    } catch {
      gauges.clear();
      gauges.up.set(0);
      readAtMs = -Infinity;
    }
  };
  return async () => {
    if (performance.now() - readAtMs < (options.keepMs ?? KEEP_MS)) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  };
}

interface FeedGauges {
  readonly up: Gauge;
  show(table: TableStatus): void;
  clear(): void;
}

function createGauges(registry: Registry): FeedGauges {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
    new Gauge({ name, help, labelNames, registers });
  const up = gauge('clickfeed_status_up', 'Whether the ledger could be read for the gauges of the feed', []);
  const newest = gauge('clickfeed_newest_hour_timestamp_seconds', 'Start of the newest loaded hour', ['table']);
  const hours = gauge('clickfeed_feed_hours', 'Hours from the feed’s start to the last complete one, by state', [
    'table',
    'state',
  ]);
  const rows = gauge('clickfeed_visible_rows', 'Rows that readers see, by the receipts', ['table']);
  const quarantined = gauge('clickfeed_visible_quarantined_lines', 'Quarantined lines of the loads that readers see', [
    'table',
  ]);
  return {
    up,
    show(status) {
      const { table, lastHour } = status;
      if (lastHour !== null) newest.set({ table }, hourStartMs(lastHour) / 1000);
      hours.set({ table, state: 'loaded' }, status.loadedHours);
      hours.set({ table, state: 'cleared' }, status.clearedHours);
      hours.set({ table, state: 'rejected' }, status.rejectedHours);
      hours.set({ table, state: 'absent' }, status.absentHours);
      hours.set({ table, state: 'pending' }, status.pendingHours);
      rows.set({ table }, status.rows);
      quarantined.set({ table }, status.quarantinedLines);
    },
    clear() {
      for (const each of [newest, hours, rows, quarantined]) each.reset();
    },
  };
}
