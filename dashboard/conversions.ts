/** What the scorecard tells of the visitors, besides its lines: who they are and which of them buy. Shared by page and server. */
import type { DimensionId } from '../domain/metrics/dimensions.ts';

/** The dimensions that sessions and conversion are broken down by. */
export const CONVERSION_DIMENSIONS: readonly DimensionId[] = ['source', 'device', 'country', 'visitor_kind'];

/** Values of each, the most sessions first. */
export const CONVERSION_ROWS = 5;
