/** Temporal's log lines, as they reach ours. */
import { describe, expect, it } from 'vitest';
import { temporalLogger, type Level, type LineLogger } from '../../../adapters/temporal/logger.ts';

describe('temporalLogger()', () => {
  const listen = (): { readonly lines: unknown[]; readonly logger: ReturnType<typeof temporalLogger> } => {
    const lines: unknown[] = [];
    const write =
      (level: Level) =>
      (fields: object, message: string): void => {
        lines.push([level, fields, message]);
      };
    const ours: LineLogger = {
      trace: write('trace'),
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    return { lines, logger: temporalLogger(ours) };
  };

  it('passes levels on, and of the metadata what says something', () => {
    const { lines, logger } = listen();
    logger.warn('Activity failed', { workflowId: 'load/1', taskToken: 'x', error: 'broken' });
    logger.log('INFO', 'Worker runs');
    expect(lines).toEqual([
      ['warn', { workflowId: 'load/1', err: 'broken' }, 'Activity failed'],
      ['info', {}, 'Worker runs'],
    ]);
  });

  it('warns of no query whose asker gave up', () => {
    const { lines, logger } = listen();
    const message = 'Query not found when attempting to respond to it';
    logger.log('WARN', message, { workflowId: 'load/1' });
    logger.warn(message);
    expect(lines).toEqual([
      ['debug', { workflowId: 'load/1' }, message],
      ['debug', {}, message],
    ]);
  });
});
