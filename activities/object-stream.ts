/** Turns objects into one stream of framed lines for one INSERT, a few objects opened ahead. */
import type { Table } from '../domain/catalogue.ts';
import { NeedsExactPathError, NeedsLiftedPathError, ObjectRejectedError } from '../domain/errors.ts';
import { exactLines, newExactTally } from '../domain/exact-object.ts';
import type { FeedObject } from '../domain/feed-object.ts';
import { beginsWithDrift, fastLines, FramedOutput, liftedLines, newLineTally } from '../domain/line-framer.ts';
import { LINE_LIMIT_BYTES } from '../domain/lines.ts';
import type { LoadId } from '../domain/load-id.ts';
import type { LinePath } from '../domain/loading.ts';
import type { ArchiveReader, Entry, EntryFacts, ObjectStore, Warehouse } from './ports.ts';

/** Objects up to this size are read whole when opened, so that many can be opened ahead. */
const SMALL_OBJECT_BYTES = 8 * 2 ** 20;
/** Objects opened ahead of the one being sent: hides S3's latency; at most this many small objects are in memory. */
const OPEN_AHEAD = 8;

/** An object on its way into an INSERT. */
export interface ObjectInStream {
  readonly index: number;
  readonly loadId: LoadId;
  readonly object: FeedObject;
  readonly path: LinePath;
  readonly entryName: string;
}

/** What became of one object of the stream. */
export type StreamResult =
  | {
      readonly kind: 'sent';
      readonly lines: number;
      readonly quarantined: number;
      readonly drift: Readonly<Record<string, number>>;
      readonly facts: EntryFacts;
    }
  | { readonly kind: 'rejected'; readonly error: ObjectRejectedError }
  | { readonly kind: 'doubtful' }
  /** It has undeclared fields, or comes behind one that has: nothing of it was sent. */
  | { readonly kind: 'drifting' };

/** What streaming needs. */
export interface StreamPorts {
  readonly store: ObjectStore;
  readonly archives: ArchiveReader;
  readonly warehouse: Warehouse;
  readonly table: Table;
  readonly signal: AbortSignal;
  readonly progress: { objectsDone: number; lines: number; entryBytes: number };
}

/**
 * Streams the lines of all objects in order and adds one result per object to `results`.
 * An object that turns out broken or doubtful ends early, the stream goes on: its load id is dead by then.
 * At one that begins with undeclared fields the stream ends: those behind it most likely have them too.
 * Any other error (S3 gone, object changed) ends the stream and so the INSERT.
 */
export async function* streamObjects(
  ports: StreamPorts,
  objects: readonly ObjectInStream[],
  results: StreamResult[],
): AsyncGenerator<Buffer, void, undefined> {
  const opened = openAhead(ports, objects);
  const output = new FramedOutput();
  for (const object of objects) {
    try {
      const entry = await opened.take();
      results.push(yield* streamObject(ports, object, entry, output));
      ports.progress.objectsDone += 1;
    } catch (error) {
      if (error instanceof ObjectRejectedError) results.push({ kind: 'rejected', error });
      else if (error instanceof NeedsExactPathError) results.push({ kind: 'doubtful' });
      else if (error instanceof NeedsLiftedPathError) break;
      else throw error;
    }
  }
  while (results.length < objects.length) results.push({ kind: 'drifting' });
}

async function* streamObject(
  ports: StreamPorts,
  { index, loadId, object, path }: ObjectInStream,
  entry: Entry,
  output: FramedOutput,
): AsyncGenerator<Buffer, StreamResult & { kind: 'sent' }, undefined> {
  const bytes = entry.read(ports.signal);
  if (path !== 'exact') {
    const tally = newLineTally();
    const framed =
      path === 'fast'
        ? fastLines(refusingDrift(bytes, ports.table), index, tally, LINE_LIMIT_BYTES, output)
        : liftedLines(bytes, index, ports.table, tally, LINE_LIMIT_BYTES, output);
    yield* counted(ports, framed, tally);
    return { kind: 'sent', lines: tally.lines, quarantined: 0, drift: tally.drift, facts: entry.facts() };
  }
  const tally = newExactTally();
  const lines = exactLines(bytes, index, ports.table, tally, (quarantined) =>
    ports.warehouse.insertQuarantine(object, loadId, quarantined, ports.signal),
  );
  yield* counted(ports, lines, tally);
  const { lines: lineCount, quarantined, drift } = tally;
  return { kind: 'sent', lines: lineCount, quarantined, drift, facts: entry.facts() };
}

/** Looks at the first line only: a field that comes later is refused by ClickHouse. */
async function* refusingDrift(bytes: AsyncIterable<Buffer>, table: Table): AsyncGenerator<Buffer, void, undefined> {
  let isFirst = true;
  for await (const chunk of bytes) {
    if (isFirst && beginsWithDrift(chunk, table)) {
      throw new NeedsLiftedPathError('Cannot send the lines as they are: the first has a field that nobody declared');
    }
    isFirst = false;
    yield chunk;
  }
}

async function* counted(
  { progress, signal }: StreamPorts,
  buffers: AsyncIterable<Buffer>,
  tally: { lines: number },
): AsyncGenerator<Buffer, void, undefined> {
  const linesBefore = progress.lines;
  for await (const buffer of buffers) {
    signal.throwIfAborted();
    progress.entryBytes += buffer.length;
    progress.lines = linesBefore + tally.lines;
    yield buffer;
  }
  progress.lines = linesBefore + tally.lines;
}

/** Opens objects in order, a bounded number ahead of the one taken. */
function openAhead(ports: StreamPorts, objects: readonly ObjectInStream[]): { take(): Promise<Entry> } {
  const waiting: Promise<Entry>[] = [];
  let next = 0;
  const fill = (): void => {
    for (; next < objects.length && waiting.length < OPEN_AHEAD; next += 1) {
      const { object, entryName } = objects[next] as ObjectInStream;
      if (object.sizeBytes > SMALL_OBJECT_BYTES && waiting.length > 0) return; // large ones are streamed, one at a time
      const entry = ports.archives.open(ports.store.source(object), object.format, entryName, ports.signal);
      entry.catch(() => undefined); // reported when it is taken; without this a failure ahead would be unhandled
      waiting.push(entry);
    }
  };
  return {
    take: async () => {
      fill();
      const entry = waiting.shift();
      if (entry === undefined) throw new RangeError('Cannot take more objects than there are');
      const opened = await entry;
      fill();
      return opened;
    },
  };
}
