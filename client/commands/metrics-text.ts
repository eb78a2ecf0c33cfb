/** What `clickfeed metrics` says to people. */
import type { Basis, Breakdown, Funnel, MetricValues, PanelQuery, Products } from '../../dashboard/reader.ts';
import { writeFilter } from '../../dashboard/address.ts';
import { grouped } from '../../domain/digits.ts';
import { DIMENSION_IDS, DIMENSIONS, LEVEL_MEANINGS, type DimensionId } from '../../domain/metrics/dimensions.ts';
import { isMetricId, METRIC_IDS, METRICS, type MetricId, type MetricUnit } from '../../domain/metrics/metrics.ts';
import { FUNNEL, FUNNEL_STEPS } from '../../domain/metrics/pages.ts';
import { printable } from '../../domain/printable.ts';
import { textTable } from '../cli/text.ts';
import type { MetricFigure, PreviousRange } from './metrics.ts';

const NOT_DEFINED = '-';
const NOT_KNOWN = '(not known)';

/** The range, the filters, and what the figures rest on. */
export function rangeText({ range, filters }: PanelQuery, basis: Basis): string {
  const kept = filters.map((filter) => printable(writeFilter(filter)));
  return [
    `${range.from} to ${range.to}, UTC${kept.length === 0 ? '' : `, only ${kept.join(', ')}`}`,
    basisText(basis),
  ].join('\n');
}

function basisText({ hours, hoursBuilt, hoursStale, hoursIncomplete, hoursQuarantined }: Basis): string {
  const notes = [
    [hoursStale, 'waiting to be built again'],
    [hoursIncomplete, 'with a table missing'],
    [hoursQuarantined, 'with quarantined lines'],
  ] as const;
  const found = notes.filter(([count]) => count > 0).map(([count, note]) => `${grouped(count)} ${note}`);
  const share = hours === 0 ? NOT_DEFINED : formatted(hoursBuilt / hours, 'share');
  return [`Based on ${share} of hours (${grouped(hoursBuilt)} of ${grouped(hours)})`, ...found].join('; ');
}

/** All metrics, then what to know of them. */
export function metricsText(metrics: readonly MetricFigure[], { previousRange, previousBasis }: PreviousRange): string {
  const table = rightAligned(
    ['metric', 'value', 'before'],
    metrics.map(({ id, unit, value, previous }) => [id, valueText(value, unit), valueText(previous, unit)]),
    metrics.map(({ meaning }) => meaning),
  );
  const before = `Before: ${previousRange.from} to ${previousRange.to}. ${basisText(previousBasis)}`;
  return [table, '', before, '', ...caveats(metrics)].join('\n');
}

function caveats(metrics: readonly MetricFigure[]): string[] {
  const byText = new Map<string, MetricId[]>();
  for (const { id, caveat } of metrics) if (caveat !== '') byText.set(caveat, [...(byText.get(caveat) ?? []), id]);
  return [...byText].map(([caveat, ids]) => `${ids.join(', ')}: ${caveat}`);
}

/** One row per value, and the total over all values. */
export function breakdownText({ dimension, rows, distinctValues, total }: Breakdown): string {
  const shown = METRIC_IDS.filter((id) => rows.some(({ values }) => values[id] !== undefined));
  const line = (name: string, values: MetricValues): string[] => [
    name,
    ...shown.map((id) => valueText(values[id], METRICS[id].unit)),
  ];
  const lines = rows.map(({ value, values }) => line(value === null ? NOT_KNOWN : printable(value), values));
  return [
    `${DIMENSIONS[dimension].meaning.en} ${grouped(rows.length)} of ${grouped(distinctValues)} values`,
    '',
    rightAligned([dimension, ...shown], [...lines, line('total', total)]),
  ].join('\n');
}

/** The steps and what each loses. */
export function funnelText({ steps, sessions }: Funnel): string {
  const lines = steps.map(({ step, sessions: reached, shareOfPrevious }) => [
    step,
    valueText(reached, 'count'),
    valueText(shareOfPrevious, 'share'),
  ]);
  const table = rightAligned(['step', 'sessions', 'of the step before'], lines);
  return [table, '', `${FUNNEL.meaning.en} Out of ${valueText(sessions, 'count')} sessions.`, FUNNEL.caveat.en].join(
    '\n',
  );
}

/** Purchases by the product page seen last. */
export function productsText({
  products,
  distinctValues,
  purchases: all,
}: {
  readonly products: Products['rows'];
  readonly distinctValues: number;
  readonly purchases: Products['purchases'];
}): string {
  const lines = products.map(({ product, purchases }) => [
    product === null ? NOT_KNOWN : printable(product),
    grouped(purchases),
  ]);
  return [
    `${DIMENSIONS.product.meaning.en} ${grouped(products.length)} of ${grouped(distinctValues)} values`,
    '',
    rightAligned(['product', 'purchases'], [...lines, ['total', valueText(all, 'count')]]),
  ].join('\n');
}

/** Every metric and dimension in a line. */
export function listText(): string {
  return [
    textTable(
      ['metric', 'unit', 'meaning'],
      METRIC_IDS.map((id) => [id, METRICS[id].unit, METRICS[id].meaning.en]),
    ),
    '',
    textTable(
      ['dimension', 'level', 'meaning'],
      DIMENSION_IDS.map((id) => [id, DIMENSIONS[id].level, DIMENSIONS[id].meaning.en]),
    ),
    '',
    textTable(
      ['funnel step', 'page'],
      FUNNEL_STEPS.map((step) => [step.id, 'path' in step ? step.path : `${step.prefix}...`]),
    ),
    '',
    FUNNEL.meaning.en,
  ].join('\n');
}

/** One definition in full. */
export function definitionText(id: MetricId | DimensionId): string {
  if (!isMetricId(id)) {
    const { name, meaning, level } = DIMENSIONS[id];
    return [`${name.en} (${id})`, meaning.en, '', LEVEL_MEANINGS[level]].join('\n');
  }
  const { name, meaning, unit, caveat, sql } = METRICS[id];
  const expressions = Object.entries(sql).map(([source, expression]) => `  ${source.padEnd(8)}  ${expression}`);
  return [
    `${name.en} (${id}), ${unit}`,
    meaning.en,
    ...(caveat.en === '' ? [] : ['', caveat.en]),
    '',
    'Computed from, with the same result:',
    ...expressions,
  ].join('\n');
}

function valueText(value: number | undefined, unit: MetricUnit): string {
  return value === undefined ? NOT_DEFINED : formatted(value, unit);
}

function formatted(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'count':
      return grouped(value);
    case 'ratio':
      return value.toFixed(2);
    case 'share':
      return `${(value * 100).toFixed(1)} %`;
  }
}

/** A table whose first column stands to the left, the others to the right, and a text behind each row. */
function rightAligned(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  texts: readonly string[] = [],
): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line, index) => {
      const cells = line.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      );
      return [...cells, texts[index - 1] ?? ''].join('  ').trimEnd();
    })
    .join('\n');
}
