/** How much of a bucket of a time chart shows all that happened. Pure. */
import type { Basis } from '../../reader.ts';

/** Share of the bucket's hours, 0 to 1, that are missing, pending, incomplete, to be built again or partly quarantined. */
export function hatchedShare({ hours, hoursComplete }: Basis): number {
  return hours === 0 ? 0 : Math.max(0, hours - hoursComplete) / hours;
}

/** Whether a bucket does not show all that happened. */
export function isIncomplete(basis: Basis): boolean {
  return hatchedShare(basis) > 0;
}
