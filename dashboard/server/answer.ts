/** Answers one question of the page: as lines with progress, as CSV, or as a JSON file. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReadOptions } from '../reader.ts';
import type { AnswerLine, Failure } from '../wire.ts';
import { failureOf } from './failure.ts';
import { writeCsv, type CsvTable } from './csv.ts';
import { send } from './respond.ts';

/** Progress is sent no more often than this. */
const PROGRESS_EVERY_MS = 100;

/** A question with its parameters read: calls the reader. */
export type Question = (options: ReadOptions) => Promise<unknown>;

/** Hears of errors that are defects of ours. */
export type OnDefect = (error: unknown) => void;

/**
 * Answers with one JSON line for the data, after any number of progress lines. The status tells of a failure as long
 * as no line was sent; then the last line does. The query is cancelled when the browser goes away.
 */
export async function answerLines(question: Question, response: ServerResponse, onDefect: OnDefect): Promise<void> {
  let lastMs = performance.now();
  const write = (line: AnswerLine<unknown>): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
    response.write(`${JSON.stringify(line)}\n`);
  };
  try {
    const data = await question({
      signal: goneSignal(response),
      onProgress(progress) {
        if (performance.now() - lastMs < PROGRESS_EVERY_MS) return;
        lastMs = performance.now();
        write({ progress });
      },
    });
    write({ data });
    response.end();
  } catch (error) {
    if (response.destroyed) return;
    const { status, ...failure } = report(error, onDefect);
    if (response.headersSent) response.end(`${JSON.stringify({ error: failure } satisfies AnswerLine<never>)}\n`);
    else sendFailure(response, status, failure);
  }
}

/** Answers with a file to be saved. */
export async function answerFile(
  question: Question,
  file: { readonly name: string; readonly render: (data: unknown) => string; readonly type: string },
  response: ServerResponse,
  onDefect: OnDefect,
): Promise<void> {
  try {
    const body = file.render(await question({ signal: goneSignal(response) }));
    send(response, 200, file.type, body, { 'content-disposition': `attachment; filename="${file.name}"` });
  } catch (error) {
    if (response.destroyed) return;
    const { status, ...failure } = report(error, onDefect);
    sendFailure(response, status, failure);
  }
}

/** Renders a panel's table. */
export function csvFile(name: string, csv: (data: unknown) => CsvTable): Parameters<typeof answerFile>[1] {
  return { name: `${name}.csv`, type: 'text/csv; charset=utf-8', render: (data) => writeCsv(csv(data)) };
}

/** Sends a failure as JSON. */
export function sendFailure(response: ServerResponse, status: number, error: Failure): void {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify({ error })}\n`);
}

/**
 * Reads a small JSON body.
 * @returns undefined when it is longer than `sizeBytesMost` or not JSON
 */
export async function readJsonBody(request: IncomingMessage, sizeBytesMost: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeBytesMost) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Aborts when the connection closes before the answer is complete. */
function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function report(error: unknown, onDefect: OnDefect): ReturnType<typeof failureOf> {
  const failure = failureOf(error);
  if (failure.kind === 'unexpected') onDefect(error);
  return failure;
}
