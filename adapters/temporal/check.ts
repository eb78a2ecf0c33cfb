/** Looks at Temporal for `clickfeed doctor`: namespace and rights, version, search attributes, schedule, workers. */
import type { Client } from '@temporalio/client';
import type { Check } from '../../domain/check.ts';
import { HOURLY_SCHEDULE_ID, SEARCH_ATTRIBUTES, TASK_QUEUE } from '../../domain/service.ts';
import { knownSearchAttributes } from './search-attributes.ts';

/** Asks one question after the other over a connected client. */
export async function checkTemporal(client: Client): Promise<Check[]> {
  const namespace = await checkNamespace(client);
  if (!namespace.ok) return [namespace];
  return [
    namespace,
    await checkVersion(client),
    await checkSearchAttributes(client),
    await checkSchedule(client),
    await checkWorkers(client),
  ];
}

async function checkNamespace({ workflowService, options }: Client): Promise<Check> {
  const { namespace } = options;
  const subject = 'Temporal: namespace and rights';
  try {
    await workflowService.describeNamespace({ namespace });
    return { subject, ok: true, found: namespace };
  } catch (error) {
    const fix = 'Set TEMPORAL_NAMESPACE to a namespace that these credentials may use';
    return { subject, ok: false, found: `${namespace}: ${messageOf(error)}`, fix };
  }
}

async function checkVersion({ workflowService }: Client): Promise<Check> {
  const subject = 'Temporal: version';
  try {
    const { serverVersion } = await workflowService.getSystemInfo({});
    return { subject, ok: true, found: serverVersion };
  } catch (error) {
    return { subject, ok: false, found: messageOf(error), fix: 'Use a Temporal service of version 1.20 or newer' };
  }
}

/** Not needed for loading: without them runs cannot be searched by table and hour. */
async function checkSearchAttributes({ connection, options }: Client): Promise<Check> {
  const names = Object.keys(SEARCH_ATTRIBUTES);
  const known = await knownSearchAttributes(connection, options.namespace);
  const subject = 'Temporal: search attributes';
  if (known.length === names.length) return { subject, ok: true, found: names.join(', ') };
  return {
    subject,
    ok: false,
    found: known.length === 0 ? 'none' : known.join(', '),
    fix: `Run clickfeed setup, or register ${Object.entries(SEARCH_ATTRIBUTES)
      .map(([name, type]) => `${name} as ${type}`)
      .join(' and ')}, then start the workers again; loads work without`,
  };
}

async function checkSchedule({ schedule }: Client): Promise<Check> {
  const subject = 'Temporal: schedule';
  try {
    const { state } = await schedule.getHandle(HOURLY_SCHEDULE_ID).describe();
    if (!state.paused) return { subject, ok: true, found: `${HOURLY_SCHEDULE_ID} is running` };
    const fix = `Run temporal schedule toggle --unpause --schedule-id ${HOURLY_SCHEDULE_ID} when hours should be loaded again`;
    return { subject, ok: false, found: `${HOURLY_SCHEDULE_ID} is paused: ${state.note ?? 'no note'}`, fix };
  } catch (error) {
    return { subject, ok: false, found: messageOf(error), fix: 'Run clickfeed setup' };
  }
}

async function checkWorkers({ workflowService, options }: Client): Promise<Check> {
  const subject = 'Temporal: workers';
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: TASK_QUEUE },
  });
  const found = `${pollers.length} on the task queue ${TASK_QUEUE} within the last minutes`;
  return pollers.length > 0 ? { subject, ok: true, found } : { subject, ok: false, found, fix: 'Run clickfeed worker' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
