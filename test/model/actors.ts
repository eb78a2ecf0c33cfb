/** The real loader and the real operator's code, stopped before each statement and each look at the bucket, and crashed there. */
import { createActivities } from '../../activities/index.ts';
import type { Ledger, ObjectStore } from '../../activities/ports.ts';
import {
  ClickHouseServer,
  createLedger,
  createLoadPorts,
  type ClickHouseConfig,
} from '../../adapters/clickhouse/index.ts';
import { createSweeper, createTruncations } from '../../adapters/clickhouse/operations/index.ts';
import type { Statement } from '../../adapters/clickhouse/server.ts';
import { OutcomeUnknownError, UnavailableError } from '../../domain/errors.ts';
import type { LoadMode, LoadWindow } from '../../domain/loading.ts';
import { storeWith, type Loader } from '../support/loader.ts';
import { SETTLED_AT_ONCE } from '../support/operations.ts';
import type { Turns } from './turns.ts';

/** What goes wrong at one step of an actor. After a crash it takes no further step. */
export interface StepFault {
  /** Number of the step, from 0. */
  readonly at: number;
  readonly kind: 'crash-before' | 'crash-after' | 'lose-answer';
}

/** Thrown by the steps of an actor that has crashed. */
export class Crash extends Error {}

/** Asks for a turn before each step, and fails at one of them. */
export class Stepper {
  readonly name: string;
  #steps = 0;
  #isDead = false;
  readonly #turns: Turns;
  readonly #fault: StepFault | undefined;

  constructor(name: string, turns: Turns, fault: StepFault | undefined) {
    this.name = name;
    this.#turns = turns;
    this.#fault = fault;
  }

  /** @param what names the step @param lost makes the error of a lost answer */
  step<T>(what: string, work: () => Promise<T>, lost: () => Error): Promise<T> {
    this.#requireAlive();
    return this.#turns.step({ name: this.name, what }, async () => {
      const kind = this.#fault?.at === this.#steps ? this.#fault.kind : undefined;
      this.#steps += 1;
      this.#isDead = kind === 'crash-before' || this.#isDead;
      this.#requireAlive();
      const value = await work();
      this.#isDead = kind === 'crash-after' || this.#isDead;
      this.#requireAlive();
      if (kind === 'lose-answer') throw lost();
      return value;
    });
  }

  /** Of the next attempt of the same actor, without a fault. */
  again(): Stepper {
    return new Stepper(this.name, this.#turns, undefined);
  }

  #requireAlive(): void {
    if (this.#isDead) throw new Crash(`${this.name} has crashed`);
  }
}

/** ClickHouse as an actor reaches it: each statement is a step. */
class SteppedServer extends ClickHouseServer {
  readonly #stepper: Stepper;

  constructor(config: ClickHouseConfig, stepper: Stepper) {
    super(config);
    this.#stepper = stepper;
  }

  override query<Row>(statement: Statement): Promise<Row[]> {
    return this.#stepper.step(
      statement.doing,
      () => super.query<Row>(statement),
      () => new UnavailableError('Cannot read: the answer was lost'),
    );
  }

  override insert(...of: Parameters<ClickHouseServer['insert']>): Promise<void> {
    return this.#stepper.step(
      of[0].doing,
      () => super.insert(...of),
      () => new OutcomeUnknownError('Cannot tell whether it was done: the answer was lost'),
    );
  }
}

/** The bucket as an actor reaches it: each listing is a step. It must not come before the ledger was read. */
function steppedStore(store: ObjectStore, stepper: Stepper, isLedgerRead: () => boolean): ObjectStore {
  return storeWith(store, {
    async *list(...of) {
      if (!isLedgerRead()) throw new Error('The bucket is listed before the ledger was read');
      await stepper.step(
        'list the bucket',
        () => Promise.resolve(),
        () => new UnavailableError('Cannot list: the answer was lost'),
      );
      yield* store.list(...of);
    },
  });
}

/** The ledger as an attempt reads it that is wrong about the server's clock. */
function readAhead(ledger: Ledger, aheadMs: number, onRead: () => void): Ledger {
  return {
    state: async (...of) => {
      const state = await ledger.state(...of);
      onRead();
      return { ...state, serverNowMs: state.serverNowMs + aheadMs };
    },
    truncationsInForce: (...of) => ledger.truncationsInForce(...of),
    commit: (...of) => ledger.commit(...of),
    abandon: (...of) => ledger.abandon(...of),
    reject: (...of) => ledger.reject(...of),
    recordSightings: (...of) => ledger.recordSightings(...of),
  };
}

/** What all actors work on. */
export interface Stage {
  readonly loader: Loader;
  readonly clickhouse: ClickHouseConfig;
  readonly turns: Turns;
  readonly window: Pick<LoadWindow, 'table' | 'from' | 'to'>;
  readonly truncationId: string;
  /** Attempts whose run began after the truncation: only what they load may show while it is in force. */
  readonly informed: Set<string>;
}

const SIGNAL = new AbortController().signal;

/** How a run loads. */
export interface LoadRules {
  readonly mode: LoadMode;
  /** What it takes the server's clock to be, beyond what it is. */
  readonly aheadMs: number;
}

/** A run that loads: reads the truncations, then tries; after a failure once more under what it had read, as Temporal does. */
export async function load(stage: Stage, stepper: Stepper, { mode, aheadMs }: LoadRules): Promise<void> {
  const { loader, window } = stage;
  const seen = await withServer(stage, stepper, (server) => createLedger(server).truncationsInForce(SIGNAL));
  if (seen.includes(stage.truncationId)) stage.informed.add(stepper.name);
  const attempt = (of: Stepper): Promise<unknown> =>
    withServer(stage, of, (server) => {
      let isLedgerRead = false;
      const ofServer = createLoadPorts(server);
      const ledger = readAhead(ofServer.ledger, aheadMs, () => {
        isLedgerRead = true;
      });
      const store = steppedStore(loader.ports.store, of, () => isLedgerRead);
      const ports = { ...loader.ports, ...ofServer, store, ledger, workerName: of.name };
      const activities = createActivities(ports);
      return loader.run(() => activities.loadTable({ ...window, mode, seen, fillCleared: mode === 'all' }));
    });
  try {
    await attempt(stepper);
  } catch {
    await attempt(stepper.again());
  }
}

/** What an operator does, one after the other. */
export type Deed = 'truncate' | 'restore' | 'purge' | 'sweep';

export async function operate(stage: Stage, stepper: Stepper, deeds: readonly Deed[]): Promise<void> {
  const { window, truncationId } = stage;
  const range = { tables: [window.table], from: window.from, to: window.to };
  await withServer(stage, stepper, async (server) => {
    const truncations = createTruncations(server);
    for (const deed of deeds) {
      if (deed === 'truncate') await truncations.truncate({ ...range, truncationId }, SIGNAL);
      else if (deed === 'restore') await truncations.restore(truncationId, SIGNAL);
      else if (deed === 'purge') await truncations.purge(truncationId, SIGNAL);
      else await createSweeper(server).sweep(window.table, SETTLED_AT_ONCE, SIGNAL);
    }
  });
}

async function withServer<T>(
  { clickhouse }: Stage,
  stepper: Stepper,
  work: (server: ClickHouseServer) => Promise<T>,
): Promise<T> {
  const server = new SteppedServer(clickhouse, stepper);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}
