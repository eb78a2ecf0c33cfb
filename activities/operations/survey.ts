/** The activity `surveyRange`: what a backfill would do, hour by hour, without doing it. */
import type { TableName } from '../../domain/catalogue.ts';
import { addSurveys, type RangeSurvey, type TableSurvey } from '../../domain/estimate.ts';
import { dayFolder, readKey, type FeedObject } from '../../domain/feed-object.ts';
import { daysOf, hoursOf, parseHour, type Hour, type HourRange } from '../../domain/hour.ts';
import type { LoadMode } from '../../domain/loading.ts';
import { planHour } from '../../domain/plan.ts';
import { runAttempt } from '../attempt.ts';
import type { Ledger, ObjectStore } from '../ports.ts';
import type { OperationsActivities, TableRange } from './api.ts';

/** What a survey looks at. */
interface SurveyPorts {
  readonly store: ObjectStore;
  readonly ledger: Ledger;
}

/** Builds the activity over its ports. */
export function createSurveyRange(ports: SurveyPorts): OperationsActivities['surveyRange'] {
  return ({ from, to, tables, mode }) => {
    const progress = { day: from };
    return runAttempt(
      () => ({ ...progress }),
      async ({ signal }) => {
        let survey: RangeSurvey = {};
        for (const day of daysOf({ from: parseHour(from), to: parseHour(to) })) {
          progress.day = day.from;
          survey = addSurveys(survey, await surveyDay(ports, { ...day, tables }, mode, signal));
        }
        return survey;
      },
    );
  };
}

async function surveyDay(
  { store, ledger }: SurveyPorts,
  day: TableRange,
  mode: LoadMode,
  signal: AbortSignal,
): Promise<RangeSurvey> {
  // The ledger first, the bucket second: planHour() depends on this order.
  const states = new Map<TableName, Awaited<ReturnType<Ledger['state']>>>();
  for (const table of day.tables) states.set(table, await ledger.state(table, day, signal));
  const objects = await listDay(store, day, signal);
  const surveys = day.tables.map((table) => {
    const survey = { load: 0, loadSizeBytes: 0, unchanged: 0, absent: 0, rejected: 0, ambiguous: 0 };
    for (const hour of hoursOf(day)) {
      const found = objects.get(`${table}/${hour}`) ?? [];
      count(survey, planHour(hour, found, states.get(table)?.hours.get(hour), { mode, fillCleared: true }));
    }
    return [table, survey] as const;
  });
  return Object.fromEntries(surveys);
}

type Counts = { -readonly [K in keyof TableSurvey]: number };

function count(survey: Counts, decision: ReturnType<typeof planHour>): void {
  if (decision.action === 'load') {
    survey.load += 1;
    survey.loadSizeBytes += decision.object.sizeBytes;
  } else if (decision.outcome !== 'cleared') {
    survey[decision.outcome] += 1;
  }
}

async function listDay(store: ObjectStore, day: HourRange, signal: AbortSignal): Promise<Map<string, FeedObject[]>> {
  const objects = new Map<string, FeedObject[]>();
  for await (const listed of store.list(store.feedPrefix + dayFolder(day.from), signal)) {
    const object = readKey(store.feedPrefix, listed);
    if (object === undefined) continue;
    const place: `${TableName}/${Hour}` = `${object.table}/${object.hour}`;
    objects.set(place, [...(objects.get(place) ?? []), object]);
  }
  return objects;
}
