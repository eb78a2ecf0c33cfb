/** What the visitors look like and where those who buy come from: the part of the scorecard about the shop. */
import type { JSX } from 'preact';
import { DIMENSIONS, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import { METRICS } from '../../../domain/metrics/metrics.ts';
import { CONVERSION_DIMENSIONS, CONVERSION_ROWS } from '../../conversions.ts';
import type { Breakdown } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { CSV_ROWS, csvPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { CsvLink } from '../ui/csv-link.tsx';
import { FailureNote } from '../ui/failure-note.tsx';
import { ValueName } from '../ui/value-name.tsx';

/** The tables, side by side. */
export function Conversions(): JSX.Element {
  return (
    <div class="conversions">
      {CONVERSION_DIMENSIONS.map((dimension) => (
        <Conversion key={dimension} dimension={dimension} />
      ))}
    </div>
  );
}

function Conversion({ dimension }: { dimension: DimensionId }): JSX.Element {
  const { t, text, range } = useApp();
  const path = (limit: number): string => {
    const params = { from: range.from, to: range.to, dimension, family: 'sessions', limit: String(limit) };
    return `breakdown?${new URLSearchParams(params)}`;
  };
  const answer = useQuery<Breakdown>(path(CONVERSION_ROWS));
  const title = t('conversionBy', { dimension: text(DIMENSIONS[dimension].name) });
  return (
    <section class="panel" aria-label={title} aria-busy={answer.loading}>
      <header class="panel-head">
        <h3>{title}</h3>
        <div class="panel-controls">
          <CsvLink path={csvPath(path(CSV_ROWS))} of={title} />
        </div>
      </header>
      {answer.failure !== undefined && <FailureNote failure={answer.failure} />}
      {answer.failure === undefined && answer.data === undefined && <div class="skeleton" aria-hidden="true" />}
      {answer.data !== undefined && <ConversionTable breakdown={answer.data} />}
    </section>
  );
}

function ConversionTable({ breakdown }: { breakdown: Breakdown }): JSX.Element {
  const { text, formats } = useApp();
  return (
    <table class="figures">
      <thead>
        <tr>
          <th scope="col">{text(DIMENSIONS[breakdown.dimension].name)}</th>
          <th scope="col" class="number">
            {text(METRICS.sessions.name)}
          </th>
          <th scope="col" class="number">
            {text(METRICS.conversion.name)}
          </th>
        </tr>
      </thead>
      <tbody>
        {breakdown.rows.map(({ value, values }) => (
          <tr key={value ?? '\u{0}'}>
            <th scope="row">
              <ValueName dimension={breakdown.dimension} value={value} />
            </th>
            <td class="number">{formats.value(values.sessions, 'count')}</td>
            <td class="number">{formats.value(values.conversion, 'share')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
