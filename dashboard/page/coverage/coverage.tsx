/** The coverage: what became of every hour of every table. */
import type { JSX } from 'preact';
import { COVERAGE_STATES, type CoverageDay } from '../../../domain/coverage.ts';
import { addHours, parseHour, type Hour, type HourRange } from '../../../domain/hour.ts';
import { resolveRange } from '../../ranges.ts';
import type { CoverageGrid, Extent } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { csvPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { Definition } from '../ui/definition.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { PrintHead } from '../ui/print-head.tsx';
import { DayStrip } from './day-strip.tsx';
import { HourDialog } from './hour-dialog.tsx';
import { MonthGrid } from './month-grid.tsx';

/** The view: all days in a strip, one month hour by hour, and the details of an hour. */
export function Coverage(): JSX.Element {
  const app = useApp();
  const { t, formats, address, extent, go, surroundings } = app;
  const whole = wholeFeed(extent, surroundings.feedStart);
  const month = address.month ?? addHours(resolveRange('all', extent).to, -1).slice(0, 7);
  const shown = monthRange(month, whole);
  const query = (range: HourRange): string => new URLSearchParams({ from: range.from, to: range.to }).toString();
  const daysPath = `coverage-days?${query(whole)}`;
  const days = useQuery<CoverageDay[]>(daysPath);
  const gridPath = `coverage?${query(shown)}`;
  const grid = useQuery<CoverageGrid>(gridPath);
  const goMonth = (to: string): void => {
    go({ month: to }, 'replace');
  };
  return (
    <div class="grid">
      <PrintHead of={whole} />
      <Panel
        id="days"
        title={t('coverageDays')}
        answer={days}
        csv={csvPath(daysPath)}
        isEmpty={(rows) => rows.length === 0}
      >
        {(rows) => <DayStrip days={rows} month={month} onMonth={goMonth} />}
      </Panel>
      <Panel
        id="hours"
        title={t('coverageHours', { month: formats.month(month) })}
        answer={grid}
        csv={csvPath(gridPath)}
        isEmpty={({ cells }) => cells.length === 0}
        help={
          <Definition of={t('coverage')} note={t('coverageMeans')}>
            <StateMeanings />
          </Definition>
        }
        controls={<MonthButtons month={month} whole={whole} onMonth={goMonth} />}
      >
        {({ cells }) => (
          <>
            <Legend />
            <MonthGrid
              cells={cells}
              onOpen={(hour) => {
                go({ hour });
              }}
            />
          </>
        )}
      </Panel>
      {address.hour !== undefined && (
        <HourDialog
          hour={address.hour}
          onClose={() => {
            go({ hour: undefined });
          }}
        />
      )}
    </div>
  );
}

/** From the feed's start, or its first hour, to the newest hour that has ended. */
function wholeFeed({ firstHour, lastCompleteHour }: Extent, feedStart: Hour | undefined): HourRange {
  const to = addHours(lastCompleteHour, 1);
  const first = [feedStart, firstHour].filter((hour) => hour !== undefined).sort()[0];
  return { from: first !== undefined && first < to ? first : addHours(to, -24), to };
}

/** The hours of a month that lie in the feed. */
function monthRange(month: string, whole: HourRange): HourRange {
  const from = parseHour(`${month}-01T00`);
  const to = parseHour(`${addHours(from, 32 * 24).slice(0, 7)}-01T00`);
  const clipped = { from: from > whole.from ? from : whole.from, to: to < whole.to ? to : whole.to };
  return clipped.from < clipped.to ? clipped : { from, to };
}

function MonthButtons(props: {
  readonly month: string;
  readonly whole: HourRange;
  readonly onMonth: (month: string) => void;
}): JSX.Element {
  const { t } = useApp();
  const first = parseHour(`${props.month}-01T00`);
  const before = addHours(first, -24).slice(0, 7);
  const after = addHours(first, 32 * 24).slice(0, 7);
  const button = (month: string, label: string, icon: 'left' | 'right', isThere: boolean): JSX.Element => (
    <button
      type="button"
      class="button quiet"
      disabled={!isThere}
      title={label}
      onClick={() => {
        props.onMonth(month);
      }}
    >
      <Icon name={icon} />
      <span class="unseen">{label}</span>
    </button>
  );
  return (
    <>
      {button(before, t('monthBefore'), 'left', before >= props.whole.from.slice(0, 7))}
      {button(after, t('monthAfter'), 'right', after <= addHours(props.whole.to, -1).slice(0, 7))}
    </>
  );
}

/** What each word of the legend means, for those who cannot point at it too. */
function StateMeanings(): JSX.Element {
  const { t } = useApp();
  return (
    <dl class="meanings">
      {COVERAGE_STATES.map((state) => (
        <div key={state}>
          <dt>
            <span class={`state ${state}`} aria-hidden="true" /> {t(`state_${state}`)}
          </dt>
          <dd>{t(`meaning_${state}`)}</dd>
        </div>
      ))}
      <div>
        <dt>
          <span class="state loaded with-quarantine" aria-hidden="true" /> {t('withQuarantine')}
        </dt>
        <dd>{t('quarantinedMeans')}</dd>
      </div>
    </dl>
  );
}

function Legend(): JSX.Element {
  const { t } = useApp();
  return (
    <ul class="state-legend">
      {COVERAGE_STATES.map((state) => (
        <li key={state} title={t(`meaning_${state}`)}>
          <span class={`state ${state}`} aria-hidden="true" />
          {t(`state_${state}`)}
        </li>
      ))}
      <li title={t('quarantinedMeans')}>
        <span class="state loaded with-quarantine" aria-hidden="true" />
        {t('withQuarantine')}
      </li>
    </ul>
  );
}
