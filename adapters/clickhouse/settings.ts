/**
 * Settings sent with every statement, so that no server's defaults or profile changes what is stored or read.
 * Defaults do change: async_insert and deduplicate_insert came on in 26.2, date_time_input_format became best_effort in 26.5.
 */
import type { ClickHouseSettings } from '@clickhouse/client';

/** The setting without which the views lose hours while loads commit; see views.ts. */
export const PIN_SETTING = 'enable_shared_storage_snapshot_in_query';

/** What the settings profile of every user who reads must say; none of it may be changed by a query. */
export const PROFILE_SETTINGS = {
  [PIN_SETTING]: 1,
  // Else `x IS NULL` and `length(x)` read a subcolumn (`x.null`, `x.size`) that a grant on the column x does not cover.
  optimize_functions_to_subcolumns: 0,
} as const satisfies ClickHouseSettings;

const COMMON: ClickHouseSettings = {
  session_timezone: 'UTC',
  // The answer comes when all is done: an error is an HTTP status, not text behind a 200.
  wait_end_of_query: 1,
  // Until then it waits in memory, and only beyond this in a file, which a full disk cuts short: see whole-answer.ts.
  http_response_buffer_size: '4194304',
};

/**
 * Settings that no user who reads may set: each adds a condition to a table, over any of its columns, and ClickHouse (26.7) asks for
 * no right on these. The number of rows then tells whether a personal value begins so, letter by letter.
 */
export const PROFILE_LOCKS = ['additional_table_filters', 'parallel_replicas_custom_key'] as const;

/** For every SELECT. */
export const READ_SETTINGS: ClickHouseSettings = {
  ...COMMON,
  ...PROFILE_SETTINGS,
  output_format_json_quote_64bit_integers: 1,
  use_query_cache: 0,
  join_use_nulls: 0,
};

/** For every INSERT: synchronous, never deduplicated, and strict about what a line may look like. */
export const INSERT_SETTINGS: ClickHouseSettings = {
  ...COMMON,
  ...PROFILE_SETTINGS,
  async_insert: 0,
  // A token or a hash that makes ClickHouse skip a block would lose rows and report success. Load ids do that job.
  insert_deduplicate: 0,
  deduplicate_insert: 'disable',
  deduplicate_insert_select: 'disable',
  insert_null_as_default: 0,
  input_format_skip_unknown_fields: 0,
  input_format_null_as_default: 0,
  input_format_force_null_for_omitted_fields: 0,
  input_format_column_name_matching_mode: 'match_case',
  // 1 would leave the rest of a line unparsed, duplicate keys among it.
  input_format_json_ignore_unnecessary_fields: 0,
  input_format_json_read_bools_as_strings: 0,
  input_format_json_read_bools_as_numbers: 0,
  input_format_json_read_numbers_as_strings: 0,
  input_format_json_read_arrays_as_strings: 0,
  input_format_json_read_objects_as_strings: 0,
  input_format_json_throw_on_bad_escape_sequence: 1,
  input_format_allow_errors_num: '0',
  input_format_allow_errors_ratio: 0,
  // 1 would commit what had arrived before a connection broke.
  input_format_connection_handling: '0',
  date_time_input_format: 'basic',
  precise_float_parsing: 1,
};

/** For DDL. */
export const DDL_SETTINGS: ClickHouseSettings = { ...COMMON };

/** A ledger statement or a read is given up after this. Rows are inserted without a limit of their own: the caller's signal ends them. */
export const STATEMENT_TIMEOUT_MS = 60_000;
