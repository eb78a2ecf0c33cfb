/** What the ledger is told of derived loads, and the settings with which these are built. */
import { OutcomeUnknownError, UnavailableError } from '../../../domain/errors.ts';
import { jsonLines } from '../rows.ts';
import type { ClickHouseServer, Parameters } from '../server.ts';
import { INSERT_SETTINGS } from '../settings.ts';

/** Building reads one window of raw rows; large hours spill to disk rather than fail. */
export const BUILD_SETTINGS = {
  ...INSERT_SETTINGS,
  join_use_nulls: 1,
  join_algorithm: 'grace_hash',
  max_bytes_before_external_sort: '536870912',
  max_bytes_before_external_group_by: '536870912',
} as const;
/** One thread: all rows of a commit are one block, and the block one part. */
const ONE_BLOCK = { max_threads: 1, max_insert_threads: '1', input_format_parallel_parsing: 0 } as const;
const EMPTY_ROW = { rows: 0, sources: [], workflow_id: '', run_id: '', attempt: 0, worker: '', reason: '' } as const;

/** What is appended: one row per load, with at least `hour` (seconds) and `load_id`. */
export interface DerivedRows {
  readonly event: 'committed' | 'abandoned';
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Derived loads to be committed together, by an attempt. */
export interface DerivedCommit {
  readonly table: string;
  /** One row per load: `hour` (seconds), `load_id`, `rows` and `sources`. */
  readonly rows: DerivedRows['rows'];
  /** The server refuses the commit after this instant of its clock, milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly attempt: number;
  readonly worker: string;
}

/** Commits what is not given up meanwhile, all in one block, unless the deadline has passed. */
export function commitDerived(server: ClickHouseServer, commit: DerivedCommit, signal: AbortSignal): Promise<void> {
  const { table, rows, deadlineMs, workflowId, runId, attempt, worker } = commit;
  const by = { workflow_id: workflowId, run_id: runId, attempt, worker };
  return appendDerived(
    server,
    { event: 'committed', table, rows: rows.map((row) => ({ ...row, ...by })) },
    {
      sql: `WHERE nowInBlock64(6) < fromUnixTimestamp64Milli({deadline:Int64})
        AND load_id NOT IN (SELECT load_id FROM ${server.name('loads')} WHERE event = 'abandoned' AND table_name = '${table}')`,
      parameters: { deadline: Math.trunc(deadlineMs) },
    },
    signal,
  );
}

/** Appends to the ledger, where the condition holds for a row. */
export async function appendDerived(
  server: ClickHouseServer,
  { event, table, rows }: DerivedRows,
  condition: { readonly sql: string; readonly parameters: Parameters } = { sql: '', parameters: {} },
  signal?: AbortSignal,
): Promise<void> {
  await server.insert(
    {
      sql: `INSERT INTO ${server.name('loads')}
          (event, table_name, hour, load_id, lines, rows, sources, workflow_id, run_id, attempt, worker, reason)
          SELECT '${event}', '${table}', toDateTime(hour, 'UTC'), load_id, rows, rows, sources, workflow_id, run_id, attempt, worker, reason
          FROM input('hour UInt32, load_id UInt64, rows UInt64, sources Array(UInt64), workflow_id String, run_id String, attempt UInt32, worker String, reason String')
          ${condition.sql} FORMAT JSONEachRow`,
      doing: `write ${event} ${table} to the ledger`,
      parameters: condition.parameters,
      signal,
      settings: ONE_BLOCK,
    },
    'insert-facts',
    jsonLines(rows.map((row) => ({ ...EMPTY_ROW, ...row }))),
  );
}

/** False when the outcome is not known: the ledger has to be asked. */
export async function succeeds(write: Promise<void>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof OutcomeUnknownError || error instanceof UnavailableError) return false;
    throw error;
  }
}
