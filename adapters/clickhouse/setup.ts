/** `clickfeed setup`: brings the database to the newest shape. May be run at any time, twice at once, and mends what is missing. */
import { randomBytes } from 'node:crypto';
import { SetupError } from '../../domain/errors.ts';
import { checksum, MIGRATIONS, migrationsTableDdl, SCHEMA_VERSION, type Migration } from './migrations.ts';
import { findSchemaProblems } from './schema-check.ts';
import { readServerFacts, requireUsable } from './server-check.ts';
import type { ClickHouseServer } from './server.ts';
import { jsonLine } from './rows.ts';
import { quoteIdentifier } from './sql.ts';

/** What setup did. */
export interface SetupReport {
  /** Names of the migrations that this call applied; another call at the same time may have applied them too. */
  readonly applied: readonly string[];
  /** What was missing and is there again. */
  readonly mended: readonly string[];
}

/**
 * Applies what is missing.
 * @throws {SetupError} when the server is too old or lacks the pin setting, the database is newer than this program,
 *   or a table is not as a migration made it
 */
export async function setup(server: ClickHouseServer, signal?: AbortSignal): Promise<SetupReport> {
  requireUsable(await readServerFacts(server, signal));
  const name = server.name.bind(server);
  await run(server, `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(server.database)}`, signal);
  const isNew = await isEmpty(server, signal);
  await run(server, migrationsTableDdl(name), signal);
  const pending = await pendingMigrations(server, signal);
  for (const migration of pending) {
    await apply(server, migration, signal);
    await record(server, migration, signal);
  }
  // What has just been made is not compared: to read and format all views takes a third of the time of making them.
  const mended = isNew ? [] : await mend(server, signal);
  await makePersonalKey(server, signal);
  return { applied: pending.map((migration) => migration.name), mended };
}

async function isEmpty(server: ClickHouseServer, signal?: AbortSignal): Promise<boolean> {
  const rows = await server.query({
    sql: `SELECT name FROM system.tables WHERE database = {database:String} LIMIT 1`,
    doing: 'look for tables',
    parameters: { database: server.database },
    signal,
  });
  return rows.length === 0;
}

async function pendingMigrations(server: ClickHouseServer, signal?: AbortSignal): Promise<Migration[]> {
  const rows = await server.query<{ version: number; checksum: string }>({
    sql: `SELECT DISTINCT version, checksum FROM ${server.name('migrations')} ORDER BY version`,
    doing: 'read the migrations',
    signal,
  });
  const newest = rows.at(-1)?.version ?? 0;
  if (newest > SCHEMA_VERSION) {
    throw new SetupError(
      `Cannot set up database ${server.database}: found migration ${newest}, expected at most ${SCHEMA_VERSION}; use a newer clickfeed`,
    );
  }
  for (const row of rows) {
    const known = MIGRATIONS.find((migration) => migration.version === row.version);
    if (known !== undefined && checksum(known) !== row.checksum) {
      throw new SetupError(
        `Cannot set up database ${server.database}: found migration ${row.version} of another build of clickfeed, expected that of this one; ` +
          'use the build that made it, or start anew: another CLICKHOUSE_DATABASE, or another --dir of "clickfeed up"; the feed is loaded again',
      );
    }
  }
  return MIGRATIONS.filter((migration) => !rows.some((row) => row.version === migration.version));
}

async function apply(server: ClickHouseServer, migration: Migration, signal?: AbortSignal): Promise<void> {
  for (const statement of migration.statements(server.name.bind(server))) await run(server, statement, signal);
}

async function record(server: ClickHouseServer, migration: Migration, signal?: AbortSignal): Promise<void> {
  await server.insert(
    {
      sql: `INSERT INTO ${server.name('migrations')} (version, name, checksum) FORMAT JSONEachRow`,
      doing: 'record a migration',
      signal,
    },
    'insert-facts',
    [jsonLine({ version: migration.version, name: migration.name, checksum: checksum(migration) })],
  );
}

/** Every statement is idempotent: running all of them again brings back what someone dropped. What is altered is refused. */
async function mend(server: ClickHouseServer, signal?: AbortSignal): Promise<string[]> {
  const before = await findSchemaProblems(server, signal);
  if (before.length === 0) return [];
  for (const migration of MIGRATIONS) await apply(server, migration, signal);
  const after = await findSchemaProblems(server, signal);
  if (after.length > 0) {
    throw new SetupError(`Cannot set up database ${server.database}: ${after.join('; ')}`);
  }
  return before;
}

/** Two at once may both make one: the least (created_at, key) counts, for both. */
async function makePersonalKey(server: ClickHouseServer, signal?: AbortSignal): Promise<void> {
  const table = server.name('personal_key');
  await server.insert(
    {
      sql: `INSERT INTO ${table} (key) SELECT key FROM input('key String') WHERE (SELECT count() FROM ${table}) = 0 FORMAT JSONEachRow`,
      doing: 'make the key of the hashes',
      signal,
    },
    'insert-facts',
    // In the body: query texts and parameters are logged by servers and proxies, bodies are not.
    [jsonLine({ key: randomBytes(32).toString('hex') })],
  );
}

async function run(server: ClickHouseServer, sql: string, signal?: AbortSignal): Promise<void> {
  await server.command({
    sql,
    doing: `set up database ${server.database}`,
    signal,
  });
}
