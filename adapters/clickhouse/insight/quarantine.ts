/** Quarantined lines for the pages: read as the operator himself, whose name and password come with each question. */
import { isTableName } from '../../../domain/catalogue.ts';
import { InputError } from '../../../domain/errors.ts';
import { hourStartMs } from '../../../domain/hour.ts';
import type { QuarantineReader } from '../../../dashboard/quarantine-reader.ts';
import type { QuarantinedLine } from '../../../dashboard/wire.ts';
import { ClickHouseServer, type ClickHouseConfig } from '../server.ts';

interface Row {
  readonly table_name: string;
  readonly object_key: string;
  readonly line: string;
  readonly reason: string;
  readonly text: string;
}

/** Longer lines are shown in part: the whole is in the table. */
const TEXT_CHARACTERS_MOST = 4_000;

/** Makes the reader. No connection is kept: each question has its own, as its operator. */
export function createQuarantineReader({
  url,
  database,
}: Pick<ClickHouseConfig, 'url' | 'database'>): QuarantineReader {
  return {
    async lines(hour, operator, linesMost, signal) {
      const server = new ClickHouseServer({ url, database, ...operator, maxOpenConnections: 1 });
      try {
        const rows = await server.query<Row>({
          sql: `SELECT toString(table_name) AS table_name, object_key, line_number AS line, toString(reason) AS reason,
              leftUTF8(text, {characters:UInt32}) AS text
            FROM ${server.name('quarantine')} AS q
            WHERE hour = toDateTime({hour:UInt32}, 'UTC')
              AND load_id IN (SELECT load_id FROM ${server.name('current_loads')} WHERE hour = toDateTime({hour:UInt32}, 'UTC'))
            ORDER BY q.table_name, q.line_number LIMIT {lines:UInt32}`,
          doing: 'read the quarantined lines',
          parameters: { hour: hourStartMs(hour) / 1000, lines: linesMost, characters: TEXT_CHARACTERS_MOST },
          signal,
        });
        return rows.map((row) => lineOf(row, hour));
      } finally {
        await server.close();
      }
    },
  };
}

function lineOf(row: Row, hour: QuarantinedLine['hour']): QuarantinedLine {
  const { table_name: table, object_key: key, line, reason, text } = row;
  if (!isTableName(table))
    throw new InputError(`Cannot show a line of ${JSON.stringify(table)}: expected a known table`);
  return { table, hour, key, line: Number(line), reason, text };
}
