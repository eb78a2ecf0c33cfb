import { readdirSync, readFileSync } from 'node:fs';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { WORKFLOWS } from '../../domain/service.ts';
import { workflowCode } from './environment.ts';
import { SCENARIOS } from './scenarios.ts';

const FOLDER = new URL('../histories/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

let code: Awaited<ReturnType<typeof workflowCode>>;
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  // Not even errors: a replay that fails on purpose is one.
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger, telemetryOptions: { logging: { filter, forward: {} } } });
  code = await workflowCode();
});

function readHistory(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

async function replay(history: string, workflowId: string): Promise<Error | undefined> {
  const histories = [{ workflowId, history: JSON.parse(history) as unknown }];
  for await (const { error } of Worker.runReplayHistories(code, histories)) return error;
  return new Error('Replay a history: found no result, expected one');
}

describe('recorded histories', () => {
  test.each(SCENARIOS.map(({ name }) => name))('%s is recorded', (name) => {
    expect(FILES).toContain(`${name}.json`);
  });

  test('every workflow of the task queue is recorded', () => {
    const recorded = new Set(SCENARIOS.map(({ workflow }) => workflow));
    expect([...recorded].sort()).toEqual(Object.values(WORKFLOWS).sort());
  });

  test.each(FILES)('case 83: %s replays with the workflows of today', async (file) => {
    expect(await replay(readHistory(file), file)).toBeUndefined();
  });

  test.each([
    ['another activity', '"loadTable"', '"loadAnother"'],
    ['another timer', '"timerId": "1"', '"timerId": "7"'],
  ])('a history with %s does not replay, so that a changed workflow is noticed', async (_what, from, to) => {
    const history = readHistory('hourly-load-late.json');
    expect(history).toContain(from);
    expect(await replay(history.replaceAll(from, to), 'changed')).toBeInstanceOf(Error);
  });
});
