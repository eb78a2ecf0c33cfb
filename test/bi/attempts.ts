/** Statements by which someone with the reader's password might come to personal data. */

/** One statement. `be refused`: for want of rights. `be harmless`: it may answer, but with nothing personal. */
export interface Attempt {
  readonly sql: string;
  readonly must: 'be refused' | 'be harmless';
}

/** All statements, on a database. */
export function attempts(database: string, { tcpPort, password }: { tcpPort: number; password: string }): Attempt[] {
  const refused = [
    ...columnAttempts(),
    ...tableAttempts(database, tcpPort, password),
    ...filterAttempts(database),
    ...writingAttempts(),
  ];
  return [
    ...refused.map((sql): Attempt => ({ sql, must: 'be refused' })),
    ...harmlessAttempts(database).map((sql): Attempt => ({ sql, must: 'be harmless' })),
  ];
}

/** Personal columns, read, compared, sorted by, hidden in other clauses. */
function columnAttempts(): string[] {
  return [
    ['device_events_raw', 'user_custom_id'],
    ['geo_events_raw', 'ip_address'],
    ['device_events_raw', '_extra'],
    ['quarantine', 'text'],
    ['quarantine', 'reason'],
    ['personal_key', 'key'],
    ['loads', 'detail'],
    ['device_events_personal', 'user_custom_id'],
    ['geo_events_personal', 'ip_address'],
  ].flatMap(([table, column]) => [
    `SELECT ${column} FROM ${table}`,
    `SELECT count() FROM ${table} WHERE ${column} != ''`,
    `SELECT any(length(toString(${column}))) FROM ${table}`,
    `SELECT 1 FROM ${table} ORDER BY ${column}`,
    `SELECT count() FROM ${table} GROUP BY ${column}`,
    `SELECT count() OVER (PARTITION BY ${column}) FROM ${table}`,
    `SELECT 1 WHERE 'a' IN (SELECT toString(${column}) FROM ${table})`,
    `WITH t AS (SELECT ${column} AS c FROM ${table}) SELECT c FROM t`,
    `SELECT r.${column} FROM (SELECT 1) AS one CROSS JOIN ${table} AS r`,
    `SELECT * FROM view(SELECT ${column} FROM ${table})`,
    `SELECT (SELECT any(${column}) FROM ${table})`,
  ]);
}

/** Whole tables, and table functions that might go around the grants. */
function tableAttempts(database: string, tcpPort: number, password: string): string[] {
  const tables = ['device_events_raw', 'geo_events_raw', 'quarantine', 'personal_key', 'device_events_personal'];
  return tables.flatMap((table) => [
    `SELECT * FROM ${table}`,
    `SELECT * FROM merge('${database}', '^${table}$')`,
    `SELECT * FROM remote('127.0.0.1:${tcpPort}', '${database}', '${table}', 'reader', '${password}')`,
    `SELECT * FROM remote('127.0.0.1:${tcpPort}', '${database}', '${table}')`,
    `SELECT * FROM loop('${database}', '${table}')`,
  ]);
}

/** A setting adds a condition to a table that may be read: the number of rows would tell whether it holds. */
function filterAttempts(database: string): string[] {
  return [
    ['device_events', 'device_events_raw', 'user_custom_id'],
    ['device_events_raw', 'device_events_raw', 'user_custom_id'],
    ['geo_events', 'geo_events_raw', 'ip_address'],
    ['geo_events_raw', 'geo_events_raw', '_extra'],
    ['loads', 'loads', 'detail'],
  ].map(([table, filtered, column]) =>
    `SELECT count(_load) FROM ${table} SETTINGS additional_table_filters = {'${database}.${filtered}': 'toString(${column}) LIKE \\'%2%\\''}`.replace(
      'count(_load) FROM loads',
      'count(load_id) FROM loads',
    ),
  );
}

/** Writing, keeping, and reading what lies outside of tables. */
function writingAttempts(): string[] {
  return [
    'CREATE VIEW mine SQL SECURITY NONE AS SELECT user_custom_id FROM device_events_raw',
    'CREATE VIEW mine DEFINER = clickfeed SQL SECURITY DEFINER AS SELECT user_custom_id FROM device_events_raw',
    'CREATE TEMPORARY TABLE mine AS SELECT user_custom_id FROM device_events_raw',
    'CREATE TABLE mine ENGINE = Memory AS SELECT ip_address FROM geo_events_raw',
    "CREATE DICTIONARY mine (key UInt64, text String) PRIMARY KEY key SOURCE(CLICKHOUSE(TABLE 'quarantine')) LAYOUT(FLAT()) LIFETIME(0)",
    'CREATE FUNCTION mine AS () -> 1',
    'CREATE USER mine',
    'GRANT SELECT ON *.* TO reader',
    'ALTER TABLE device_events_raw DELETE WHERE 1',
    'INSERT INTO quarantine (text) VALUES (1)',
    'SYSTEM FLUSH LOGS',
    "SELECT * FROM file('users.xml', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM executable('cat /etc/passwd', 'LineAsString', 'line String')",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/a', 'LineAsString')",
  ];
}

/** What the server knows of itself; plans; filters in settings, which a query may add to a table it may read. */
function harmlessAttempts(database: string): string[] {
  const about = [
    'query_log',
    'query_thread_log',
    'query_views_log',
    'processes',
    'mutations',
    'errors',
    'parts',
    'parts_columns',
    'columns',
    'tables',
    'text_log',
    'trace_log',
    'part_log',
    'session_log',
    'crash_log',
    'asynchronous_inserts',
    'asynchronous_insert_log',
    'query_cache',
    'query_condition_cache',
    'user_processes',
    'users',
    'grants',
    'settings_profiles',
    'named_collections',
    'dictionaries',
    'view_refreshes',
    'background_schedule_pool_log',
  ];
  return [
    ...about.map((table) => `SELECT * FROM system.${table} LIMIT 100000`),
    'SELECT * FROM information_schema.columns LIMIT 100000',
    'SHOW CREATE TABLE device_events_raw',
    'SHOW PROCESSLIST',
    'SHOW GRANTS',
    'EXPLAIN SYNTAX SELECT * FROM device_events_personal',
    'EXPLAIN indexes = 1 SELECT * FROM device_events WHERE 1',
    'EXPLAIN ESTIMATE SELECT * FROM device_events',
    'DESCRIBE TABLE device_events_personal',
    'SELECT * FROM device_events',
    'SELECT * FROM geo_events',
    'SELECT * FROM events',
    'SELECT * FROM events_raw',
    ...['device_events_raw', 'geo_events_raw'].map(
      (table) => `SELECT * FROM mergeTreeIndex('${database}', '${table}')`,
    ),
    'SELECT throwIf(1, concat(user_custom_id_hash)) FROM device_events_raw',
  ];
}
