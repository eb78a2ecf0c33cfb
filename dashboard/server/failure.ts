/** Errors as the page shows them. */
import {
  AccessError,
  ClickfeedError,
  ConfigError,
  InputError,
  SetupError,
  UnavailableError,
} from '../../domain/errors.ts';
import type { Failure } from '../wire.ts';

const STATUS_OF: Readonly<Record<Failure['kind'], number>> = {
  input: 400,
  access: 502,
  setup: 503,
  unavailable: 503,
  unexpected: 500,
};

/** The failure and the HTTP status for an error. Only our own errors' words are passed on: others may hold anything. */
export function failureOf(error: unknown): Failure & { readonly status: number } {
  const kind = kindOf(error);
  const message =
    error instanceof ClickfeedError ? error.message : 'Cannot answer: found an unexpected error, expected none';
  return { kind, message, status: STATUS_OF[kind] };
}

function kindOf(error: unknown): Failure['kind'] {
  if (error instanceof InputError) return 'input';
  if (error instanceof AccessError) return 'access';
  if (error instanceof SetupError || error instanceof ConfigError) return 'setup';
  if (error instanceof UnavailableError) return 'unavailable';
  return 'unexpected';
}
