/** What an error of the SDK or of a socket means in words of the domain. Names and status codes only: a server's text may hold anything. */
import { S3ServiceException } from '@aws-sdk/client-s3';
import { AccessError, ClickfeedError, ObjectChangedError, SetupError, UnavailableError } from '../../domain/errors.ts';

/** Codes of answers to requests that were signed at a wrong time. */
export const CLOCK_CODES: ReadonlySet<string> = new Set([
  'RequestTimeTooSkewed',
  'RequestExpired',
  'RequestInTheFuture',
]);
const REGION_CODES = new Set([
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'TemporaryRedirect',
  'IllegalLocationConstraintException',
]);
const TLS_CODES =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_(?:GET|VERIFY|DECRYPT)_|DEPTH_ZERO_SELF|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH)/;
const CREDENTIAL_ERRORS = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

/**
 * Classifies an error of a request.
 * @param action what was tried: 'read "year=.../geo_events.jsonl.zip"'
 * @param key set for reads of an object: 404 and 412 mean that it changed
 * @returns a domain error, or the error itself when it is one already
 */
export function toDomainError(error: unknown, action: string, key?: string): Error {
  if (error instanceof ClickfeedError) return error;
  if (!(error instanceof Error)) return new UnavailableError(`Cannot ${action}: S3 failed without an error`);
  const { name } = error;
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  const code = codeOf(error);
  const found = status === undefined ? code : `S3 answered ${status} ${printable(name)}`;
  if (CLOCK_CODES.has(name)) {
    return new AccessError(
      `Cannot ${action}: ${found}, the clock of this machine is wrong and could not be made up for`,
    );
  }
  if (key !== undefined && (status === 412 || status === 416 || (status === 404 && name !== 'NoSuchBucket'))) {
    return new ObjectChangedError(key, `Cannot ${action} as it was replaced or deleted since the listing: ${found}`);
  }
  if (name === 'NoSuchBucket' || status === 404)
    return new SetupError(`Cannot ${action}: ${found}, the bucket does not exist`);
  if (REGION_CODES.has(name) || (status !== undefined && status >= 300 && status < 400)) {
    return new AccessError(`Cannot ${action}: ${found}, the region or the endpoint is not the bucket's`);
  }
  if (status === 401 || status === 403)
    return new AccessError(`Cannot ${action}: ${found}, expected a key that may do this`);
  if (CREDENTIAL_ERRORS.has(name)) {
    return new AccessError(
      `Cannot ${action}: found no credentials, expected a key in the configuration or in the SDK's own places`,
    );
  }
  if (TLS_CODES.test(code)) {
    return new AccessError(
      `Cannot ${action}: the server's TLS certificate or protocol is not acceptable, found ${code}`,
    );
  }
  return new UnavailableError(`Cannot ${action}: ${found}`);
}

/** The code of a socket error, else the error's name. A failed connection to several addresses hides its code in the first of them. */
function codeOf(error: Error): string {
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: unknown };
  if (typeof code === 'string') return printable(code);
  const inner: unknown = Array.isArray(errors) ? errors[0] : cause;
  return inner instanceof Error && inner !== error ? codeOf(inner) : printable(error.name);
}

/** Error names come from the server: only letters, digits and a few signs are passed on. */
function printable(text: string): string {
  return text.replace(/[^\w.:-]/g, '?').slice(0, 80);
}
