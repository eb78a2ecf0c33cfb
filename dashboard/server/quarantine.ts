/** Quarantined lines: raw text of the feed, so only for those whose own name and password may read it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { InputError } from '../../domain/errors.ts';
import { parseHour } from '../../domain/hour.ts';
import type { QuarantineReader } from '../quarantine-reader.ts';
import { readJsonBody, sendFailure } from './answer.ts';
import { failureOf } from './failure.ts';
import { send } from './respond.ts';

const BODY_BYTES_MOST = 4096;
const LINES_MOST = 200;
const BODY = z.strictObject({ hour: z.string(), user: z.string().min(1).max(200), password: z.string().max(1000) });

/** Answers POST /api/quarantine from our own page only. */
export async function answerQuarantine(
  request: IncomingMessage,
  response: ServerResponse,
  reader: QuarantineReader,
): Promise<void> {
  const { 'sec-fetch-site': site, 'content-type': type } = request.headers;
  if (request.method !== 'POST' || type !== 'application/json' || (site !== undefined && site !== 'same-origin')) {
    sendFailure(response, 403, { kind: 'input', message: 'Cannot take this request: expected one of the page itself' });
    return;
  }
  try {
    const body = BODY.safeParse(await readJsonBody(request, BODY_BYTES_MOST));
    // not zod's own words: they may quote what was sent
    if (!body.success) throw new InputError('Cannot read the request: expected hour, user and password');
    const { hour, user, password } = body.data;
    const signal = AbortSignal.timeout(30_000);
    const lines = await reader.lines(parseHour(hour), { user, password }, LINES_MOST, signal);
    send(response, 200, 'application/json; charset=utf-8', JSON.stringify({ data: lines }));
  } catch (error) {
    const { status, ...failure } = failureOf(error);
    sendFailure(response, status, failure);
  }
}
