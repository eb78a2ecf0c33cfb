/** What `clickfeed doctor` finds out, one finding per question. */

/** The answer to one question about a server. */
export interface Check {
  /** What was looked at: 'S3: reach', 'S3: rights to list'. */
  readonly subject: string;
  readonly ok: boolean;
  /** What was found, in one phrase. */
  readonly found: string;
  /** What to do when it is not ok. */
  readonly fix?: string;
}
