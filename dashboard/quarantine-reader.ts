/** The port through which operators see quarantined lines. Implemented by adapters/clickhouse/insight. */
import type { Hour } from '../domain/hour.ts';
import type { QuarantinedLine } from './wire.ts';

/** Reads the quarantined lines of an hour as the operator himself; the password is used once and not kept. */
export interface QuarantineReader {
  /**
   * The lines that belong to what readers see of the hour, at most `linesMost`.
   * @throws {AccessError} when the name, the password or the rights do not suffice
   */
  lines(
    hour: Hour,
    operator: { readonly user: string; readonly password: string },
    linesMost: number,
    signal: AbortSignal,
  ): Promise<readonly QuarantinedLine[]>;
}
