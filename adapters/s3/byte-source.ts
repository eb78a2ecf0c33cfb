/** The bytes of one version of one object, by pinned reads that survive broken connections. */
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { ByteSource } from '../../activities/ports.ts';
import { ObjectChangedError, UnavailableError } from '../../domain/errors.ts';
import type { ListedObject } from '../../domain/feed-object.ts';
import { readBody } from './body.ts';
import type { S3Limits } from './client.ts';
import { toDomainError } from './errors.ts';
import { sendPromptly } from './send.ts';

/** What a source needs beside the object. */
export interface SourceDeps {
  readonly client: S3Client;
  readonly bucket: string;
  readonly limits: S3Limits;
  /** From 0 to 1, spreads the pauses of many readers. */
  readonly random: () => number;
}

/** The bytes [begin, end) of the object. */
interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Builds the source of a listed object; nothing is read yet. */
export function createByteSource(object: ListedObject, deps: SourceDeps): ByteSource {
  return new S3ByteSource(object, deps);
}

class S3ByteSource implements ByteSource {
  readonly key: string;
  readonly sizeBytes: number;
  readonly #object: ListedObject;
  readonly #deps: SourceDeps;
  readonly #action: string;

  constructor(object: ListedObject, deps: SourceDeps) {
    this.key = object.key;
    this.sizeBytes = object.sizeBytes;
    this.#object = object;
    this.#deps = deps;
    this.#action = `read ${JSON.stringify(object.key)}`;
  }

  async *read(startByte: number, endByte: number, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    if (startByte < 0 || endByte > this.sizeBytes || startByte > endByte) {
      throw new RangeError(`Cannot ${this.#action}: bytes ${startByte} to ${endByte} are not in its ${this.sizeBytes}`);
    }
    const ranges = this.#cut(startByte, endByte);
    let ahead: Promise<Readable> | undefined;
    try {
      for (const [i, range] of ranges.entries()) {
        const opened = ahead ?? this.#open(range, signal);
        ahead = undefined;
        const next = ranges[i + 1];
        const body = await opened;
        if (next) ahead = this.#openAhead(next, signal);
        yield* this.#readRange(range, body, signal);
      }
    } finally {
      // A body that nobody reads would keep its socket.
      ahead?.then((body) => body.destroy(), ignore);
    }
  }

  #cut(begin: number, end: number): Range[] {
    const { wholeBytes, rangeBytes } = this.#deps.limits;
    if (begin === end) return [];
    const isWhole = begin === 0 && end === this.sizeBytes && end <= wholeBytes;
    const stepBytes = isWhole ? end : rangeBytes;
    const ranges: Range[] = [];
    for (let at = begin; at < end; at += stepBytes) ranges.push({ begin: at, end: Math.min(end, at + stepBytes) });
    return ranges;
  }

  /** Reads one range to its end, resumed where a body breaks. */
  async *#readRange(range: Range, first: Readable, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const { idleTimeoutMs, resumes, progressBytes } = this.#deps.limits;
    let begin = range.begin;
    let countedFrom = begin;
    let failures = 0;
    for (let body: Readable | undefined = first; begin < range.end; body = undefined) {
      body ??= await this.#open({ begin, end: range.end }, signal);
      try {
        for await (const chunk of readBody(body, range.end - begin, idleTimeoutMs, signal)) {
          begin += chunk.length;
          yield chunk;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (begin - countedFrom >= progressBytes) failures = 0;
        countedFrom = failures === 0 ? begin : countedFrom;
        failures += 1;
        if (failures > resumes) throw this.#gaveUp(error, failures);
        await this.#pause(failures, signal);
      }
    }
  }

  #gaveUp(error: unknown, failures: number): Error {
    const last = toDomainError(error, this.#action);
    return last instanceof UnavailableError
      ? new UnavailableError(`Cannot ${this.#action}: its body broke ${failures} times, the last time: ${last.message}`)
      : last;
  }

  async #pause(failures: number, signal: AbortSignal): Promise<void> {
    const { pauseMs, maxPauseMs } = this.#deps.limits;
    const spreadMs = Math.min(maxPauseMs, pauseMs * 2 ** (failures - 1)) * (0.5 + this.#deps.random() / 2);
    await sleep(spreadMs, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
  }

  #openAhead(range: Range, signal: AbortSignal): Promise<Readable> {
    const ahead = this.#open(range, signal);
    ahead.catch(ignore); // reported when its turn comes
    return ahead;
  }

  /** Sends the GET and checks its head. */
  async #open(range: Range, signal: AbortSignal): Promise<Readable> {
    const { client, bucket } = this.#deps;
    const isWhole = range.begin === 0 && range.end === this.sizeBytes;
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: this.key,
      IfMatch: this.#object.etag,
      ...(isWhole ? {} : { Range: `bytes=${range.begin}-${range.end - 1}` }),
    });
    const answer = await sendPromptly(signal, () => client.send(command)).catch((error: unknown) => {
      signal.throwIfAborted();
      throw toDomainError(error, this.#action, this.key);
    });
    const body = answer.Body as Readable;
    body.on('error', ignore); // while it waits for its turn; whoever reads it gets the error as well
    try {
      this.#checkHead(answer, range, isWhole);
    } catch (error) {
      body.destroy();
      throw error;
    }
    return body;
  }

  #checkHead(answer: GetObjectCommandOutput, { begin, end }: Range, isWhole: boolean): void {
    const { etag } = this.#object;
    // A page of a proxy has no ETag; without it nothing says that these are bytes of the object at all.
    if (answer.ETag === undefined) throw this.#notAsAsked(`ETag ${etag}`, 'none');
    if (answer.ETag !== etag) {
      const message = `Cannot ${this.#action} as it was replaced since the listing: expected ETag ${etag}, found ${answer.ETag}`;
      throw new ObjectChangedError(this.key, message);
    }
    const status = answer.$metadata.httpStatusCode;
    const expectedRange = `bytes ${begin}-${end - 1}/${this.sizeBytes}`;
    if (isWhole ? status !== 200 : status !== 206 || answer.ContentRange !== expectedRange) {
      const expected = isWhole ? '200' : `206 ${expectedRange}`;
      throw this.#notAsAsked(expected, `${status} ${answer.ContentRange ?? 'without Content-Range'}`);
    }
    if (answer.ContentLength !== undefined && answer.ContentLength !== end - begin) {
      throw this.#notAsAsked(`${end - begin} bytes`, `${answer.ContentLength} announced`);
    }
  }

  #notAsAsked(expected: string, found: string): UnavailableError {
    const message = `Cannot ${this.#action} as the store does not answer as asked: expected ${expected}, found ${found}`;
    return new UnavailableError(message);
  }
}

function ignore(): void {
  // Nothing to do: the error is reported elsewhere.
}
