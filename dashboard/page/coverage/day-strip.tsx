/** All days of the feed, a square each, coloured by the worst of their hours; a click shows the month. */
import type { JSX } from 'preact';
import type { CoverageDay, CoverageState } from '../../../domain/coverage.ts';
import { parseHour } from '../../../domain/hour.ts';
import { useApp } from '../state/app.ts';

/** The worst first. */
const SEVERITY: readonly CoverageState[] = [
  'rejected',
  'not-loaded',
  'absent',
  'changed',
  'withdrawn',
  'cleared',
  'empty',
  'loaded',
];

/** The state that a day is shown in. */
export function worstState(day: CoverageDay): CoverageState {
  return SEVERITY.find((state) => (day.states[state] ?? 0) > 0) ?? 'not-loaded';
}

/** The strip, month by month. */
export function DayStrip(props: {
  readonly days: readonly CoverageDay[];
  readonly month: string;
  readonly onMonth: (month: string) => void;
}): JSX.Element {
  const { formats, t } = useApp();
  const months = new Map<string, CoverageDay[]>();
  for (const day of props.days) {
    const month = day.day.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), day]);
  }
  return (
    <ul class="months">
      {[...months].map(([month, days]) => {
        const cells = days.flatMap(({ states }) => Object.entries(states));
        const all = cells.reduce((sum, [, count]) => sum + count, 0);
        const loaded = cells.reduce((sum, [state, count]) => sum + (isThere(state) ? count : 0), 0);
        const share = formats.share(all === 0 ? 0 : loaded / all);
        return (
          <li key={month}>
            <button
              type="button"
              class="month-button"
              aria-pressed={month === props.month}
              onClick={() => {
                props.onMonth(month);
              }}
            >
              <span class="month-name">{formats.month(month)}</span>
              <span class="month-days" aria-hidden="true">
                {days.map((day) => (
                  <DaySquare key={day.day} day={day} />
                ))}
              </span>
              <span class="month-share">{t('monthLoaded', { share })}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Whether readers see rows of such an hour. */
function isThere(state: string): boolean {
  return state === 'loaded' || state === 'empty' || state === 'changed' || state === 'withdrawn';
}

function DaySquare({ day }: { day: CoverageDay }): JSX.Element {
  const { formats, t } = useApp();
  const worst = worstState(day);
  const words = SEVERITY.flatMap((state) => {
    const count = day.states[state];
    return count === undefined ? [] : [`${t(`state_${state}`)}: ${formats.count(count)}`];
  });
  if (day.quarantined > 0) words.push(t('quarantinedOf', { lines: formats.count(day.quarantined) }));
  return (
    <span
      class={`state ${worst}${day.quarantined > 0 ? ' with-quarantine' : ''}`}
      title={[formats.day(parseHour(`${day.day}T00`)), ...words].join('\n')}
    >
      {worst !== 'loaded' && (day.states.loaded ?? 0) > 0 && <span class="part" />}
    </span>
  );
}
