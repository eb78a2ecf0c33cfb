import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blotter, createLogger } from '../../../adapters/telemetry/index.ts';
import { createTempDir } from '../../support/own-servers.ts';

describe('createLogger()', () => {
  test('createLogger() writes one JSON object per line, with level, time and fields', async () => {
    const file = path.join(await createTempDir(), 'logs', 'worker.log');
    const logger = createLogger({ level: 'info', secrets: [], file });
    logger.info({ workflowId: 'load/2024-05-01T13' }, 'Load committed');
    logger.debug('not this');
    logger.error({ err: new Error('first line\nsecond line') }, 'Failed');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      workflowId: 'load/2024-05-01T13',
      msg: 'Load committed',
    });
    expect(JSON.parse(lines[1]!)).toMatchObject({ level: 'error', err: { message: 'first line\nsecond line' } });
  });

  test('createLogger() blots out secrets, wherever they stand', async () => {
    const file = path.join(await createTempDir(), 'worker.log');
    const secret = 'p"ss\\w/rd+1';
    const logger = createLogger({ level: 'info', secrets: [secret], file });
    logger.error({ err: new Error(`found ${secret}`), url: `http://u:${encodeURIComponent(secret)}@h` }, secret);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('ss\\\\w/rd');
    expect(text).not.toContain(encodeURIComponent(secret));
    expect(JSON.parse(text)).toMatchObject({ msg: '[secret]', url: 'http://u:[secret]@h' });
  });

  test('createLogger() shows control characters and what turns the writing round instead of writing them, and says the same', async () => {
    const file = path.join(await createTempDir(), 'worker.log');
    const text = 'key\u001b[2J\u009b31m\u007f\u202eend\n';
    createLogger({ level: 'info', secrets: [], file }).info({ key: text }, text);
    const line = readFileSync(file, 'utf8').trimEnd();
    expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    expect(JSON.parse(line)).toMatchObject({ key: text, msg: text });
  });
});

describe('blotter()', () => {
  test('blotter() leaves no secret of any length from four on, and everything else as it is', () => {
    const secrets = fc.array(fc.string({ minLength: 4, unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(secrets, fc.array(fc.string({ unit: 'grapheme-ascii' })), (hidden, parts) => {
        const blot = blotter(hidden);
        const open = parts.join(' ');
        fc.pre(!hidden.some((secret) => '[secret]'.includes(secret) || secret.includes('[secret]')));
        const blotted = blot(`${open}${hidden.join(' ')}`);
        for (const secret of hidden) expect(blotted.replaceAll('[secret]', '\0')).not.toContain(secret);
        if (!hidden.some((secret) => blot(open) !== open || open.includes(secret))) expect(blot(open)).toBe(open);
      }),
    );
  });

  test('blotter() does not shred text for an empty or tiny secret', () => {
    expect(blotter(['', 'a', 'abc'])('a cab, abc')).toBe('a cab, abc');
  });
});
