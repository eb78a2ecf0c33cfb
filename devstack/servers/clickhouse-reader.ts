/** The user as whom the pages read in the embedded ClickHouse: the least rights of the role `reader`, nothing personal among them. */
import { grantsOf } from '../../adapters/clickhouse/index.ts';
import { PROFILE_LOCKS, PROFILE_SETTINGS } from '../../adapters/clickhouse/settings.ts';
import { quoteIdentifier } from '../../adapters/clickhouse/sql.ts';
import type { LimitedUser } from './clickhouse-config.ts';

/** Not named as the role clickfeed_reader, which GRANT would mistake for it. */
const READER_USER = 'reader';

/**
 * The reader of a database, which need not be there yet.
 * @throws {InputError} when the database's name is no name
 */
export function readerUser(database: string, password: string): LimitedUser {
  const name = (table: string): string => `${quoteIdentifier(database)}.${quoteIdentifier(table)}`;
  const grants = grantsOf('reader', name, database).map(({ rights, on }) => `GRANT ${rights} ON ${on}`);
  return { name: READER_USER, password, grants, settings: PROFILE_SETTINGS, locks: PROFILE_LOCKS };
}
