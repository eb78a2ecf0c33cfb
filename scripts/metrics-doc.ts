/**
 * Writes docs/metrics.md from domain/metrics/.
 * `npx tsx scripts/metrics-doc.ts` writes, with `--check` it only fails when the page is out of date.
 */
import { join } from 'node:path';
import { BI_METRICS, BI_VIEWS } from '../adapters/clickhouse/insight/index.ts';
import { DIMENSION_IDS, DIMENSIONS, LEVEL_MEANINGS } from '../domain/metrics/dimensions.ts';
import { METRIC_IDS, METRICS, type MetricId, type MetricUnit } from '../domain/metrics/metrics.ts';
import { FUNNEL, FUNNEL_STEPS, funnelStepSql } from '../domain/metrics/pages.ts';
import { SCORECARD_LINES, type Threshold } from '../domain/metrics/scorecard.ts';
import { formatMarkdown, markdownTable, ROOT, writeOrCheck } from './generated-file.ts';

const SCRIPT = 'scripts/metrics-doc.ts';
const FILE = join(ROOT, 'docs', 'metrics.md');

/** Views whose name is not that of the source. */
const VIEWS: Readonly<Partial<Record<string, string>>> = { parts: 'session_parts' };
const UNITS: Readonly<Record<MetricUnit, string>> = {
  count: 'a whole number',
  ratio: 'a number',
  share: '0 to 1, shown as percent',
};

writeOrCheck(new Map([[FILE, await formatMarkdown(FILE, page())]]), SCRIPT);

function page(): string {
  return `# Metrics

<!-- Made by ${SCRIPT} from domain/metrics/. Do not edit. -->

Each metric is defined once, in \`domain/metrics/\`. The dashboard, \`clickfeed metrics\`, the BI views, the Power BI model and this page are made
from that definition. All hours are UTC; a page view belongs to the hour of the object that delivered it.

${METRIC_IDS.map(metric).join('\n\n')}

## ${FUNNEL.name.en}

${FUNNEL.meaning.en} Unit: ${UNITS.count}. \`clickfeed metrics --funnel\` gives all steps.

**Know:** ${FUNNEL.caveat.en}

${markdownTable(
  ['step', 'page', 'SQL over `sessions` and `bi_sessions`'],
  FUNNEL_STEPS.map((step) => {
    return [step.id, code('path' in step ? step.path : `${step.prefix}...`), code(funnelStepSql(step.id))];
  }),
)}

## Dimensions

Figures can be broken down by each and filtered by any number of them.

${markdownTable(
  ['dimension', 'name', 'meaning', 'level', 'column of `events`'],
  DIMENSION_IDS.map((id) => {
    const { name, meaning, level, column } = DIMENSIONS[id];
    return [code(id), name.en, meaning.en, level, column === undefined ? '' : code(column)];
  }),
)}

${markdownTable(['level', 'what it means'], Object.entries(LEVEL_MEANINGS))}

## Scorecard

The lines by which the feed is judged, with the default thresholds; SCORECARD_THRESHOLDS sets others. Past "watch" the verdict is bad; a line without thresholds has no verdict.

${markdownTable(
  ['line', 'name', 'meaning', 'unit', 'good', 'watch'],
  SCORECARD_LINES.map(({ id, name, meaning, unit, threshold }) => [
    code(id),
    name.en,
    meaning.en,
    unit,
    limit(threshold, 'good'),
    limit(threshold, 'watch'),
  ]),
)}

## BI views

Text, Int32, Float64, Date and DateTime only, nothing personal, nothing NULL but coordinates.

${BI_VIEWS.map(biView).join('\n\n')}
`;
}

function metric(id: MetricId): string {
  const { name, meaning, unit, caveat, sql } = METRICS[id];
  const expressions = Object.entries(sql).map(([source, expression]) => [VIEWS[source] ?? source, expression]);
  const { view, sql: biSql } = BI_METRICS[id];
  return [
    `## ${name.en}`,
    `${code(id)}: ${meaning.en} Unit: ${UNITS[unit]}.`,
    ...(caveat.en === '' ? [] : [`**Know:** ${caveat.en}`]),
    markdownTable(
      ['over the view', 'SQL'],
      [...expressions, [view, biSql]].map((cells) => cells.map(code)),
    ),
  ].join('\n\n');
}

function limit(threshold: Threshold | undefined, name: 'good' | 'watch'): string {
  if (threshold === undefined) return '';
  return `at ${threshold.better === 'up' ? 'least' : 'most'} ${threshold[name]}`;
}

function biView({ name, comment, columns }: (typeof BI_VIEWS)[number]): string {
  const rows = columns.map((column) => [code(column.name), column.type.replace("('UTC')", ''), column.comment]);
  return [`### ${name}`, `${comment}.`, markdownTable(['column', 'type', 'meaning'], rows)].join('\n\n');
}

function code(text: string): string {
  return `\`${text}\``;
}
