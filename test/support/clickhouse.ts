/** ClickHouse for tests: a database of one's own, and SQL sent to it beside the product's code. */
import { randomUUID } from 'node:crypto';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { inject } from 'vitest';
import { cleanUpLater } from './cleanup.ts';
import type { TestStack } from './stack.ts';

/** A database that only the caller uses. */
export interface TestDatabase {
  readonly name: string;
  /** Admin client, its session in the database. */
  readonly client: ClickHouseClient;
  /** Runs a query; rows as objects, 64-bit integers as strings. */
  rows<T>(sql: string, params?: Record<string, unknown>): Promise<T[]>;
  /** Drops the database and closes the client; happens by itself when the database was created inside a test. */
  drop(): Promise<void>;
}

/** Creates a database. In a test it is dropped when the test ends, in a `beforeAll` call {@link TestDatabase.drop} in `afterAll`. */
export async function createDatabase(
  server: TestStack['clickhouse'] = inject('stack').clickhouse,
): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const admin = adminClient(server, 'default');
  await admin.command({ query: `CREATE DATABASE ${name}` });
  await admin.close();
  const client = adminClient(server, name);
  const database: TestDatabase = {
    name,
    client,
    async rows<T>(sql: string, params: Record<string, unknown> = {}) {
      const result = await client.query({ query: sql, query_params: params, format: 'JSONEachRow' });
      return result.json<T>();
    },
    async drop() {
      await client.command({ query: `DROP DATABASE IF EXISTS ${name} SYNC` });
      await client.close();
    },
  };
  cleanUpLater(() => database.drop());
  return database;
}

function adminClient(server: TestStack['clickhouse'], database: string): ClickHouseClient {
  return createClient({
    url: server.url,
    username: server.user,
    password: server.password,
    database,
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 }, // load ids must not be rounded
    log: { level: ClickHouseLogLevel.OFF }, // tests provoke errors on purpose
  });
}
