/** Turns what @clickhouse/client throws into the closed set of errors: by code, never by the message's words. */
import { ClickHouseError } from '@clickhouse/client';
import {
  AccessError,
  ClickfeedError,
  NeedsExactPathError,
  OutcomeUnknownError,
  SetupError,
  UnavailableError,
} from '../../domain/errors.ts';

/** What was done when it failed: reading can be repeated, the outcome of a write may be unknown. */
export type Operation = 'read' | 'insert-rows' | 'insert-facts' | 'ddl';

// Numbers of src/Common/ErrorCodes.cpp.
const ACCESS_CODES = new Set([
  192, // UNKNOWN_USER
  193, // WRONG_PASSWORD
  194, // REQUIRED_PASSWORD
  497, // ACCESS_DENIED
  516, // AUTHENTICATION_FAILED
]);

const SETUP_CODES = new Set([
  8, // THERE_IS_NO_COLUMN
  16, // NO_SUCH_COLUMN_IN_TABLE
  44, // ILLEGAL_COLUMN
  46, // UNKNOWN_FUNCTION
  47, // UNKNOWN_IDENTIFIER
  60, // UNKNOWN_TABLE
  62, // SYNTAX_ERROR
  81, // UNKNOWN_DATABASE
  115, // UNKNOWN_SETTING
  452, // SETTING_CONSTRAINT_VIOLATION
]);

/** Codes that a line of JSON can cause, and nothing else in our INSERT. */
const REFUSED_LINE_CODES = new Set([
  6, // CANNOT_PARSE_TEXT
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  33, // CANNOT_READ_ALL_DATA
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA
  128, // TOO_LARGE_ARRAY_SIZE
  130, // CANNOT_READ_ARRAY_FROM_TEXT
  131, // TOO_LARGE_STRING_SIZE
  306, // TOO_DEEP_RECURSION
  376, // CANNOT_PARSE_UUID
  395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: our own doubt
  467, // CANNOT_PARSE_BOOL
]);

/** The server says so before it does anything: nothing is stored. */
const NOT_SENT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_INVALID_URL',
]);
const TLS_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Whether trying a read once more on a fresh connection is worth it: the server closed an idle one as we took it up. */
export function isStaleConnection(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * The error of ours for a failure of ClickHouse or of the way to it.
 * @param doing what was done, for the message: "insert rows of browser_events"
 */
export function classify(error: unknown, operation: Operation, doing: string): ClickfeedError {
  if (error instanceof ClickfeedError) return error;
  if (error instanceof ClickHouseError) return classifyServerError(error, operation, doing);
  const code = codeOf(error);
  if (code !== undefined && TLS_CODE.test(code)) {
    return new AccessError(`Cannot ${doing}: ClickHouse's certificate was not accepted (${code})`);
  }
  if (operation === 'read' || (code !== undefined && NOT_SENT_CODES.has(code))) {
    return new UnavailableError(`Cannot ${doing}: ClickHouse cannot be reached (${code ?? describe(error)})`);
  }
  return new OutcomeUnknownError(`Cannot tell whether it was done to ${doing}: ${code ?? describe(error)}`);
}

function classifyServerError(error: ClickHouseError, operation: Operation, doing: string): ClickfeedError {
  const code = Number(error.code);
  const name = `ClickHouse error ${error.code}${error.type === undefined ? '' : ` ${error.type}`}`;
  if (operation === 'insert-rows' && REFUSED_LINE_CODES.has(code)) {
    return new NeedsExactPathError(`Cannot ${doing}: ClickHouse refused a line, ${name}`);
  }
  if (ACCESS_CODES.has(code)) return new AccessError(`Cannot ${doing}: ${name}, ${firstSentence(error)}`);
  if (SETUP_CODES.has(code)) {
    return new SetupError(
      `Cannot ${doing}: ${name}, ${firstSentence(error)}; run "clickfeed setup" or "clickfeed doctor"`,
    );
  }
  // The message of other errors may quote data, so it stays out.
  return new UnavailableError(`Cannot ${doing}: ${name}`);
}

/** Names and rights that the server's message speaks of; it quotes statements and names, no data, for these codes. */
function firstSentence(error: ClickHouseError): string {
  return error.message
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300)
    .replace(/[.\s]+$/, '');
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A few words on an error without a code. A proxy's page (502, 504) is an Error whose message is HTML: only its size is told. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : 'no reason given';
  return /^[\w .,:-]{1,80}$/.test(message)
    ? message.replace(/\.$/, '')
    : `an answer of ${message.length} characters that is not ClickHouse's`;
}
