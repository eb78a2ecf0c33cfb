import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NESTING_LIMIT, scanObject, unescapeString } from '../../domain/json-scanner.ts';

/** Problems that JSON.parse does not see. */
const STRICTER = /^(?:a name twice|nested too deep|expected an object|wrong escape)/;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const spaced = fc
  .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom('', ' ', '\t'))
  .map(([json, indent]) => JSON.stringify(JSON.parse(json), null, indent).replaceAll('\n', '\r'));
const objectText = fc
  .array(fc.tuple(fc.string(), spaced), { maxLength: 6 })
  .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`);

describe('scanObject()', () => {
  it('finds the members in order, each exactly as written', () => {
    expect(scanObject(' { "a" : 1e400 , "\\u0062":[ 1,{"c":"}"}],"d":"x\\"y","e":null, "f":true,"g":{}} ')).toEqual({
      members: [
        { name: 'a', rawName: '"a"', kind: 'number', raw: '1e400' },
        { name: 'b', rawName: '"\\u0062"', kind: 'array', raw: '[ 1,{"c":"}"}]' },
        { name: 'd', rawName: '"d"', kind: 'string', raw: '"x\\"y"' },
        { name: 'e', rawName: '"e"', kind: 'null', raw: 'null' },
        { name: 'f', rawName: '"f"', kind: 'boolean', raw: 'true' },
        { name: 'g', rawName: '"g"', kind: 'object', raw: '{}' },
      ],
    });
  });

  it('agrees with JSON.parse on every object, value by value', () => {
    fc.assert(
      fc.property(objectText, (text) => {
        const result = scanObject(text);
        if ('problem' in result) {
          expect(result.problem).toMatch(STRICTER);
          return;
        }
        const expected = parsed(text) as Record<string, unknown>;
        expect(result.members).toHaveLength(Object.keys(expected).length);
        for (const { name, raw } of result.members)
          expect(JSON.parse(raw)).toEqual(Object.getOwnPropertyDescriptor(expected, name)?.value);
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses what JSON.parse refuses, and nothing else but what it is stricter about', () => {
    const noise = fc.constantFrom(
      ...'{}[]",:\\/ue+-.0123456789tfn \t\r'.split(''),
      '\f',
      '\0',
      '\u00a0',
      '\ufeff',
      "'",
      'NaN',
      '/**/',
    );
    const mutated = fc
      .tuple(objectText, fc.nat(), fc.nat({ max: 2 }), noise)
      .map(([text, position, removed, added]) => {
        const at = position % (text.length + 1);
        return text.slice(0, at) + added + text.slice(at + removed);
      })
      .filter((text) => !/\p{Cs}/u.test(text));
    fc.assert(
      fc.property(mutated, (text) => {
        const result = scanObject(text);
        const value = parsed(text);
        if ('members' in result) expect(value).toBeTypeOf('object');
        else if (value !== undefined) expect(result.problem).toMatch(STRICTER);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'a name twice at character 8'],
    ['{"a":1,"\\u0061":2}', 'a name twice at character 8'],
    ['{"x":{"a":1,"a":2}}', 'a name twice at character 13'],
    ['[1]', 'expected an object at character 1'],
    ['', 'expected an object at the end'],
    ['{"a":1}{"a":2}', 'more behind the object at character 8'],
    ['{"a":1,}', 'expected a name at character 8'],
    ['{"a":[1,]}', 'expected a value at character 9'],
    ['{"a":01}', 'expected a comma or a closing bracket at character 7'],
    ['{"a":NaN}', 'expected a value at character 6'],
    ['{"a":"\\ud83d"}', 'wrong escape at character 7'],
    ['{"a":"\u0007"}', 'control character in a string at character 7'],
    ['{"a":"', 'string without end at the end'],
    ['{"a":1', 'expected a comma or a closing bracket at the end'],
    ["{'a':1}", 'expected a name at character 2'],
    ['{"a" 1}', 'expected a colon at character 6'],
    ['{"a":1]', 'expected a comma or a closing bracket at character 7'],
    ['{"a":[}', 'expected a value at character 7'],
  ])('says of %s: %s', (text, problem) => {
    expect(scanObject(text)).toEqual({ problem });
  });

  it('takes nesting up to the limit and no deeper, whatever the depth', () => {
    const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(scanObject(nested(NESTING_LIMIT))).toHaveProperty('members');
    expect(scanObject(nested(NESTING_LIMIT + 1))).toEqual({
      problem: `nested too deep at character ${NESTING_LIMIT + 5}`,
    });
    expect(scanObject('{"a":' + '['.repeat(1_000_000))).toHaveProperty('problem');
  });

  it('tells a name like __proto__ from what every object has', () => {
    expect(scanObject('{"__proto__":1,"constructor":2}')).toMatchObject({
      members: [{ name: '__proto__' }, { name: 'constructor' }],
    });
  });
});

describe('unescapeString()', () => {
  it('gives back every string that was written as JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(unescapeString(JSON.stringify(text))).toBe(text);
      }),
    );
  });
});
