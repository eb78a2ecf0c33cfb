/** What an overview opens with is asked beforehand, and that is just what the page asks. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { nextQuestions, openingQuestions, VALUE_PANELS, type Question } from '../../dashboard/opening.ts';
import { resolveRange, type Preset } from '../../dashboard/ranges.ts';
import { startWarming } from '../../dashboard/server/warming.ts';
import { hasSessionsOnly } from '../../domain/metrics/dimensions.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { parseHour } from '../../domain/hour.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';
import { open, settled, useBrowser } from './support/browser.ts';
import { serve } from './support/dashboard.ts';
import { scriptedReader } from './support/scripted-reader.ts';

const newPage = useBrowser();

function setUp() {
  const world = { looks: 0, funnels: 0, isAway: false, state: (look: number): string => `state ${look}` };
  const defects: unknown[] = [];
  const reader = scriptedReader({
    funnel: () => {
      if (world.isAway) return Promise.reject(new UnavailableError('Cannot read: ClickHouse is away'));
      world.funnels += 1;
      return Promise.resolve({ steps: [], sessions: 0 });
    },
  });
  const stop = startWarming({
    reader,
    everyMs: 1,
    state: () => Promise.resolve(world.state((world.looks += 1))),
    onDefect: (error) => defects.push(error),
  });
  cleanUpLater(stop);
  const looks = async (count: number): Promise<void> => {
    const until = world.looks + count;
    await eventually(() => Promise.resolve(world.looks >= until));
  };
  return { world, defects, looks, stop };
}

test('startWarming() asks nothing while the ledger changes, and once for each range when it rests', async () => {
  const { world, looks, defects } = setUp();
  await looks(10);
  expect(world.funnels).toBe(0);
  world.state = () => 'at rest';
  await looks(10);
  expect(world.funnels).toBe(2);
  world.state = () => 'changed';
  await looks(10);
  expect(world.funnels).toBe(4);
  expect(defects).toEqual([]);
});

test('startWarming() asks what overviews of both ranges open with, and then what one click asks of them', async () => {
  const asked: string[] = [];
  const noRows = { rows: [], distinctValues: 0, total: {} };
  const reader = scriptedReader({
    extent: () => Promise.resolve(EXTENT),
    breakdown: ({ range }, { dimension }) => {
      asked.push(`${dimension} from ${range.from}`);
      return Promise.resolve({ dimension, ...noRows });
    },
  });
  cleanUpLater(startWarming({ reader, everyMs: 1, state: () => Promise.resolve('at rest') }));
  const dimensions = Object.values(VALUE_PANELS).flat();
  await eventually(() => Promise.resolve(asked.some((question) => question.startsWith('visitor_kind from 2023'))));
  expect(asked.slice(0, 3)).toEqual([
    'source from 2024-04-02T00',
    'page from 2024-04-02T00',
    'country from 2024-04-02T00',
  ]);
  expect(asked).toHaveLength(2 * dimensions.filter((id) => !hasSessionsOnly(id)).length);
  expect(new Set(asked).size).toBe(asked.length);
});

test('startWarming() asks again when ClickHouse was away, and nothing any more once it is ended', async () => {
  const { world, looks, defects, stop } = setUp();
  world.isAway = true;
  world.state = () => 'at rest';
  await looks(10);
  world.isAway = false;
  await looks(10);
  expect(world.funnels).toBe(2);
  expect(defects).toEqual([]);
  await stop();
  const before = world.looks;
  await new Promise((resolve) => setImmediate(resolve));
  expect(world.looks).toBe(before);
});

const EXTENT = {
  firstHour: parseHour('2023-01-01T00'),
  lastHour: parseHour('2024-05-01T23'),
  lastCompleteHour: parseHour('2024-05-01T23'),
};

/** Opens the overview. @returns the page, and what it asks from then on but for what surrounds the panels */
async function openAsking(path: string): Promise<{ page: Page; asked: string[] }> {
  const dashboard = await serve({ reader: scriptedReader({ extent: () => Promise.resolve(EXTENT) }) });
  const page = await newPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    const question = `${pathname.slice('/api/'.length)} ${String(searchParams)}`;
    if (pathname.startsWith('/api/') && !/^(extent|surroundings) /.test(question)) asked.push(question);
  });
  await open(page, dashboard.url + path);
  return { page, asked };
}

function texts(questions: readonly Question[]): string[] {
  return questions.map(({ panel, search }) => `${panel} ${String(search)}`).sort();
}

const OPENED = [
  ['30d', '/'],
  ['all', '/?range=all'],
] as const satisfies readonly (readonly [Preset, string])[];

test.each(OPENED)(
  'openingQuestions() are those of a page that is opened with %s, each asked once',
  async (preset, path) => {
    const { asked } = await openAsking(path);
    expect(asked.sort()).toEqual(texts(openingQuestions({ range: resolveRange(preset, EXTENT), filters: [] })));
  },
);

test.each(OPENED)(
  'nextQuestions() are what one click asks of page views of a page opened with %s',
  async (preset, path) => {
    const { page, asked } = await openAsking(path);
    const query = { range: resolveRange(preset, EXTENT), filters: [] };
    const opening = texts(openingQuestions(query));
    for (const [id, dimensions] of Object.entries(VALUE_PANELS)) {
      for (const dimension of dimensions) {
        await page.locator(`#${id} select`).selectOption(dimension);
        await settled(page);
      }
    }
    for (const grain of await page.locator('#series .segments label').all()) {
      await grain.click();
      await settled(page);
    }
    const ofViews = new Set(
      asked.filter((question) => question.includes('family=views') && !opening.includes(question)),
    );
    expect([...ofViews].sort()).toEqual(texts(nextQuestions(query)));
  },
);
