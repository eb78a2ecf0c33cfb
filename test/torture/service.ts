/** The whole service on servers of its own, each of which can be struck when a request of the worker comes to a step. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { inject } from 'vitest';
import type { ServerProcess } from '../../devstack/process/server-process.ts';
import { TASK_QUEUE } from '../../domain/service.ts';
import { cleanUpLater } from '../support/cleanup.ts';
import { startOwnClickHouse, startOwnTemporal } from '../support/own-servers.ts';
import { createService, type Service, type WorkerProcess } from '../support/service.ts';
import { clickHouseStep, s3Step, startStepProxy, type AtMoment, type Moment, type Step } from './step-proxy.ts';

/** Who is struck, how, and when: at the next request of the worker with this name. */
export interface ServiceBlow {
  readonly who: 'worker' | 'clickhouse' | 'temporal';
  readonly how: 'kill' | 'stop';
  readonly step: string;
  readonly moment: Moment;
  /** How long a server that was killed stays away; 0 when left out. */
  readonly awayMs?: number;
}

/** A service under fire. */
export interface Battlefield {
  readonly service: Service;
  /** Waits for the step, strikes, and lets whoever was struck come back. */
  readonly strike: (blow: ServiceBlow) => Promise<void>;
  /** Runs a workflow once, to its end, whatever happens to Temporal. */
  readonly execute: (type: string, workflowId: string, input: object) => Promise<unknown>;
  /** Ends the worker with its running attempts, and waits for what the servers still do for it: from then on nothing is in flight. */
  readonly rest: () => Promise<void>;
}

const STANDSTILL_MS = 6_000;
const RETRY_PAUSE_MS = 200;

/** Starts the servers and a worker behind proxies. */
export async function createBattlefield(extraEnv: Readonly<Record<string, string>>): Promise<Battlefield> {
  const [clickhouse, temporal] = await Promise.all([startOwnClickHouse(), startOwnTemporal()]);
  const service = await createService(extraEnv, { clickhouse, temporal });
  let meet: ((step: Step) => AtMoment) | undefined;
  const questions = { meet: (step: Step): AtMoment => meet?.(step) ?? (() => Promise.resolve('on')) };
  const clickhouseProxy = await startStepProxy(clickhouse.url, { ...questions, nameOf: clickHouseStep });
  const s3Proxy = await startStepProxy(inject('stack').s3.endpoint, { ...questions, nameOf: s3Step });
  cleanUpLater(async () => {
    await Promise.all([clickhouseProxy.close(), s3Proxy.close()]);
  });
  const env = { CLICKHOUSE_URL: clickhouseProxy.url, S3_ENDPOINT: s3Proxy.url };
  let worker = await service.startWorker({ env });
  const servers = { clickhouse: clickhouse.process, temporal: temporal.process };
  return {
    service,
    execute: (type, workflowId, input) => execute(service, type, workflowId, input),
    rest: async () => {
      await worker.kill('SIGTERM');
      await Promise.all([clickhouseProxy.quiet(), s3Proxy.quiet()]);
    },
    strike: async (blow) => {
      const { held, decide } = holdAt(blow, (next) => {
        meet = next;
      });
      await held;
      meet = undefined;
      if (blow.who === 'worker') worker = await strikeWorker(worker, blow, decide, () => service.startWorker({ env }));
      else await strikeServer(servers[blow.who], blow, decide);
    },
  };
}

type Decide = (what: 'on' | 'cut') => void;

function holdAt(
  { step: name, moment: when }: ServiceBlow,
  watch: (meet: (step: Step) => AtMoment) => void,
): { readonly held: Promise<void>; readonly decide: Decide } {
  let decide: Decide = () => undefined;
  const verdict = new Promise<'on' | 'cut'>((resolve) => {
    decide = resolve;
  });
  const held = new Promise<void>((resolve) => {
    let isMet = false;
    watch((step) => (moment) => {
      if (step.name !== name || moment !== when || isMet) return Promise.resolve('on');
      isMet = true;
      resolve();
      return verdict;
    });
  });
  return { held, decide };
}

async function strikeWorker(
  worker: WorkerProcess,
  { how }: ServiceBlow,
  decide: Decide,
  startNext: () => Promise<WorkerProcess>,
): Promise<WorkerProcess> {
  if (how === 'kill') {
    await worker.kill('SIGKILL');
    decide('cut');
    return startNext();
  }
  worker.process.kill('SIGSTOP');
  decide('on');
  await sleep(STANDSTILL_MS);
  worker.process.kill('SIGCONT');
  return worker;
}

/** A request of the worker that is held goes on when it was Temporal that died. */
async function strikeServer(
  server: ServerProcess,
  { who, how, awayMs = 0 }: ServiceBlow,
  decide: Decide,
): Promise<void> {
  await server.kill(how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  decide(how === 'kill' && who === 'clickhouse' ? 'cut' : 'on');
  if (how === 'kill') {
    await sleep(awayMs);
    await server.restart();
    return;
  }
  await sleep(STANDSTILL_MS);
  await server.kill('SIGCONT');
}

async function execute({ client }: Service, type: string, workflowId: string, input: object): Promise<unknown> {
  // A run that has ended while Temporal was away must not begin anew: a second truncation would be restored by nobody.
  const options = {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  } as const;
  for (;;) {
    try {
      await client.workflow.start(type, options).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error; // it had been heard
      });
      return await client.workflow.getHandle(workflowId).result();
    } catch (error) {
      // After long in vain the client wraps what it was told.
      if (!isGrpcServiceError(error instanceof ServiceError ? error.cause : error)) throw error;
      await sleep(RETRY_PAUSE_MS); // Temporal is away
    }
  }
}
