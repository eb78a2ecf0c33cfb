import { describe, expect, it } from 'vitest';
import type { FeedObject } from '../../domain/feed-object.ts';
import { parseHour } from '../../domain/hour.ts';
import { asLoadId } from '../../domain/load-id.ts';
import { LOAD_MODES } from '../../domain/loading.ts';
import { planHour, type HourState, type StandingLoad } from '../../domain/plan.ts';

const HOUR = parseHour('2024-05-01T13');

function object(etag: string, modifiedMs: number, key = 'browser_events.jsonl.zip'): FeedObject {
  return { key, etag, modifiedMs, sizeBytes: 10, table: 'browser_events', hour: HOUR, format: 'zip' };
}

function load(id: string, etag: string, modifiedMs: number): StandingLoad {
  return { loadId: asLoadId(id), object: object(etag, modifiedMs) };
}

function state(parts: Partial<HourState>): HourState {
  return { hour: HOUR, standing: parts.current ? [parts.current] : [], rejected: [], cleared: false, ...parts };
}

const FILL = { mode: 'missing', fillCleared: true } as const;
const CHANGED = { mode: 'changed', fillCleared: false } as const;

describe('planHour()', () => {
  it('loads an object that the ledger knows nothing of, in every mode', () => {
    for (const mode of LOAD_MODES) {
      expect(planHour(HOUR, [object('a', 1)], undefined, { mode, fillCleared: false })).toMatchObject({
        action: 'load',
        withdraw: [],
      });
    }
  });

  it('calls an hour without object absent, and unchanged when its rows are loaded', () => {
    expect(planHour(HOUR, [], undefined, FILL)).toMatchObject({ outcome: 'absent' });
    expect(planHour(HOUR, [], state({ current: load('1', 'a', 1) }), CHANGED)).toMatchObject({ outcome: 'unchanged' });
  });

  it('loads neither of two objects and names both', () => {
    const decision = planHour(HOUR, [object('a', 1), object('b', 1, 'browser_events.jsonl.gz')], undefined, FILL);
    expect(decision).toMatchObject({ action: 'skip', outcome: 'ambiguous' });
    expect(decision).toHaveProperty('detail', expect.stringMatching(/zip.*gz/));
  });

  it('leaves a loaded hour in mode missing even when its object changed', () => {
    const loaded = state({ current: load('1', 'a', 1) });
    expect(planHour(HOUR, [object('b', 2)], loaded, FILL)).toMatchObject({ outcome: 'unchanged' });
  });

  it('loads a changed object in mode changed, the same one only in mode all', () => {
    const loaded = state({ current: load('1', 'a', 1) });
    expect(planHour(HOUR, [object('b', 2)], loaded, CHANGED)).toMatchObject({ action: 'load', withdraw: [] });
    expect(planHour(HOUR, [object('a', 1)], loaded, CHANGED)).toMatchObject({ outcome: 'unchanged' });
    expect(planHour(HOUR, [object('a', 1)], loaded, { mode: 'all', fillCleared: false }).action).toBe('load');
  });

  it('withdraws every standing load above an earlier version that came back', () => {
    const current = load('30', 'c', 3);
    const standing = [load('10', 'a', 1), load('20', 'b', 2), current];
    const decision = planHour(HOUR, [object('a', 1)], state({ current, standing }), CHANGED);
    expect(decision).toMatchObject({ action: 'load', withdraw: ['20', '30'] });
  });

  it('withdraws nothing for a version of the same second: the greater load id wins', () => {
    const decision = planHour(HOUR, [object('b', 1)], state({ current: load('1', 'a', 1) }), CHANGED);
    expect(decision).toMatchObject({ action: 'load', withdraw: [] });
  });

  it('does not try a rejected version again until it changes or all is asked for', () => {
    const rejected = state({ rejected: [object('a', 1)] });
    expect(planHour(HOUR, [object('a', 1)], rejected, FILL)).toMatchObject({ outcome: 'rejected' });
    expect(planHour(HOUR, [object('b', 2)], rejected, FILL)).toMatchObject({ action: 'load' });
    expect(planHour(HOUR, [object('a', 1)], rejected, { mode: 'all', fillCleared: false }).action).toBe('load');
  });

  it('leaves a cleared hour alone unless told to fill it', () => {
    const cleared = state({ cleared: true });
    expect(planHour(HOUR, [object('a', 1)], cleared, CHANGED)).toMatchObject({ outcome: 'cleared' });
    expect(planHour(HOUR, [object('a', 1)], cleared, FILL)).toMatchObject({ action: 'load' });
  });

  it('goes on from the greatest load id of the hour', () => {
    const known = state({ greatestLoadId: asLoadId('77') });
    expect(planHour(HOUR, [object('a', 1)], known, FILL)).toHaveProperty('greatestLoadId', '77');
  });
});
