/** Text that goes into SQL. Values never do: they are query parameters. Only names, and comments of our own, pass here. */
import { InputError } from '../../domain/errors.ts';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/**
 * Quotes a database, table, column or user name; the only way by which a name reaches SQL.
 * @throws {InputError} when the name is not letters, digits and underscores
 */
export function quoteIdentifier(name: string): string {
  if (!IDENTIFIER.test(name)) {
    throw new InputError(
      `Cannot use ${JSON.stringify(name)} as a name in ClickHouse: expected letters, digits and underscores`,
    );
  }
  return `\`${name}\``;
}

/** Quotes text of our own (a column comment, a type, a table structure) as an SQL string. Not for values of the feed. */
export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Quotes names and joins them by commas. */
export function quoteList(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(', ');
}
