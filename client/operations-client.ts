/** The operator's part of the facade over Temporal: backfill, truncate, restore, sweep, reconcile, schedules. */
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import type { BackfillEstimate } from '../domain/estimate.ts';
import { InputError } from '../domain/errors.ts';
import { PAUSE_SIGNAL, RECONCILE_ID, RESUME_SIGNAL, SWEEP_ID, TASK_QUEUE, WORKFLOWS } from '../domain/service.ts';
import type { HiddenLoads } from '../domain/truncation.ts';
import type { BackfillProgress } from '../workflows/backfill-run.ts';
import type { BackfillInput, ReconcileInput, SweepInput, TruncateInput } from '../workflows/operations-messages.ts';
import type { ReconcileProgress } from '../workflows/reconcile-run.ts';
import type { SweepResult } from '../workflows/sweep.ts';
import type { TruncateResult } from '../workflows/truncate-tables.ts';

/** A workflow with one object as its input. */
export type Run<Result> = (input?: object) => Promise<Result>;

/** A run that was started, or one with the same wish that runs already. */
export interface StartedRun<Result> {
  readonly workflowId: string;
  readonly handle: WorkflowHandle<Run<Result>>;
  /** Whether it ran before this call, asked for the same. */
  readonly joined: boolean;
}

/** See the functions of {@link createOperationsClient}. */
export interface OperationsClient {
  /** @throws {InputError} when a backfill of that range runs that was asked for something else */
  startBackfill(input: BackfillInput): Promise<StartedRun<BackfillProgress | BackfillEstimate>>;
  /** Every call is a truncation of its own. */
  startTruncate(input: TruncateInput): Promise<StartedRun<TruncateResult>>;
  startRestore(truncationId: string): Promise<StartedRun<HiddenLoads>>;
  startSweep(input: SweepInput): Promise<StartedRun<SweepResult>>;
  startReconcile(input: ReconcileInput): Promise<StartedRun<ReconcileProgress>>;
  /** Pauses, resumes or cancels a backfill; without an id the one that runs. @returns its id. @throws {InputError} when it is not one */
  steerBackfill(action: 'pause' | 'resume' | 'cancel', workflowId?: string): Promise<string>;
  /** The backfill with this id, or the one that runs. @throws {InputError} when it is not one */
  findBackfill(workflowId?: string): Promise<StartedRun<BackfillProgress>>;
  /** Any run of the service, the latest with this id. @throws {InputError} when there is none */
  findRun(workflowId: string): Promise<FoundRun>;
}

/** A run that somebody named. */
export interface FoundRun extends StartedRun<object> {
  /** The workflow's type. */
  readonly workflow: string;
  readonly hasEnded: boolean;
}

/** Builds it over a connected client. */
export function createOperationsClient(client: Client): OperationsClient {
  const begin = <Result>(workflow: string, workflowId: string, input: object, staticSummary: string) =>
    startOrJoin<Result>(client, { workflow, workflowId, input: withoutUndefined(input), staticSummary });
  return {
    startBackfill: (input) => begin(WORKFLOWS.backfill, backfillId(input), input, `Backfill ${rangeText(input)}`),
    startTruncate: (input) =>
      begin(WORKFLOWS.truncateTables, `truncate/${new Date().toISOString()}`, input, `Clear ${tablesText(input)}`),
    startRestore: (truncationId) =>
      begin(WORKFLOWS.restoreTables, `restore/${truncationId}`, { truncationId }, `Restore ${truncationId}`),
    startSweep: (input) => begin(WORKFLOWS.sweep, SWEEP_ID, input, 'Delete rows that can never be seen again'),
    startReconcile: (input) =>
      begin(WORKFLOWS.reconcile, RECONCILE_ID, input, 'Hold bucket, ledger and rows against each other'),
    steerBackfill: async (action, workflowId) => {
      const found = await findBackfill(client, workflowId);
      if (action === 'cancel') await found.handle.cancel();
      else await found.handle.signal(action === 'pause' ? PAUSE_SIGNAL : RESUME_SIGNAL);
      return found.workflowId;
    },
    findBackfill: (workflowId) => findBackfill(client, workflowId),
    findRun: (workflowId) => findRun(client, workflowId),
  };
}

interface StartRequest {
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: object;
  readonly staticSummary: string;
}

async function startOrJoin<Result>(client: Client, request: StartRequest): Promise<StartedRun<Result>> {
  const { workflow, workflowId, input, staticSummary } = request;
  const wish = JSON.stringify(input);
  try {
    const handle = await client.workflow.start<Run<Result>>(workflow, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
      memo: { wish },
      staticSummary,
    });
    return { workflowId, handle, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = client.workflow.getHandle<Run<Result>>(workflowId);
  const { memo } = await handle.describe();
  if (memo?.['wish'] === wish) return { workflowId, handle, joined: true };
  throw new InputError(`Cannot start ${workflowId}: found it running with another input, expected it to end first`);
}

async function findBackfill(client: Client, workflowId?: string): Promise<StartedRun<BackfillProgress>> {
  const wanted = workflowId === undefined ? "ExecutionStatus = 'Running'" : `WorkflowId = '${quoted(workflowId)}'`;
  const query = `WorkflowType = '${WORKFLOWS.backfill}' AND ${wanted}`;
  const found: string[] = [];
  for await (const run of client.workflow.list({ query, pageSize: 10 })) {
    if (!found.includes(run.workflowId)) found.push(run.workflowId);
    if (found.length > 5) break;
  }
  const [only, ...others] = found;
  if (only === undefined) {
    throw new InputError(
      `Cannot find a backfill: found none ${workflowId === undefined ? 'running' : `called ${workflowId}`}`,
    );
  }
  if (others.length > 0)
    throw new InputError(`Cannot tell which backfill is meant: found ${found.join(', ')}, expected one of them`);
  return { workflowId: only, handle: client.workflow.getHandle<Run<BackfillProgress>>(only), joined: true };
}

async function findRun(client: Client, workflowId: string): Promise<FoundRun> {
  const handle = client.workflow.getHandle<Run<object>>(workflowId);
  try {
    const { type, status } = await handle.describe();
    return { workflowId, handle, joined: true, workflow: type, hasEnded: status.name !== 'RUNNING' };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new InputError(`Cannot find the run ${JSON.stringify(workflowId)}: found none with this id`);
  }
}

/** One id per range and tables, so that the same backfill does not run twice. */
function backfillId(input: BackfillInput): string {
  const { from = 'start', to = 'now', tables, dryRun = false } = input;
  const suffix = tables === undefined ? '' : `/${[...tables].sort().join('+')}`;
  return `${dryRun ? 'estimate' : 'backfill'}/${from}..${to}${suffix}`;
}

function rangeText({ from, to, mode }: BackfillInput): string {
  return `${from ?? 'the start of the feed'} to ${to ?? 'now'}, mode ${mode ?? 'missing'}`;
}

function tablesText({ tables, from, to }: TruncateInput): string {
  const range = from === undefined && to === undefined ? 'wholly' : `${from ?? 'from the start'} to ${to ?? 'the end'}`;
  return `${tables?.join(', ') ?? 'all tables'} ${range}`;
}

/** In a visibility query; ids of ours hold none of these. @throws {InputError} */
function quoted(workflowId: string): string {
  if (/^[\w./:+-]+$/.test(workflowId)) return workflowId;
  throw new InputError(`Cannot use ${JSON.stringify(workflowId)} as the id of a backfill`);
}

function withoutUndefined(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
