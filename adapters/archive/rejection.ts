/** How this adapter says that an object is broken. */
import { ObjectRejectedError, type RejectionReason } from '../../domain/errors.ts';

/** The error for an object that is broken in itself; `found` goes on after the colon. */
export function rejected(reason: RejectionReason, key: string, found: string): ObjectRejectedError {
  return new ObjectRejectedError(reason, `Cannot unpack ${JSON.stringify(key)}: ${found}`);
}

/** The text of a library's error, made to fit ours: no final full stop, no control characters, not too long. */
export function libraryText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/\p{Cc}/gu, '?')
    .replace(/\.$/, '')
    .slice(0, 200);
}

/** A name out of an archive, fit for a message. */
export function quotedName(name: string): string {
  return JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);
}
