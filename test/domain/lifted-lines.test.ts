import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../domain/catalogue.ts';
import { NeedsExactPathError } from '../../domain/errors.ts';
import { exactLine } from '../../domain/exact-line.ts';
import { beginsWithDrift, liftedLines, newLineTally } from '../../domain/line-framer.ts';
import { chunksOf, collect } from '../support/bytes.ts';

const GEO = CATALOGUE.geo_events;

async function lift(text: string): Promise<{ lines: unknown[]; text: string; drift: Record<string, number> }> {
  const tally = newLineTally();
  const lifted = (await collect(liftedLines(chunksOf(text), 7, GEO, tally))).toString();
  const lines = lifted.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line): unknown => JSON.parse(line)), text: lifted, drift: { ...tally.drift } };
}

describe('liftedLines()', () => {
  it('takes unknown fields out, wherever they stand, and leaves the others as they were', async () => {
    const { text, drift } = await lift(
      '{"a": 1, "click_id": "x", "b": "q\\"", "geo_latitude": 1.50 , "c":null}\n{"click_id":"y"}\n',
    );
    expect(text).toBe(
      '{"_n":7000000000001,"_extra":"{\\"a\\":1,\\"b\\":\\"q\\\\\\"\\",\\"c\\":null}","click_id": "x","geo_latitude": 1.50}\n' +
        '{"_n":7000000000002,"_extra":"","click_id":"y"}\n',
    );
    expect(drift).toEqual({ a: 1, b: 1, c: 1 });
  });

  it.each([
    ['an object', '{"click_id":"x","a":{"b":1}}'],
    ['an array', '{"click_id":"x","a":[1]}'],
    ['an unknown name twice', '{"click_id":"x","a":1,"a":2}'],
    ['an escaped name', '{"click_id":"x","\\u0061":1}'],
    ['what is no value', '{"click_id":"x","a":NaN}'],
    ['a number with a leading zero', '{"click_id":"x","a":01}'],
    ['no value', '{"click_id":"x","a":}'],
    ['no colon', '{"click_id":"x","a" 1}'],
    ['a comma at the end', '{"click_id":"x",}'],
    ['two objects', '{"click_id":"x"}{"click_id":"y"}'],
    ['a string without end', '{"click_id":"x","a":"}'],
    [
      'more than a hundred unknown fields',
      `{"click_id":"x",${[...Array(101).keys()].map((i) => `"a${i}":1`).join(',')}}`,
    ],
  ])('leaves %s to the exact path', async (_, line) => {
    await expect(lift(`${line}\n`)).rejects.toBeInstanceOf(NeedsExactPathError);
  });

  it('stores in _extra what the exact path stores', async () => {
    const names = fc.constantFrom('x', '_o', '_n', '_extra', 'Click_ID', '__proto__', 'имя', 'a b');
    const values = fc.oneof(fc.double(), fc.boolean(), fc.constant(null), fc.string({ unit: 'binary' }));
    const lines = fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(lines, fc.nat({ max: 6 }), async (unknown, place) => {
        const known = ['click_id', 'geo_country', 'geo_timezone', 'geo_region_name', 'ip_address'];
        const values = { geo_latitude: '1', geo_longitude: '2' };
        const members: [string, unknown][] = [
          ...Object.entries(values),
          ...known.map((name): [string, unknown] => [name, name]),
        ];
        members.splice(place, 0, ...unknown);
        members[members.findIndex(([name]) => name === 'click_id')] = [
          'click_id',
          '00000000-0000-0000-0000-000000000000',
        ];
        const line = `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')}}`;
        const judged = exactLine(Buffer.from(line), 7, 1, GEO);
        expect(judged).toHaveProperty('row');
        const { lines: lifted, drift } = await lift(line);
        expect(lifted).toEqual([expect.objectContaining({ _extra: extraOf(judged) })]);
        expect(Object.keys(drift)).toEqual('driftFields' in judged ? judged.driftFields : []);
      }),
    );
  });
});

function extraOf(judged: object): unknown {
  const { row } = judged as { row: string };
  return (JSON.parse(row) as { _extra: string })._extra;
}

describe('beginsWithDrift()', () => {
  it.each([
    ['{"click_id":"x"}\n{"a":1}\n', false],
    ['{"click_id":"x","a":1}\r\n', true],
    ['{"click_id":"x","a":1}', false], // no line end: it may go on
    ['{"a":[1]}\n', false], // for the exact path
    ['', false],
  ])('of %j is %s', (text, expected) => {
    expect(beginsWithDrift(Buffer.from(text), GEO)).toBe(expected);
  });
});
