/** A month hour by hour: days down, hours across, the tables side by side in each cell. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { CoverageCell } from '../../../domain/coverage.ts';
import { addHours, parseHour, type Hour } from '../../../domain/hour.ts';
import { useApp, type App } from '../state/app.ts';
import { HOURS } from '../charts/week-cells.ts';

/** Hours that an arrow key moves by. */
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -24, ArrowDown: 24 };

/** The grid. One cell is in the tab order; the arrow keys move between them. */
export function MonthGrid(props: {
  readonly cells: readonly CoverageCell[];
  readonly onOpen: (hour: Hour) => void;
}): JSX.Element {
  const { t } = useApp();
  const grid = useRef<HTMLTableElement>(null);
  const hours = cellsByHour(props.cells);
  const days = [...new Set([...hours.keys()].map((hour) => hour.slice(0, 10)))].sort().reverse();
  const newest = [...hours.keys()].at(-1);
  const [focused, setFocused] = useState<Hour | undefined>(undefined);
  const inTabOrder = focused !== undefined && hours.has(focused) ? focused : newest;
  const move = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined || inTabOrder === undefined) return;
    event.preventDefault();
    // newer days stand above, so up means later
    const target = addHours(inTabOrder, Math.abs(step) === 24 ? -step : step);
    const button = grid.current?.querySelector<HTMLButtonElement>(`[data-hour="${target}"]`);
    button?.focus();
  };
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('coverageGrid')}>
      <table ref={grid} class="month" role="grid" onKeyDown={move}>
        <thead>
          <tr>
            <th scope="col">{t('day')}</th>
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                {String(hour).padStart(2, '0')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <DayRow
              key={day}
              day={day}
              hours={hours}
              inTabOrder={inTabOrder}
              onFocus={setFocused}
              onOpen={props.onOpen}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellsByHour(cells: readonly CoverageCell[]): Map<Hour, CoverageCell[]> {
  const hours = new Map<Hour, CoverageCell[]>();
  for (const cell of cells) {
    const list = hours.get(cell.hour);
    if (list) list.push(cell);
    else hours.set(cell.hour, [cell]);
  }
  return hours;
}

function DayRow(props: {
  readonly day: string;
  readonly hours: ReadonlyMap<Hour, readonly CoverageCell[]>;
  readonly inTabOrder: Hour | undefined;
  readonly onFocus: (hour: Hour) => void;
  readonly onOpen: (hour: Hour) => void;
}): JSX.Element {
  const app = useApp();
  const midnight = parseHour(`${props.day}T00`);
  return (
    <tr>
      <th scope="row">{app.formats.tick(midnight, 'day')}</th>
      {HOURS.map((offset) => {
        const hour = addHours(midnight, offset);
        const cells = props.hours.get(hour);
        if (cells === undefined) return <td key={hour} class="outside" />;
        const label = cellLabel(app, hour, cells);
        return (
          <td key={hour}>
            <button
              type="button"
              class="hour"
              data-hour={hour}
              tabIndex={hour === props.inTabOrder ? 0 : -1}
              aria-label={label}
              title={label}
              onFocus={() => {
                props.onFocus(hour);
              }}
              onClick={() => {
                props.onOpen(hour);
              }}
            >
              {cells.map(({ table, state, quarantined }) => (
                <span key={table} class={`state ${state}${quarantined > 0 ? ' with-quarantine' : ''}`} />
              ))}
            </button>
          </td>
        );
      })}
    </tr>
  );
}

/** All that a cell shows, in words. */
function cellLabel(app: App, hour: Hour, cells: readonly CoverageCell[]): string {
  const { t, formats } = app;
  const said = cells.map(({ table, state, rows, quarantined }) => {
    const figures = [t('rowsOf', { rows: formats.count(rows) })];
    if (quarantined > 0) figures.push(t('quarantinedOf', { lines: formats.count(quarantined) }));
    return `${table}: ${t(`state_${state}`)}, ${figures.join(', ')}`;
  });
  return [formats.hour(hour), ...said].join('\n');
}
