/** One way in which something goes wrong, what it must lead to, and the tests that show it. docs/reliability.md is made of these. */
export interface FaultCase {
  /** 1 to 103; tests carry it in their names. */
  readonly number: number;
  readonly what: string;
  readonly outcome: string;
  /**
   * - `shown`: by the tests named
   * - `in part`: the note says what is missing
   * - `not shown`: no test yet; the note says why
   * - `not here`: cannot be made with the embedded servers; the note says why
   */
  readonly state: 'shown' | 'in part' | 'not shown' | 'not here';
  /** Each `file: name of the test`, the name as it stands in the file. */
  readonly shownBy: readonly string[];
  readonly note?: string;
}

/** Cases that belong together. */
export interface CaseSection {
  readonly title: string;
  readonly cases: readonly FaultCase[];
}
