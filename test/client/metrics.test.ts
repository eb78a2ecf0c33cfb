/** `clickfeed metrics` against the figures of the plain TypeScript model. */
import { inject, describe, expect, test, beforeAll, afterAll } from 'vitest';
import type { Breakdown, Funnel, PanelQuery, ProductRow } from '../../dashboard/reader.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import { DIMENSION_IDS } from '../../domain/metrics/dimensions.ts';
import { METRIC_IDS, METRICS } from '../../domain/metrics/metrics.ts';
import { FUNNEL_STEPS } from '../../domain/metrics/pages.ts';
import { createInsightFixture, type InsightFixture } from '../adapters/clickhouse/insight/fixture.ts';
import {
  generateViews,
  linesOfHours,
  productsBought,
  sessionMetrics,
  sessionsOf,
  stepsReached,
  viewMetrics,
  viewsOf,
  viewValue,
  type ModelView,
} from '../adapters/clickhouse/insight/model.ts';
import { runCommand } from './spawned.ts';

const START = parseHour('2024-05-05T21');
const ALL = { from: START, to: addHours(START, 5) };
const LATER = { from: addHours(START, 2), to: addHours(START, 5) };
const ON_PHONES = { dimension: 'device', value: 'Mobile' } as const;
/** Each command is a process of its own, which takes seconds on a busy machine. */
const TIMEOUT_MS = 300_000;

let fixture: InsightFixture;
let views: ModelView[];
let env: Record<string, string>;

beforeAll(async () => {
  fixture = await createInsightFixture();
  views = generateViews(START, 5, 80, 7);
  await fixture.loadHours(linesOfHours(views, ALL));
  const { url, user, password } = inject('stack').clickhouse;
  env = {
    S3_BUCKET: 'feed',
    CLICKHOUSE_URL: url,
    CLICKHOUSE_DATABASE: fixture.database.name,
    // The reader alone is used: the other user could not log in.
    CLICKHOUSE_USER: 'nobody',
    CLICKHOUSE_READER_USER: user,
    CLICKHOUSE_READER_PASSWORD: password,
  };
}, TIMEOUT_MS);
afterAll(() => fixture.database.drop());

async function metrics<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runCommand(env, 'metrics', ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

/** All metrics by the model. */
function modelled(query: PanelQuery): Record<string, number> {
  const own = viewsOf(views, query);
  const visitors = (kind: string): number =>
    viewMetrics(own.filter((view) => viewValue(views, query, view, 'visitor_kind') === kind))['visitors']!;
  return {
    ...viewMetrics(own),
    ...sessionMetrics(sessionsOf(views, query)),
    new_visitors: visitors('new'),
    returning_visitors: visitors('returning'),
  };
}

function closely(values: Record<string, number>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, expect.closeTo(value, 12)]));
}

describe('clickfeed metrics', { timeout: TIMEOUT_MS }, () => {
  test('clickfeed metrics computes every metric of the definitions, over the whole feed and over a range', async () => {
    interface Answer {
      readonly metrics: readonly { id: string; value: number; previous?: number; meaning: string }[];
    }
    const whole = await metrics<Answer>();
    expect(whole).toMatchObject({ ...ALL, basis: { hours: 5, hoursBuilt: 5, hoursStale: 0 } });
    const valuesOf = ({ metrics: all }: Answer): object => Object.fromEntries(all.map(({ id, value }) => [id, value]));
    expect(valuesOf(whole)).toEqual(closely(modelled({ range: ALL, filters: [] })));
    expect(whole.metrics.map(({ id, meaning }) => [id, meaning])).toEqual(
      METRIC_IDS.map((id) => [id, METRICS[id].meaning.en]),
    );

    const later = await metrics<Answer>('--from', LATER.from, '--to', LATER.to, '--filter', 'device:Mobile');
    const query = { range: LATER, filters: [ON_PHONES] };
    expect(valuesOf(later)).toEqual(closely(modelled(query)));
    const before = modelled({ ...query, range: { from: addHours(START, -1), to: LATER.from } });
    expect(Object.fromEntries(later.metrics.map(({ id, previous }) => [id, previous]))).toEqual(closely(before));
  });

  test('clickfeed metrics --by gives figures of page views and sessions per value, the largest first', async () => {
    const query = { range: ALL, filters: [] };
    const { rows, total, distinctValues } = await metrics<Breakdown>('--by', 'source', '--limit', '2');
    expect(total).toEqual(closely(modelled(query)));
    expect(distinctValues).toBe(3); // google, bing and "not known"
    expect(rows).toHaveLength(2);
    expect(rows[0]!.values.page_views).toBeGreaterThanOrEqual(rows[1]!.values.page_views!);
    for (const { value, values } of rows) {
      const own = viewsOf(views, query).filter((view) => viewValue(views, query, view, 'source') === value);
      const sessions = sessionsOf(views, { ...query, filters: [{ dimension: 'source', value }] });
      expect([value, values]).toEqual([value, closely({ ...viewMetrics(own), ...sessionMetrics(sessions) })]);
    }
    const pages = await metrics<Breakdown>('--by', 'exit_page');
    expect(pages.total).toEqual(closely(modelled(query)));
    expect(pages.rows.length).toBe(pages.distinctValues);
  });

  test('clickfeed metrics --funnel and --products agree with the model', async () => {
    const query = { range: ALL, filters: [ON_PHONES] };
    const sessions = sessionsOf(views, query);
    const funnel = await metrics<Funnel>('--funnel', '--filter', 'device:Mobile');
    expect(funnel.sessions).toBe(sessions.length);
    expect(funnel.steps.map((step) => step.sessions)).toEqual(
      [1, 2, 3, 4, 5].map((step) => sessions.filter((session) => stepsReached(session) >= step).length),
    );
    const bought = new Map<string | null, number>();
    for (const product of sessions.flatMap(productsBought)) bought.set(product, (bought.get(product) ?? 0) + 1);
    const { products } = await metrics<{ products: ProductRow[] }>('--products', '--filter', 'device:Mobile');
    expect(new Map(products.map((row) => [row.product, row.purchases]))).toEqual(bought);
  });

  test('clickfeed metrics shows people the figures, what they rest on and the caveats', async () => {
    const { stdout } = await runCommand(env, 'metrics', '--to', addHours(START, 6));
    const figures = modelled({ range: { from: START, to: addHours(START, 6) }, filters: [] });
    expect(stdout).toContain(`${START} to ${addHours(START, 6)}, UTC\nBased on 83.3 % of hours (5 of 6)`);
    expect(stdout).toMatch(new RegExp(`^page_views +${figures['page_views']} +- +Pages viewed\\.$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^conversion +${(figures['conversion']! * 100).toFixed(1)} % +- +`, 'm'));
    expect(stdout).toContain('visitors, returning_visitors: Cookies are counted');
    const by = await runCommand(env, 'metrics', '--by', 'page');
    expect(by.stdout).toMatch(/^page +page_views +visitors +sessions .*\n(?:.*\n)*total +\d/m);
    expect(by.stdout).toContain('(not known)');
  });

  test('clickfeed metrics --list and --define need no server; what cannot be meant ends with code 2', async () => {
    const list = await runCommand({}, 'metrics', '--list', '--json');
    expect(JSON.parse(list.stdout)).toMatchObject({
      metrics: METRIC_IDS.map((id) => ({ id })),
      dimensions: DIMENSION_IDS.map((id) => ({ id })),
      funnel: { steps: FUNNEL_STEPS.map(({ id }) => ({ id })) },
    });
    const { stdout } = await runCommand({}, 'metrics', '--define', 'bounce_rate');
    expect(stdout).toContain(`${METRICS.bounce_rate.meaning.en}\n`);
    expect(stdout).toContain(METRICS.bounce_rate.sql.sessions);
    for (const [args, sentence] of [
      [['--by', 'colour'], 'Expected one of page, entry_page'],
      [['--from', LATER.to, '--to', LATER.from], 'Cannot read from'],
    ] as const) {
      const { code, stdout: out, stderr } = await runCommand(env, 'metrics', ...args);
      expect([code, out]).toEqual([2, '']);
      expect(stderr).toContain(sentence);
    }
  });
});
