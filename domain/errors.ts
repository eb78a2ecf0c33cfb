/**
 * The closed set of errors. Whether trying again can help is decided by the class, nowhere else:
 * `NON_RETRYABLE_ERROR_NAMES` is derived from here and given to every Temporal retry policy.
 * Message grammar: action first, a colon, then what was found and what was expected; no full stop, no secret.
 */

/** Base of every error that clickfeed raises itself. */
export abstract class ClickfeedError extends Error {
  /** Whether the same call may succeed later without anyone doing anything. */
  abstract readonly retryable: boolean;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Thrown when what the user gave (workflow input, CLI argument) cannot be meant. */
export class InputError extends ClickfeedError {
  readonly retryable = false;
}

/** Thrown when the configuration is wrong. Carries every problem found, not just the first. */
export class ConfigError extends ClickfeedError {
  readonly retryable = false;
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Thrown when a server refuses who we are or what we may do. */
export class AccessError extends ClickfeedError {
  readonly retryable = false;
}

/** Thrown when a server answers but is not as `clickfeed setup` leaves it: too old, a table missing or altered. */
export class SetupError extends ClickfeedError {
  readonly retryable = false;
}

/** Thrown when S3, ClickHouse or Temporal cannot be reached, is overloaded or answers wrongly for now. */
export class UnavailableError extends ClickfeedError {
  readonly retryable = true;
}

/** Thrown when it is not known whether a write took effect, for example as the connection died after the last byte. */
export class OutcomeUnknownError extends ClickfeedError {
  readonly retryable = true;
}

/** Thrown when an object was replaced or deleted between the listing and a read (412, 404): list again. */
export class ObjectChangedError extends ClickfeedError {
  readonly retryable = true;
  readonly key: string;
  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/** Thrown when stored rows do not agree with the lines read; the load is abandoned, a new one may be right. */
export class VerificationError extends ClickfeedError {
  readonly retryable = true;
}

/** Thrown when the commit came after the attempt's deadline, or its load was abandoned meanwhile. */
export class CommitRefusedError extends ClickfeedError {
  readonly retryable = true;
}

/** Thrown when a truncation that the run had not seen covers what it loads: the operator's word counts. */
export class TruncatedMeanwhileError extends ClickfeedError {
  readonly retryable = false;
}

export const REJECTION_REASONS = [
  'archive-broken', // not a zip, truncated, sizes lie, multi-disk, bad gzip or zstd stream
  'archive-encrypted',
  'archive-unsupported', // compression method
  'archive-oversized', // over a cap: entries, entry size, ratio
  'entry-missing', // no entry of the exact name
  'entry-ambiguous', // the exact name twice, or other entries beside it
  'entry-unsafe-name', // ../, absolute, NUL
  'crc-mismatch',
  'not-an-archive', // zero bytes, HTML or XML in place of the archive
  'too-many-bad-lines',
  'line-oversized',
  'server-refused', // ClickHouse refuses what we found valid
] as const;

/** Why an object was rejected. */
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** Thrown when the object itself is broken: not tried again until it changes or is asked for. */
export class ObjectRejectedError extends ClickfeedError {
  readonly retryable = false;
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Thrown inside a load when the fast path cannot vouch for a line: the object goes through the exact path. Never leaves an activity. */
export class NeedsExactPathError extends ClickfeedError {
  readonly retryable = true;
}

/** Thrown inside a load when an object begins with a field that nobody declared: it goes through the lifted path. Never leaves an activity. */
export class NeedsLiftedPathError extends ClickfeedError {
  readonly retryable = true;
}

const ALL_ERRORS = [
  InputError,
  ConfigError,
  AccessError,
  SetupError,
  UnavailableError,
  OutcomeUnknownError,
  ObjectChangedError,
  VerificationError,
  CommitRefusedError,
  TruncatedMeanwhileError,
  ObjectRejectedError,
  NeedsExactPathError,
  NeedsLiftedPathError,
];

const RETRYABLE_BY_NAME: Record<string, boolean> = Object.fromEntries(
  ALL_ERRORS.map((errorClass) => [errorClass.name, isRetryableClass(errorClass)]),
);

/** Names of the classes after which Temporal must not retry. */
export const NON_RETRYABLE_ERROR_NAMES: readonly string[] = Object.entries(RETRYABLE_BY_NAME)
  .filter(([, retryable]) => !retryable)
  .map(([name]) => name);

function isRetryableClass(errorClass: (typeof ALL_ERRORS)[number]): boolean {
  const sample: ClickfeedError = Reflect.construct(errorClass, [[], '']) as ClickfeedError;
  return sample.retryable;
}
