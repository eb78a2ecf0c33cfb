/**
 * Whether an answer has all its rows. ClickHouse keeps an answer back in a temporary file until the query has ended; when the disk is
 * full (seen with 26.7) it sends 200 and what fitted into the file, down to nothing, and says no word of it. An empty ledger would then
 * be read from a full one. The summary in the header counts the rows of the result itself.
 */
import { UnavailableError } from '../../domain/errors.ts';

const SUMMARY_HEADER = 'x-clickhouse-summary';

/** Headers of an answer as @clickhouse/client gives them. */
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** @throws {UnavailableError} when the server counted more or fewer rows than came, or its summary is missing */
export function requireAllRows(foundRows: number, headers: Headers, doing: string): void {
  const expectedRows = summaryRows(headers[SUMMARY_HEADER]);
  if (expectedRows === foundRows) return;
  const expected = expectedRows === undefined ? 'a summary in its header' : `${expectedRows} rows`;
  throw new UnavailableError(
    `Cannot ${doing}: the answer is not whole, found ${foundRows} rows, expected ${expected}; is the disk of ClickHouse full?`,
  );
}

function summaryRows(summary: string | string[] | undefined): number | undefined {
  if (typeof summary !== 'string') return undefined;
  try {
    const { result_rows: rows } = JSON.parse(summary) as { readonly result_rows?: unknown };
    return typeof rows === 'string' && /^\d+$/.test(rows) ? Number(rows) : undefined;
  } catch {
    return undefined;
  }
}
