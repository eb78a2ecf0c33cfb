/** One ClickHouse server, through @clickhouse/client: statements in, rows or errors of ours out. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text as streamText } from 'node:stream/consumers';
import {
  ClickHouseLogLevel,
  createClient,
  isException,
  isProgressRow,
  isRow,
  parseError,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { ConfigError, OutcomeUnknownError } from '../../domain/errors.ts';
import { classify, isStaleConnection, type Operation } from './classify.ts';
import { quoteIdentifier } from './sql.ts';
import { DDL_SETTINGS, INSERT_SETTINGS, READ_SETTINGS, STATEMENT_TIMEOUT_MS } from './settings.ts';
import { requireAllRows } from './whole-answer.ts';

/** Where ClickHouse is and who we are there. */
export interface ClickHouseConfig {
  /** Base URL of the HTTP interface, without credentials. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Connections at most; each INSERT that is under way holds one. Default 10. */
  readonly maxOpenConnections?: number;
  /** No byte in either direction for so long: the connection counts as dead. Default 300,000: a slow commit behind the last byte is silent. */
  readonly idleTimeoutMs?: number;
}

/** Values of `{name:Type}` in the statement. BigInt for UInt64: text would be quoted inside arrays. */
export type Parameters = Readonly<Record<string, unknown>>;

/** What a statement needs beside its text. */
export interface Statement {
  readonly sql: string;
  /** What is done, for error messages: "read the ledger". */
  readonly doing: string;
  readonly parameters?: Parameters;
  readonly signal?: AbortSignal | undefined;
  /** Total time of the statement; Infinity leaves the end to the signal. Default {@link STATEMENT_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  readonly settings?: ClickHouseSettings;
  /**
   * Whether a SELECT whose caller gave up, or whose time is over, is stopped in the server too. A closed connection alone does
   * not do that: the server goes on computing.
   */
  readonly killWhenAborted?: boolean;
}

// OSS servers close idle connections after 10 to 30 s, Cloud after 3 s: ours are gone before.
const IDLE_SOCKET_MS = 2_500;
const DEFAULT_IDLE_TIMEOUT_MS = 300_000;
const DEFAULT_CONNECTIONS = 10;
/** Row inserts hand over their body in buffers of this size at least. */
const BODY_BUFFER_BYTES = 512 * 1024;

const KILL_TIMEOUT_MS = 10_000;

/** What every SELECT is sent with. */
interface SelectOptions {
  readonly query: string;
  readonly query_id: string;
  readonly query_params: Record<string, unknown>;
  readonly abort_signal: AbortSignal;
}

/** A connected server and one database of it. Close it at the end. */
export class ClickHouseServer {
  readonly database: string;
  readonly #client: ClickHouseClient;

  constructor(config: ClickHouseConfig) {
    checkUrl(config.url);
    quoteIdentifier(config.database);
    this.database = config.database;
    this.#client = createClient({
      url: config.url,
      username: config.user,
      password: config.password,
      // Named in statements, not here: a database that does not exist yet must not fail the statement that creates it.
      application: 'clickfeed',
      request_timeout: config.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
      max_open_connections: config.maxOpenConnections ?? DEFAULT_CONNECTIONS,
      keep_alive: { enabled: true, idle_socket_ttl: IDLE_SOCKET_MS, eagerly_destroy_stale_sockets: true },
      compression: { request: false, response: false },
      use_multipart_params_auto: true,
      // The client logs failed statements with their parameters; what we have to say is in our errors.
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  /** The quoted name of a table or view of our database. */
  name(table: string): string {
    return `${quoteIdentifier(this.database)}.${quoteIdentifier(table)}`;
  }

  /** Runs a SELECT and returns its rows, 64-bit numbers as text. Tried once more when an idle connection turned out closed. */
  async query<Row>(statement: Statement): Promise<Row[]> {
    try {
      return await this.#query<Row>(statement);
    } catch (error) {
      if (!isStaleConnection(error)) throw this.#failure(error, 'read', statement);
    }
    try {
      return await this.#query<Row>(statement);
    } catch (error) {
      throw this.#failure(error, 'read', statement);
    }
  }

  async #query<Row>(statement: Statement): Promise<Row[]> {
    return this.#killable(statement, async (options) => {
      const result = await this.#client.query({
        ...options,
        format: 'JSONEachRow',
        clickhouse_settings: { ...READ_SETTINGS, ...statement.settings },
      });
      const rows = await result.json<Row>();
      requireAllRows(rows.length, result.response_headers, statement.doing);
      return rows;
    });
  }

  /** Runs a SELECT; when it is given up, tells the server so. */
  async #killable<T>(statement: Statement, work: (options: SelectOptions) => Promise<T>): Promise<T> {
    const signal = limitedSignal(statement);
    const queryId = randomUUID();
    try {
      return await work({
        query: statement.sql,
        query_id: queryId,
        query_params: { ...statement.parameters },
        abort_signal: signal,
      });
    } catch (error) {
      if (statement.killWhenAborted === true && signal.aborted) void this.#kill(queryId);
      throw error;
    }
  }

  /** Everyone may kill queries of their own. */
  async #kill(queryId: string): Promise<void> {
    try {
      const sql = 'KILL QUERY WHERE query_id = {id:String} ASYNC';
      await this.#query({ sql, doing: 'stop a query', parameters: { id: queryId }, timeoutMs: KILL_TIMEOUT_MS });
    } catch {
      // It ends by its own limit then.
    }
  }

  /** As {@link query}, telling how far the server has come. Not tried again: whoever watches asks again. */
  async watch<Row>(statement: Statement, onProgress: (readRows: number, totalRows: number) => void): Promise<Row[]> {
    try {
      return await this.#killable(statement, async (options) => {
        const result = await this.#client.query({
          ...options,
          format: 'JSONEachRowWithProgress',
          // Not held back until the end, or there would be no progress to tell; errors come as rows of their own.
          clickhouse_settings: { ...READ_SETTINGS, ...statement.settings, wait_end_of_query: 0 },
        });
        return await readWatched<Row>(result.stream<Row>(), onProgress);
      });
    } catch (error) {
      throw this.#failure(error, 'read', statement);
    }
  }

  /**
   * Runs `INSERT ... FORMAT JSONEachRow` with the lines as its body, streamed.
   * What the lines throw is thrown on as it is.
   */
  async insert(
    statement: Statement,
    operation: 'insert-rows' | 'insert-facts',
    lines: AsyncIterable<Buffer> | Iterable<Buffer>,
  ): Promise<void> {
    const source = new WatchedSource(lines);
    const body = Readable.from(source, { objectMode: false, highWaterMark: BODY_BUFFER_BYTES });
    body.on('error', () => undefined); // reported through the client's promise
    try {
      await this.#exec(statement, { ...INSERT_SETTINGS, ...statement.settings }, body);
    } catch (error) {
      if (source.failed) throw source.failure;
      throw this.#failure(error, operation, statement);
    } finally {
      body.destroy();
    }
  }

  /** Runs DDL or GRANT. */
  async command(statement: Statement): Promise<void> {
    try {
      await this.#exec(statement, { ...DDL_SETTINGS, ...statement.settings });
    } catch (error) {
      throw this.#failure(error, 'ddl', statement);
    }
  }

  /** Runs a statement that takes no FORMAT, such as CHECK GRANT, and returns its answer as text. */
  async text(statement: Statement): Promise<string> {
    try {
      const { stream } = await this.#client.exec({
        query: statement.sql,
        clickhouse_settings: { ...READ_SETTINGS, ...statement.settings },
        abort_signal: limitedSignal(statement),
      });
      return await streamText(stream);
    } catch (error) {
      throw this.#failure(error, 'read', statement);
    }
  }

  async #exec(statement: Statement, settings: ClickHouseSettings, values?: Readable): Promise<void> {
    const signal = limitedSignal(statement);
    const { stream } = await this.#client.exec({
      query: statement.sql,
      query_params: { ...statement.parameters },
      clickhouse_settings: settings,
      abort_signal: signal,
      ...(values === undefined ? {} : { values }),
    });
    await requireEmpty(stream, statement.doing);
  }

  /** The caller's own abort is passed on as its reason; everything else becomes an error of ours. */
  #failure(error: unknown, operation: Operation, statement: Statement): unknown {
    if (statement.signal?.aborted === true) return statement.signal.reason;
    return classify(error, operation, statement.doing);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

async function readWatched<Row>(
  stream: AsyncIterable<readonly { json: () => unknown }[]>,
  onProgress: (readRows: number, totalRows: number) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of stream) {
    for (const line of batch) {
      const content = line.json();
      if (isRow<Row>(content)) rows.push(content.row);
      else if (isException(content)) throw parseError(content.exception);
      else if (isProgressRow(content)) {
        const { read_rows, total_rows_to_read = '0' } = content.progress;
        onProgress(Number(read_rows), Number(total_rows_to_read));
      }
    }
  }
  return rows;
}

/** The caller's signal and the statement's own limit in one. The client does not look at a signal that is aborted already. */
function limitedSignal({ signal, timeoutMs = STATEMENT_TIMEOUT_MS }: Statement): AbortSignal {
  signal?.throwIfAborted();
  const signals = signal === undefined ? [] : [signal];
  return AbortSignal.any(timeoutMs === Infinity ? signals : [...signals, AbortSignal.timeout(timeoutMs)]);
}

/** A 200 whose body holds an exception is not noticed by the client: an INSERT's answer must be empty. */
async function requireEmpty(stream: Readable, doing: string): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) sizeBytes += chunk.length;
  if (sizeBytes > 0) {
    throw new OutcomeUnknownError(
      `Cannot tell whether it was done to ${doing}: ClickHouse answered 200 with ${sizeBytes} bytes, expected none`,
    );
  }
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ConfigError(['Cannot use the URL of ClickHouse: expected http://host:port or https://host:port']);
  }
  const parsed = new URL(url);
  if (parsed.username !== '' || parsed.password !== '') {
    throw new ConfigError([
      'Cannot use the URL of ClickHouse: found credentials in it, expected them in their own keys',
    ]);
  }
}

/**
 * Reads the lines and remembers what they threw, so that it can be told from a failure of ClickHouse. Not a generator: a stream
 * that breaks throws its own error into a generator, and that would look like one of the lines.
 */
class WatchedSource implements AsyncIterable<Buffer>, AsyncIterator<Buffer, void> {
  failed = false;
  failure: unknown;
  readonly #iterator: AsyncIterator<Buffer> | Iterator<Buffer>;

  constructor(lines: AsyncIterable<Buffer> | Iterable<Buffer>) {
    this.#iterator = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, void>> {
    try {
      return await this.#iterator.next();
    } catch (error) {
      this.failed = true;
      this.failure = error;
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Buffer, void>> {
    await this.#iterator.return?.();
    return { done: true, value: undefined };
  }
}
