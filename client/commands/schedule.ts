/** `clickfeed schedule`: the schedules, as the Web UI shows them. */
import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { InputError } from '../../domain/errors.ts';
import { addHours, countHours, hourStartMs, type Hour } from '../../domain/hour.ts';
import { DAILY_SCHEDULE_ID, HOURLY_SCHEDULE_ID } from '../../domain/service.ts';
import { hourArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';

const SCHEDULES = [HOURLY_SCHEDULE_ID, DAILY_SCHEDULE_ID] as const;
/** Temporal starts 8 or 9 runs a second: beyond a week, `clickfeed backfill` is the tool. */
const BACKFILL_HOURS_MOST = 24 * 7;

/** A schedule in short. */
interface ScheduleState {
  readonly id: string;
  readonly paused: boolean;
  readonly note: string;
  readonly nextRun: string | undefined;
  readonly runs: number;
  readonly missed: number;
  readonly skipped: number;
}

/** Registers the command and its parts. */
export function registerSchedule(program: Command, cli: Cli): void {
  const schedule = program
    .command('schedule')
    .summary('list, pause, trigger the schedules')
    .description(`Steers the schedules ${SCHEDULES.join(' and ')}.`)
    .addHelpText(
      'after',
      examples([
        ['clickfeed schedule list', 'state, next run, what was missed'],
        ['clickfeed schedule pause --reason "maintenance"', 'start no more hourly loads; "resume" goes on'],
        [`clickfeed schedule trigger ${DAILY_SCHEDULE_ID}`, 'sweep and reconcile now'],
        ['clickfeed schedule backfill --from 2024-05-01T00 --to 2024-05-03T00', 'run the schedule for these hours'],
      ]),
    );
  registerList(schedule, cli);
  registerPause(schedule, cli, 'pause');
  registerPause(schedule, cli, 'resume');
  registerTrigger(schedule, cli);
  registerScheduleBackfill(schedule, cli);
}

function registerList(schedule: Command, cli: Cli): void {
  schedule
    .command('list')
    .summary('state, next run, what was missed')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { readonly json?: boolean }, command: Command) => {
      await cli.withClient(cli.config(command), async ({ client }) => {
        const states = await Promise.all(SCHEDULES.map((id) => stateOf(client, id)));
        cli.print(json, states, () =>
          textTable(
            ['schedule', 'state', 'next run', 'runs', 'missed', 'skipped', ''],
            states.map(({ id, paused, nextRun, runs, missed, skipped, note }) => {
              return [id, paused ? 'paused' : 'active', nextRun ?? '-', runs, missed, skipped, paused ? note : ''];
            }),
          ),
        );
      });
    });
}

function registerPause(schedule: Command, cli: Cli, action: 'pause' | 'resume'): void {
  schedule
    .command(action)
    .summary(action === 'pause' ? 'start no more runs' : 'start runs again; lookback finds what was missed')
    .argument('[id]', 'the schedule', scheduleArgument, HOURLY_SCHEDULE_ID)
    .option('--reason <text>', 'why, for others to read')
    .action(async (id: string, { reason }: { readonly reason?: string }, command: Command) => {
      await withSchedule(cli, command, id, async (handle) => {
        const note = reason ?? `by clickfeed schedule ${action}`;
        await (action === 'pause' ? handle.pause(note) : handle.unpause(note));
        cli.io.out(`${id} is ${action === 'pause' ? 'paused' : 'active'}`);
      });
    });
}

function registerTrigger(schedule: Command, cli: Cli): void {
  schedule
    .command('trigger')
    .summary('start one run now')
    .argument('[id]', 'the schedule', scheduleArgument, HOURLY_SCHEDULE_ID)
    .action(async (id: string, _options: object, command: Command) => {
      await withSchedule(cli, command, id, async (handle) => {
        await handle.trigger();
        cli.io.out(`${id} is triggered`);
      });
    });
}

function registerScheduleBackfill(schedule: Command, cli: Cli): void {
  schedule
    .command('backfill')
    .summary('run the hourly schedule for hours of the past')
    .description(
      `One run per hour, at most ${BACKFILL_HOURS_MOST} hours: Temporal starts 8 or 9 a second. For more, use "clickfeed backfill".`,
    )
    .requiredOption('--from <hour>', 'first hour to load', hourArgument)
    .requiredOption('--to <hour>', 'the hour before which it ends', hourArgument)
    .action(async ({ from, to }: { readonly from: Hour; readonly to: Hour }, command: Command) => {
      const hours = countHours({ from, to });
      if (hours < 1 || hours > BACKFILL_HOURS_MOST) {
        throw new InputError(
          `Cannot run the schedule for ${hours} hours: expected 1 to ${BACKFILL_HOURS_MOST}; use "clickfeed backfill"`,
        );
      }
      await withSchedule(cli, command, HOURLY_SCHEDULE_ID, async (handle) => {
        // The run that loads an hour is scheduled within the hour behind it.
        await handle.backfill({
          start: new Date(hourStartMs(addHours(from, 1))),
          end: new Date(hourStartMs(addHours(to, 1)) - 1),
          overlap: ScheduleOverlapPolicy.ALLOW_ALL,
        });
        cli.io.out(`${HOURLY_SCHEDULE_ID} starts ${hours} runs, for ${from} to ${to}`);
      });
    });
}

function scheduleArgument(text: string): string {
  const id = SCHEDULES.find((candidate) => candidate === text);
  if (id !== undefined) return id;
  throw new InputError(`Cannot find the schedule ${JSON.stringify(text)}: expected ${SCHEDULES.join(' or ')}`);
}

async function withSchedule(
  cli: Cli,
  command: Command,
  id: string,
  work: (handle: ScheduleHandle) => Promise<void>,
): Promise<void> {
  await cli.withClient(cli.config(command), ({ client }) => orMissing(id, () => work(client.schedule.getHandle(id))));
}

/** @throws {InputError} when the schedule is not there */
async function orMissing<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) {
      throw new InputError(`Cannot find the schedule ${id}: expected one that "clickfeed setup" has made`);
    }
    throw error;
  }
}

async function stateOf(client: Client, id: string): Promise<ScheduleState> {
  const { state, info } = await orMissing(id, () => client.schedule.getHandle(id).describe());
  return {
    id,
    paused: state.paused,
    note: state.note ?? '',
    nextRun: info.nextActionTimes[0]?.toISOString(),
    runs: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
  };
}
