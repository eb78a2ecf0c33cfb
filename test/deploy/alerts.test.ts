import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseHour } from '../../domain/hour.ts';
import { linesOf } from '../support/feed-lines.ts';
import { publishObject } from '../support/s3.ts';
import { startRunningWorker, type RunningWorker } from './running-worker.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const HOUR = parseHour('2024-05-01T13');
const FOLDER = new URL('../../docs/alerts/', import.meta.url);
const { groups } = parse(readFileSync(new URL('clickfeed.rules.yml', FOLDER), 'utf8')) as {
  groups: { rules: Rule[] }[];
};
const RULES = groups.flatMap(({ rules }) => rules);
const ALERTS = RULES.filter((rule) => rule.alert !== undefined);

/** Texts of the nodes of a kind in an expression's syntax tree. */
function nodesOf(expr: string, kind: string): string[] {
  const texts: string[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`Cannot parse ${expr}: error at ${node.from}`);
      if (node.name === kind) texts.push(expr.slice(node.from, node.to));
    },
  });
  return texts;
}

describe('clickfeed.rules.yml', () => {
  it('has only expressions that are PromQL', () => {
    expect(() => nodesOf('sum(', 'Identifier')).toThrow('Cannot parse');
    for (const rule of RULES) expect(nodesOf(rule.expr, 'Identifier')).not.toEqual([]);
  });

  it('explains every alert under its own heading in README.md', () => {
    const headings = readFileSync(new URL('README.md', FOLDER), 'utf8').matchAll(/^### (\w+)$/gm);
    expect([...headings].map(([, name]) => name)).toEqual(ALERTS.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of ALERTS) {
      expect(annotations?.['runbook']).toBe(`docs/alerts/README.md#${alert?.toLowerCase()}`);
      expect(['critical', 'warning', 'info']).toContain(labels?.['severity']);
    }
  });
});

describe('/metrics of a worker that loaded, quarantined, rejected and failed', () => {
  let worker: RunningWorker;
  let metrics = '';

  beforeAll(async () => {
    worker = await startRunningWorker();
    const lines = linesOf('browser_events', HOUR, 100);
    lines[41] = '{"event_id": "not finished';
    await publishObject({ ...worker, table: 'browser_events', hour: HOUR, lines });
    await publishObject({ ...worker, table: 'geo_events', hour: HOUR, body: Buffer.from('<html>') });
    // Without its table the load of location_events fails for good, and with it the run.
    await worker.database.client.command({ query: 'DROP TABLE location_events_raw SYNC' });
    await publishObject({
      ...worker,
      table: 'location_events',
      hour: HOUR,
      lines: linesOf('location_events', HOUR, 3),
    });
    await expect(worker.loadHour(HOUR)).rejects.toThrow();
    metrics = await worker.metrics();
  }, 90_000);
  afterAll(() => worker.stop());

  it('hold every metric and label value that the rules ask for', () => {
    const recorded = new Set(RULES.map(({ record }) => record));
    for (const { expr } of RULES) {
      for (const selector of nodesOf(expr, 'VectorSelector')) {
        const [name = ''] = nodesOf(selector, 'Identifier');
        if (recorded.has(name) || name === 'up') continue;
        const samples = metrics
          .split('\n')
          .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
        expect(samples, `samples of ${name}`).not.toEqual([]);
        // `job` and `instance` are Prometheus' own.
        const matchers = nodesOf(selector, 'UnquotedLabelMatcher').filter((matcher) => !matcher.startsWith('job='));
        expect(
          samples.some((sample) => matchers.every((matcher) => sample.includes(matcher))),
          `a sample of ${selector}`,
        ).toBe(true);
      }
    }
  });

  it('tell of the feed as the ledger has it', () => {
    const lines = metrics.split('\n');
    expect(lines).toContain('clickfeed_status_up 1');
    expect(lines).toContain('clickfeed_newest_hour_timestamp_seconds{table="browser_events"} 1714568400');
    expect(lines).toContain('clickfeed_visible_rows{table="browser_events"} 99');
    expect(lines).toContain('clickfeed_visible_quarantined_lines{table="browser_events"} 1');
    expect(lines).toContain('clickfeed_feed_hours{table="browser_events",state="loaded"} 1');
    expect(lines).toContain('clickfeed_feed_hours{table="geo_events",state="rejected"} 1');
    expect(lines).toContain('clickfeed_feed_hours{table="device_events",state="absent"} 1');
    expect(metrics).not.toContain('clickfeed_newest_hour_timestamp_seconds{table="geo_events"}');
  });

  it('have buckets that tell a load of a second from one of an hour', () => {
    const bounds = [...metrics.matchAll(/clickfeed_load_duration_ms_bucket\{.*table="browser_events".*le="([\d.]+)"/g)];
    const boundsMs = bounds.map(([, bound]) => Number(bound));
    expect(Math.min(...boundsMs)).toBeLessThanOrEqual(1_000);
    expect(Math.max(...boundsMs)).toBeGreaterThanOrEqual(3_600_000);
  });
});
