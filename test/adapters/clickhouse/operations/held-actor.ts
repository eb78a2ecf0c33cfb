/** One who works on the ledger and is held where a test wants it: before a statement, or in the server between its reading and writing. */
import { ClickHouseServer, type ClickHouseConfig } from '../../../../adapters/clickhouse/index.ts';
import type { Statement } from '../../../../adapters/clickhouse/server.ts';
import { cleanUpLater } from '../../../support/cleanup.ts';
import { createGate, type Gate } from './gate.ts';

/** Goes as far as it is told to. Statements count from 0. */
export class HeldActor<T> {
  readonly #ended: Promise<PromiseSettledResult<T>>;
  #sent = 0;
  #holdBefore = 0;
  #isHeld = false;
  #gate: Gate | undefined;
  #release: () => void = () => undefined;
  #onHeld: () => void = () => undefined;

  /** Begins, and is held before its first statement. */
  constructor(config: ClickHouseConfig, work: (server: ClickHouseServer) => Promise<T>) {
    const server = new HookedServer(config, (statement) => this.#ask(statement));
    cleanUpLater(() => server.close());
    this.#ended = Promise.allSettled([work(server)]).then(([result]) => result);
  }

  /** Goes on until it is about to send statement `number`, or has ended. */
  async until(number: number): Promise<void> {
    this.#holdBefore = number;
    if (this.#isHeld && this.#sent >= number) return;
    const held = new Promise<void>((resolve) => (this.#onHeld = resolve));
    this.#release();
    await Promise.race([held, this.#ended]);
  }

  /** Goes into statement `number`, an INSERT, until the server has read what it asks for and is about to write. */
  async into(number: number): Promise<void> {
    await this.until(number);
    this.#gate = await createGate();
    this.#holdBefore = number + 1;
    this.#release();
    const has = await Promise.race([this.#gate.reached.then(() => 'reached'), this.#ended.then(() => 'ended')]);
    if (has === 'ended') throw new Error(`Cannot hold statement ${number}: all had ended before it`);
  }

  /** Ends the INSERT that it is in. */
  async land(): Promise<void> {
    this.#gate?.open();
    this.#gate = undefined;
    await this.until(this.#holdBefore);
  }

  /** Goes on to the end. */
  async end(): Promise<PromiseSettledResult<T>> {
    await this.until(Infinity);
    return this.#ended;
  }

  async #ask(statement: Statement): Promise<Statement> {
    while (this.#sent >= this.#holdBefore) {
      const released = new Promise<void>((resolve) => (this.#release = resolve));
      this.#isHeld = true;
      this.#onHeld();
      await released;
    }
    this.#isHeld = false;
    this.#sent += 1;
    return this.#gate === undefined ? statement : { ...statement, sql: this.#gate.through(statement.sql) };
  }
}

/** Asks before each statement, and sends what it is told. */
class HookedServer extends ClickHouseServer {
  readonly #ask: (statement: Statement) => Promise<Statement>;

  constructor(config: ClickHouseConfig, ask: (statement: Statement) => Promise<Statement>) {
    super(config);
    this.#ask = ask;
  }

  override async query<Row>(statement: Statement): Promise<Row[]> {
    return super.query<Row>(await this.#ask(statement));
  }

  override async insert(statement: Statement, ...rest: RestOfInsert): Promise<void> {
    await super.insert(await this.#ask(statement), ...rest);
  }
}

type RestOfInsert = Parameters<ClickHouseServer['insert']> extends [unknown, ...infer Rest] ? Rest : never;
