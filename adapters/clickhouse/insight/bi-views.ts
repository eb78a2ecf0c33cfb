/** The views for BI tools: a star of page views, what is derived from sessions beside it, and their dimensions. Nothing personal. */
import { quoteIdentifier, quoteString } from '../sql.ts';
import type { Namer } from '../views.ts';
import type { BiView } from './bi-columns.ts';
import { BI_DIMENSIONS } from './bi-dimensions.ts';
import { BI_FACTS } from './bi-facts.ts';

export type { BiColumn, BiType, BiView } from './bi-columns.ts';

/** All BI views, facts first. */
export const BI_VIEWS: readonly BiView[] = [...BI_FACTS, ...BI_DIMENSIONS];

/** DDL of a BI view. */
export function biViewDdl(name: Namer, view: BiView): string {
  const list = view.columns.map(
    (each) => `${quoteIdentifier(each.name)} ${each.type} COMMENT ${quoteString(each.comment)}`,
  );
  // Numbered, as an alias must not hide a column that another expression reads; the list above names the result by position.
  const inner = view.columns.map((each, index) => `${each.sql} AS c${index}`);
  const outer = view.columns.map((each, index) => `c${index} AS ${quoteIdentifier(each.name)}`);
  return `CREATE OR REPLACE VIEW ${name(view.name)} (
    ${list.join(',\n    ')}
) SQL SECURITY INVOKER AS
SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${view.from(name)})
COMMENT ${quoteString(view.comment)}`;
}
