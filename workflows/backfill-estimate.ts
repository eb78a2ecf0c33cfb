/** What a backfill would do, before it does it. */
import { ApplicationFailure, setCurrentDetails } from '@temporalio/workflow';
import type { BackfillPlan } from '../domain/backfill.ts';
import {
  addSurveys,
  estimate,
  FREE_DISK_FACTOR,
  storedBytesOfRange,
  type BackfillEstimate,
  type RangeSurvey,
} from '../domain/estimate.ts';
import { addHours } from '../domain/hour.ts';
import { storageFacts, surveyRange } from './operations-activities.ts';
import { SURVEY_HOURS } from './policy.ts';

/** Surveys the range piece by piece and estimates; nothing is written. */
export async function estimateBackfill({ from, to, tables, mode }: BackfillPlan): Promise<BackfillEstimate> {
  setCurrentDetails('**Dry run: listing the bucket**');
  let survey: RangeSurvey = {};
  for (let start = from; start < to; start = addHours(start, SURVEY_HOURS)) {
    const end = addHours(start, SURVEY_HOURS) < to ? addHours(start, SURVEY_HOURS) : to;
    const piece = await surveyRange.executeWithOptions({ summary: `${start} to ${end}` }, [
      { from: start, to: end, tables, mode },
    ]);
    survey = addSurveys(survey, piece);
  }
  return estimate(survey, await storageFacts({ from, to, tables }));
}

/**
 * Old and new rows of a range that is loaded once more lie side by side until the next sweep.
 * @throws {ApplicationFailure} FreeDiskTooSmall
 */
export async function requireFreeDisk({ from, to, tables }: BackfillPlan): Promise<void> {
  const facts = await storageFacts({ from, to, tables });
  const wantedBytes = Math.ceil(storedBytesOfRange(facts) * FREE_DISK_FACTOR);
  if (facts.freeDiskBytes >= wantedBytes) return;
  throw ApplicationFailure.nonRetryable(
    `Cannot start backfill in mode all: found ${facts.freeDiskBytes} bytes of free disk, expected ${wantedBytes} ` +
      `(${FREE_DISK_FACTOR} times what the range takes); free some, narrow the range, or set "force"`,
    'FreeDiskTooSmall',
  );
}
