/** What goes between server and page beside the reader's own types. Types only. */
import type { TableName } from '../domain/catalogue.ts';
import type { Hour } from '../domain/hour.ts';
import type { ScorecardUnit } from '../domain/metrics/scorecard.ts';
import type { Text } from '../domain/metrics/text.ts';
import type { Breakdown, JudgedLine, QueryProgress, Scorecard } from './reader.ts';

/** One line of an answer: any number of `progress`, then one `data` or one `error`. */
export type AnswerLine<T> = { readonly progress: QueryProgress } | { readonly data: T } | { readonly error: Failure };

/** Why there is no answer. */
export interface Failure {
  /** One sentence; holds no secret. */
  readonly message: string;
  /**
   * What the page advises: `input`: correct the address; `access` and `setup`: ask who runs the service;
   * `unavailable`: try again later; `unexpected`: a defect.
   */
  readonly kind: 'input' | 'access' | 'setup' | 'unavailable' | 'unexpected';
}

/** What the page knows besides the figures. */
export interface Surroundings {
  readonly version: string;
  /** Base address of Temporal's Web UI, and the namespace; undefined: no links to runs. */
  readonly temporalUi?: { readonly url: string; readonly namespace: string };
  /** Whether quarantined lines can be asked for with an operator's name and password. */
  readonly quarantine: boolean;
  /** The feed's first hour by configuration: the coverage begins with it. */
  readonly feedStart?: Hour;
}

/** A judged line with its words, for those who read the file without the page. */
export interface ExportedLine extends JudgedLine {
  readonly name: Text;
  readonly meaning: Text;
  readonly unit: ScorecardUnit;
  /** What the line should be. */
  readonly expected: Text;
  /** What was found. */
  readonly reason: Text;
}

/** The scorecard as it is exported: what was judged, by which thresholds and why, what the visitors look like, and the proof. */
export interface ScorecardExport extends Scorecard {
  readonly product: string;
  readonly exportedAt: string;
  readonly lines: readonly ExportedLine[];
  /** Sessions and conversion by source, device and so on. */
  readonly visitors: readonly Breakdown[];
}

/** A line that could not become a row, as shown to an operator. */
export interface QuarantinedLine {
  readonly table: TableName;
  readonly hour: Hour;
  readonly key: string;
  /** 1 for the first line of the object. */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

/** The question for quarantined lines; sent as the body of a POST, so that the password stands in no address. */
export interface QuarantineRequest {
  readonly hour: Hour;
  readonly user: string;
  readonly password: string;
}
