/** `clickfeed schedule`: the schedules, as the Web UI shows them. */
import type { Command } from 'commander';
import { InputError } from '../../domain/errors.ts';
import { countHours, type Hour } from '../../domain/hour.ts';
import { DAILY_SCHEDULE_ID, HOURLY_SCHEDULE_ID, SCHEDULE_IDS, type ScheduleId } from '../../domain/service.ts';
import { hourArgument } from '../cli/arguments.ts';
import type { Cli } from '../cli/cli.ts';
import { examples } from '../cli/program.ts';
import { textTable } from '../cli/text.ts';
import type { ScheduleState } from '../schedules-client.ts';

/** Temporal starts 8 or 9 runs a second: beyond a week, `clickfeed backfill` is the tool. */
const BACKFILL_HOURS_MOST = 24 * 7;

interface JsonOption {
  readonly json?: boolean;
}

/** Defines the command and its parts. */
export function defineSchedule(schedule: Command, cli: Cli): void {
  schedule.description(`Steers the schedules ${SCHEDULE_IDS.join(' and ')}.`).addHelpText(
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
    .description('Shows of each schedule whether it is paused and why, its next run, and what was missed or skipped.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', examples([['clickfeed schedule list --json', 'for scripts']]))
    .action(async ({ json }: JsonOption, command: Command) => {
      await cli.withClient(cli.config(command), async ({ schedules }) => {
        const states = await schedules.states();
        cli.print(json, states, () => statesText(states));
      });
    });
}

function statesText(states: readonly ScheduleState[]): string {
  return textTable(
    ['schedule', 'state', 'next run', 'runs', 'missed', 'skipped', ''],
    states.map(({ id, paused, nextRun, runs, missed, skipped, note }) => {
      return [id, paused ? 'paused' : 'active', nextRun ?? '-', runs, missed, skipped, paused ? note : ''];
    }),
  );
}

const PAUSING = {
  pause: {
    summary: 'start no more runs',
    description: 'Starts no more runs until it is resumed. Runs that are under way go on.',
    state: 'paused',
    example: ['clickfeed schedule pause --reason "maintenance"', 'no hourly loads from now on'],
  },
  resume: {
    summary: 'start runs again; lookback finds what was missed',
    description:
      'Starts runs again. Hours that were due meanwhile are loaded by the lookback, older ones by the nightly reconcile.',
    state: 'active',
    example: ['clickfeed schedule resume', 'hourly loads again'],
  },
} as const;

function registerPause(schedule: Command, cli: Cli, action: keyof typeof PAUSING): void {
  const { summary, description, state, example } = PAUSING[action];
  schedule
    .command(action)
    .summary(summary)
    .description(description)
    .argument('[id]', 'the schedule', scheduleArgument, HOURLY_SCHEDULE_ID)
    .option('--reason <text>', 'why, for others to read')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([example, [`clickfeed schedule ${action} ${DAILY_SCHEDULE_ID}`, 'the nightly work']]),
    )
    .action(async (id: ScheduleId, { reason, json }: JsonOption & { readonly reason?: string }, command: Command) => {
      await cli.withClient(cli.config(command), async ({ schedules }) => {
        await schedules[action](id, reason ?? `by clickfeed schedule ${action}`);
        cli.print(json, { id, state }, () => `${id} is ${state}`);
      });
    });
}

function registerTrigger(schedule: Command, cli: Cli): void {
  schedule
    .command('trigger')
    .summary('start one run now')
    .description('Starts one run now, beside those that are due.')
    .argument('[id]', 'the schedule', scheduleArgument, HOURLY_SCHEDULE_ID)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([
        ['clickfeed schedule trigger', 'load the last complete hour'],
        [`clickfeed schedule trigger ${DAILY_SCHEDULE_ID}`, 'sweep and reconcile now'],
      ]),
    )
    .action(async (id: ScheduleId, { json }: JsonOption, command: Command) => {
      await cli.withClient(cli.config(command), async ({ schedules }) => {
        await schedules.trigger(id);
        cli.print(json, { id, triggered: true }, () => `${id} is triggered`);
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
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples([['clickfeed schedule backfill --from 2024-05-01T00 --to 2024-05-03T00', 'two days, an hour a run']]),
    )
    .action(async ({ from, to, json }: JsonOption & { readonly from: Hour; readonly to: Hour }, command: Command) => {
      const runs = countHours({ from, to });
      if (runs < 1 || runs > BACKFILL_HOURS_MOST) {
        throw new InputError(
          `Cannot run the schedule for ${runs} hours: expected 1 to ${BACKFILL_HOURS_MOST}; use "clickfeed backfill"`,
        );
      }
      await cli.withClient(cli.config(command), async ({ schedules }) => {
        await schedules.backfill({ from, to });
        cli.print(
          json,
          { id: HOURLY_SCHEDULE_ID, from, to, runs },
          () => `${HOURLY_SCHEDULE_ID} starts ${runs} runs, for ${from} to ${to}`,
        );
      });
    });
}

function scheduleArgument(text: string): ScheduleId {
  const id = SCHEDULE_IDS.find((candidate) => candidate === text);
  if (id !== undefined) return id;
  throw new InputError(`Cannot find the schedule ${JSON.stringify(text)}: expected ${SCHEDULE_IDS.join(' or ')}`);
}
