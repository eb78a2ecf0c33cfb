/** Quarantined lines of the loads that readers see, for the operator. */
import { isTableName, type TableName } from '../../../domain/catalogue.ts';
import { hourAt, type Hour, type HourRange } from '../../../domain/hour.ts';
import { hourInRange, rangeParameters } from '../rows.ts';
import type { ClickHouseServer } from '../server.ts';

/** The quarantined lines of one object. */
export interface QuarantinedObject {
  readonly table: TableName;
  readonly hour: Hour;
  readonly lines: number;
}

/** One line as it came. */
export interface KeptLine {
  readonly table: TableName;
  readonly lineNumber: number;
  readonly reason: string;
  readonly encoding: string;
  readonly text: string;
}

/** Objects with quarantined lines, oldest first. Needs no right to see the lines. */
export async function listQuarantine(
  server: ClickHouseServer,
  tables: readonly TableName[],
  range: HourRange,
  signal: AbortSignal,
): Promise<QuarantinedObject[]> {
  const rows = await server.query<{ name: string; hour_s: number; lines: string }>({
    sql: `SELECT toString(table_name) AS name, toUnixTimestamp(hour) AS hour_s, count() AS lines
      FROM ${server.name('quarantine')} WHERE ${visible(server)}
      GROUP BY name, hour_s ORDER BY hour_s, name`,
    doing: 'list quarantined lines',
    parameters: { tables: [...tables], ...rangeParameters(range) },
    signal,
  });
  return rows.flatMap(({ name, hour_s, lines }) =>
    isTableName(name) ? [{ table: name, hour: hourAt(hour_s * 1000), lines: Number(lines) }] : [],
  );
}

/** The lines of an hour, at most `limit`. @throws {AccessError} when the user may not see them */
export async function readQuarantine(
  server: ClickHouseServer,
  tables: readonly TableName[],
  range: HourRange,
  limit: number,
  signal: AbortSignal,
): Promise<KeptLine[]> {
  const rows = await server.query<{ name: string; line: string; why: string; enc: string; raw: string }>({
    sql: `SELECT toString(table_name) AS name, line_number AS line, toString(reason) AS why, toString(encoding) AS enc, text AS raw
      FROM ${server.name('quarantine')} WHERE ${visible(server)}
      ORDER BY hour, name, line_number LIMIT {limit:UInt32}`,
    doing: 'read quarantined lines',
    parameters: { tables: [...tables], ...rangeParameters(range), limit },
    signal,
  });
  return rows.flatMap(({ name, line, why, enc, raw }) =>
    isTableName(name) ? [{ table: name, lineNumber: Number(line), reason: why, encoding: enc, text: raw }] : [],
  );
}

/** SQL that is true for the lines asked for. */
function visible(server: ClickHouseServer): string {
  return `has({tables:Array(String)}, table_name)
    AND ${hourInRange()}
    AND load_id IN (SELECT load_id FROM ${server.name('current_loads')})`;
}
