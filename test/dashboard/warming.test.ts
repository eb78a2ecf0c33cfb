/** What an overview opens with is asked beforehand, and that is just what the page asks. */
import { expect, test } from 'vitest';
import { openingQuestions } from '../../dashboard/opening.ts';
import { resolveRange, type Preset } from '../../dashboard/ranges.ts';
import { startWarming } from '../../dashboard/server/warming.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { parseHour } from '../../domain/hour.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { eventually } from '../support/eventually.ts';
import { open, useBrowser } from './support/browser.ts';
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

test.each([
  ['30d', '/'],
  ['all', '/?range=all'],
] as const)(
  'openingQuestions() are those of a page that is opened with %s, each asked once',
  async (preset: Preset, path) => {
    const extent = {
      firstHour: parseHour('2023-01-01T00'),
      lastHour: parseHour('2024-05-01T23'),
      lastCompleteHour: parseHour('2024-05-01T23'),
    };
    const reader = scriptedReader({ extent: () => Promise.resolve(extent) });
    const dashboard = await serve({ reader });
    const page = await newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.startsWith('/api/')) asked.push(`${pathname.slice('/api/'.length)} ${String(searchParams)}`);
    });
    await open(page, dashboard.url + path);
    const questions = openingQuestions({ range: resolveRange(preset, extent), filters: [] });
    const expected = questions.map(({ panel, search }) => `${panel} ${String(search)}`);
    expect(asked.filter((question) => !/^(extent|surroundings) /.test(question)).sort()).toEqual(expected.sort());
  },
);
