/** Contract only for now: the line framer and the exact path are written against these. */

/** A line that could not become a row. */
export interface QuarantinedLine {
  /** 1-based number of the line in the entry; blank lines count. */
  readonly lineNumber: number;
  /** The line's bytes, cut at a limit. Invalid UTF-8 is kept as base64, marked by `encoding`. */
  readonly text: string;
  readonly encoding: 'utf8' | 'base64';
  /** Why, in one short phrase: 'not JSON: ...', 'missing field: click_id'. */
  readonly reason: string;
}
