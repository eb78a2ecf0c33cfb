import { Connection } from '@temporalio/client';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, inject, test } from 'vitest';
import { parseHour } from '../../domain/hour.ts';
import { createDatabase } from './clickhouse.ts';
import { createFeedPrefix, publishObject, rawS3 } from './s3.ts';

describe('the shared stack', () => {
  test('createDatabase() makes a database that takes rows', async () => {
    const database = await createDatabase();
    await database.client.command({ query: 'CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n' });
    await database.client.insert({ table: 't', values: [{ n: 1 }, { n: 2 }], format: 'JSONEachRow' });
    expect(await database.rows('SELECT sum(n) AS total FROM t WHERE n >= {least:UInt64}', { least: 2 })).toEqual([
      { total: '2' },
    ]);
  });

  test('the ClickHouse user default can do nothing', async () => {
    const { url } = inject('stack').clickhouse;
    const response = await fetch(url, {
      method: 'POST',
      body: 'SHOW DATABASES',
      headers: { 'X-ClickHouse-User': 'default' },
    });
    expect(await response.text()).toBe('');
    const create = await fetch(url, {
      method: 'POST',
      body: 'CREATE DATABASE x',
      headers: { 'X-ClickHouse-User': 'default' },
    });
    expect(await create.text()).toContain('ACCESS_DENIED');
  });

  test('the query log holds what was asked', async () => {
    const database = await createDatabase();
    await database.rows(`SELECT 1 AS looked_for FROM ${database.name}.t`).catch(() => undefined);
    await database.client.command({ query: 'SYSTEM FLUSH LOGS' });
    const found = await database.rows(
      'SELECT query FROM system.query_log WHERE current_database = {db:String} LIMIT 1',
      { db: database.name },
    );
    expect(found).toHaveLength(1);
  });

  test('publishObject() returns what a listing says', async () => {
    const prefix = createFeedPrefix();
    const object = await publishObject({
      prefix,
      table: 'geo_events',
      hour: parseHour('2024-05-01T13'),
      lines: ['{}'],
    });
    expect(object.key).toBe(`${prefix}year=2024/month=05/day=01/hour=13/geo_events.jsonl.zip`);
    const { bucket } = inject('stack').s3;
    const { Contents } = await rawS3().send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    expect(Contents).toHaveLength(1);
    expect(Contents?.[0]).toMatchObject({ Key: object.key, ETag: object.etag, Size: object.sizeBytes });
    expect(Contents?.[0]?.LastModified?.getTime()).toBe(object.modifiedMs);
  });

  test('Temporal knows the search attributes', async () => {
    const connection = await Connection.connect({ address: inject('stack').temporal.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(['ClickfeedTable', 'ClickfeedHour']));
    await connection.close();
  });
});
