/** Runs every `temporal` command of docs/operations.md, in its order, against the real service. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { expect, test } from 'vitest';
import { findTemporal } from '../../devstack/servers/temporal.ts';
import { TABLE_NAMES } from '../../domain/catalogue.ts';
import { addHours, hoursOf, parseHour } from '../../domain/hour.ts';
import { eventually } from '../support/eventually.ts';
import { linesOf } from '../support/feed-lines.ts';
import { publishObject } from '../support/s3.ts';
import { createService, type Service } from '../support/service.ts';

const TEXT = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const COMMANDS = [...TEXT.matchAll(/^temporal (.+)$/gm)].map(([, command = '']) => command);
const START = parseHour('2024-05-01T00');
const HOURS = 3;
const ROWS = 5;

/** The words of a command line, quotes resolved. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );
}

async function visible(service: Service, table: string): Promise<number> {
  const [row] = await service.database.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  return Number(row?.n);
}

/** What must be so after a command, by what it begins with; in the order of the document. */
function factsAfter(service: Service): readonly (readonly [RegExp, () => Promise<boolean>])[] {
  const all = async (rows: number): Promise<boolean> => {
    const counts = await Promise.all(TABLE_NAMES.map((table) => visible(service, table)));
    return counts.every((count) => count === rows);
  };
  return [
    [/^workflow result .*backfill\/may/, () => all(HOURS * ROWS)],
    [/^schedule backfill/, () => all(HOURS * ROWS)],
    [/truncateTables/, async () => (await visible(service, 'geo_events')) === 0],
    [/restoreTables/, () => all(HOURS * ROWS)],
    [/--type reconcile/, () => all(HOURS * ROWS)],
    [/--type sweep/, () => all(HOURS * ROWS)],
  ];
}

test('every `temporal` command of docs/operations.md does what it says', { timeout: 300_000 }, async () => {
  expect(COMMANDS.length).toBeGreaterThan(12);
  const service = await createService({ FEED_START: START });
  expect((await service.clickfeed('setup')).code).toBe(0);
  for (const hour of hoursOf({ from: START, to: addHours(START, HOURS) })) {
    for (const table of TABLE_NAMES) {
      await publishObject({ ...service, table, hour, lines: linesOf(table, hour, ROWS) });
    }
  }
  const program = await findTemporal();
  const place = ['--address', inject('stack').temporal.address, '--namespace', service.env['TEMPORAL_NAMESPACE'] ?? ''];
  const facts = factsAfter(service);
  let truncationId = '';
  let isServed = false;
  for (const command of COMMANDS) {
    // The first ones steer a backfill that must not be over before: the worker comes with the first question.
    if (command.startsWith('workflow query') && !isServed) {
      await service.startWorker();
      const handle = service.client.workflow.getHandle('backfill/may');
      await eventually(async () => (await handle.query<object | undefined>('progress')) !== undefined, 60_000);
      isServed = true;
    }
    const args = [...words(command.replace('TRUNCATION', truncationId)), ...place];
    const { stdout } = await promisify(execFile)(program, args, { timeout: 120_000 });
    truncationId = /truncation-[\w-]+/.exec(stdout)?.[0] ?? truncationId;
    if (command.startsWith('workflow query')) expect(stdout).toContain('paused');
    const fact = facts.find(([pattern]) => pattern.test(command))?.[1];
    if (fact !== undefined) await eventually(fact, 60_000);
  }
  const { status } = await service.client.workflow.getHandle('backfill/everything').describe();
  expect(status.name).toBe('CANCELLED');
});
