/** The range, and the filters in force. */
import type { JSX } from 'preact';
import { addHours, parseHour, type HourRange } from '../../../domain/hour.ts';
import { PRESETS, type Preset } from '../../ranges.ts';
import type { Filter } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { Icon } from './icon.tsx';
import { Segments } from './segments.tsx';
import { filterName } from './value-name.tsx';

const PRESET_NAMES = Object.keys(PRESETS) as Preset[];

/** The toolbar; pending, it only takes its place. */
export function Toolbar({ isPending }: { readonly isPending: boolean }): JSX.Element {
  const { address, t, go, range, formats } = useApp();
  return (
    <section class={isPending ? 'toolbar pending' : 'toolbar'} aria-label={t('rangeAndFilters')}>
      <Segments
        label={t('range')}
        value={typeof address.range === 'string' ? address.range : undefined}
        choices={PRESET_NAMES.map((value) => ({ value, label: t(`range_${value}`) }))}
        onChoose={(preset) => {
          go({ range: preset, grain: undefined });
        }}
      />
      <Days />
      <span class="range-text">{t('rangeText', { from: formats.hour(range.from), to: formats.hour(range.to) })}</span>
      {address.view === 'overview' && <Filters />}
    </section>
  );
}

function Days(): JSX.Element {
  const { t, go, range, extent } = useApp();
  const first = range.from.slice(0, 10);
  const last = addHours(range.to, -1).slice(0, 10);
  const bounds = { min: extent.firstHour?.slice(0, 10), max: extent.lastCompleteHour.slice(0, 10) };
  const choose = (from: string, to: string): void => {
    const chosen = daysRange(from, to);
    if (chosen !== undefined) go({ range: chosen, grain: undefined });
  };
  return (
    <div class="days">
      <Day
        name={t('firstDay')}
        day={first}
        bounds={bounds}
        onChoose={(day) => {
          choose(day, last < day ? day : last);
        }}
      />
      <span aria-hidden="true">–</span>
      <Day
        name={t('lastDay')}
        day={last}
        bounds={bounds}
        onChoose={(day) => {
          choose(first > day ? day : first, day);
        }}
      />
    </div>
  );
}

/**
 * A day to choose. The browser's own field writes days as its user's settings say, 03/11 or 11/03, which readers of a page in another
 * language take for each other: it is seen only while it has the focus, and the day in the page's words otherwise.
 */
function Day(props: {
  readonly name: string;
  readonly day: string;
  readonly bounds: { readonly min: string | undefined; readonly max: string };
  readonly onChoose: (day: string) => void;
}): JSX.Element {
  const { formats } = useApp();
  return (
    <label class="day">
      <span class="unseen">{props.name}</span>
      <span class="day-words" aria-hidden="true">
        {formats.day(parseHour(`${props.day}T00`))} <Icon name="calendar" />
      </span>
      <input
        type="date"
        value={props.day}
        {...props.bounds}
        onChange={(event) => {
          props.onChoose(event.currentTarget.value);
        }}
      />
    </label>
  );
}

/** The hours of whole days, both included; undefined when a day is missing or cannot be meant. */
export function daysRange(firstDay: string, lastDay: string): HourRange | undefined {
  try {
    return { from: parseHour(`${firstDay}T00`), to: addHours(parseHour(`${lastDay}T00`), 24) };
  } catch {
    return undefined;
  }
}

function Filters(): JSX.Element {
  const app = useApp();
  const { address, t, go } = app;
  const drop = (left: readonly Filter[]): void => {
    go({ filters: left });
    // the button goes with its filter: who came by keyboard goes on with the figures
    document.getElementById('main')?.focus({ preventScroll: true });
  };
  return (
    <ul class="filters" aria-label={t('filters')}>
      {address.filters.map((filter) => {
        const name = filterName(app, filter);
        return (
          <li key={filter.dimension}>
            <button
              type="button"
              class="chip"
              title={t('dropFilter', { filter: name })}
              onClick={() => {
                drop(address.filters.filter((other) => other !== filter));
              }}
            >
              <span>{name}</span>
              <Icon name="close" />
              <span class="unseen">{t('dropFilter', { filter: '' })}</span>
            </button>
          </li>
        );
      })}
      {address.filters.length > 1 && (
        <li>
          <button
            type="button"
            class="link"
            onClick={() => {
              drop([]);
            }}
          >
            {t('dropAll')}
          </button>
        </li>
      )}
      {address.filters.length === 0 && <li class="hint">{t('clickFilters')}</li>}
    </ul>
  );
}
