import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDoubt, isUtf8 } from '../../domain/byte-check.ts';
import { NeedsExactPathError, ObjectRejectedError } from '../../domain/errors.ts';
import { fastLines, FramedOutput, newLineTally } from '../../domain/line-framer.ts';
import { lineMark } from '../../domain/line-mark.ts';
import { LINE_LIMIT_BYTES } from '../../domain/lines.ts';
import { chunksOf, collect } from '../support/bytes.ts';

async function frame(bytes: Uint8Array | string, chunkBytes?: number): Promise<{ text: string; lines: number }> {
  const tally = newLineTally();
  const framed = await collect(fastLines(chunksOf(bytes, chunkBytes), 7, tally));
  return { text: framed.toString(), lines: tally.lines };
}

describe('fastLines()', () => {
  it('puts the object and the line number in front of every line', async () => {
    expect(await frame('{"a":1}\n{"b":"ü"}\n')).toEqual({
      text: '{"_n":7000000000001,"a":1}\n{"_n":7000000000002,"b":"ü"}\n',
      lines: 2,
    });
  });

  it.each([
    ['no final newline', '{"a":1}\n{"a":2}'],
    ['CRLF', '{"a":1}\r\n{"a":2}\r\n'],
    ['a byte order mark', '\uFEFF{"a":1}\n{"a":2}\n'],
  ])('takes %s without a trace', async (_, text) => {
    expect(await frame(text)).toEqual({ text: '{"_n":7000000000001,"a":1}\n{"_n":7000000000002,"a":2}\n', lines: 2 });
  });

  it('skips blank lines, which keep their number', async () => {
    const { text, lines } = await frame('\n{"a":1}\n\r\n   \n\n{"a":2}\n\n');
    expect(text).toBe('{"_n":7000000000002,"a":1}\n{"_n":7000000000006,"a":2}\n');
    expect(lines).toBe(2);
  });

  it.each(['', '\n', '\uFEFF', '\uFEFF\n\n'])('yields nothing for an entry without lines: %j', async (text) => {
    expect(await frame(text)).toEqual({ text: '', lines: 0 });
  });

  it.each([
    ['an array', '[{"a":1}]'],
    ['a comma behind the object', '{"a":1},'],
    ['white space behind the object', '{"a":1} '],
    ['white space before the object', ' {"a":1}'],
    ['a comma first in the object', '{,"a":1}'],
    ['an empty object', '{}'],
    ['the first line of printed JSON', '{\n"a":1}'],
    ['a second byte order mark', '{"a":1}\n\uFEFF{"a":1}'],
    ['a tab', '{"a":\t1}'],
    ['a form feed', '{"a":\f1}'],
    ['a NUL', '{"a":"\0"}'],
    ['a carriage return inside', '{"a":"\r"}'],
    ['two carriage returns at the end', '{"a":1}\r\r'],
    ['an unknown escape', '{"a":"\\q"}'],
    ['an escape without hex digits', '{"a":"\\u12G4"}'],
    ['an escape that ends too early', '{"a":"\\u12"}'],
    ['a lone high surrogate', '{"a":"\\ud83d"}'],
    ['a lone low surrogate', '{"a":"\\ude00"}'],
    ['a high surrogate before another escape', '{"a":"\\ud83d\\n"}'],
    ['a backslash at the end', '{"a":"\\'],
    ['plain text', 'hello'],
  ])('leaves %s to the exact path', async (_, line) => {
    await expect(frame(`{"x":1}\n${line}\n{"x":2}\n`)).rejects.toBeInstanceOf(NeedsExactPathError);
  });

  it.each([
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\f',
    '\\n',
    '\\r',
    '\\t',
    '\\u00e9',
    '\\u00E9',
    '\\ud83d\\ude00',
    '\\\\q',
    '\\\\\\\\',
  ])('takes the escape %s', async (escape) => {
    for (const padding of ['', ' ', '  ', '   ']) {
      expect((await frame(`{"a":"${padding}${escape}"}`)).lines).toBe(1);
    }
  });

  it('leaves invalid UTF-8 to the exact path', async () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    await expect(frame(bytes)).rejects.toBeInstanceOf(NeedsExactPathError);
  });

  it('gives the same lines however the bytes are cut', async () => {
    const line = fc.oneof(
      fc.constantFrom('', '  '),
      fc.string().map((text) => `{"a":${JSON.stringify(text)}}`),
    );
    const texts = fc.tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\n'));
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 40 }), async ([lines, end, last], chunkBytes) => {
        const expected = lines
          .map((text, i) => (text.trim() ? `{"_n":${lineMark(7, i + 1)},${text.slice(1)}\n` : ''))
          .join('');
        const { text } = await frame(lines.join(end) + last, chunkBytes);
        expect(text).toBe(expected);
      }),
    );
  });

  it('frames lines of all lengths and kinds together as it frames each by itself', async () => {
    const kinds = [
      (filling: string) => `{"a":"${filling}"}\n`,
      (filling: string) => `{"a":"${filling}"}\r\n`,
      (filling: string) => `{ "a":"${filling}"}\n`,
      () => '\n',
      () => '{"}\n',
    ] as const;
    const part = 256 * 2 ** 10;
    const sizeBytes = fc.oneof(
      { weight: 30, arbitrary: fc.nat(700) },
      { weight: 2, arbitrary: fc.nat(40_000) },
      { weight: 1, arbitrary: fc.integer({ min: part - 40, max: part + 40 }) },
    );
    const line = fc
      .tuple(fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(kinds.length - 1)), sizeBytes)
      .map(([kind, size]) => kinds[kind]?.('x'.repeat(size)) ?? '');
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(1_000), async (few, repeated) => {
        const lines = [...few, ...Array.from({ length: repeated }, (_, i) => few[i % few.length] ?? '').slice(0, 900)];
        const expected = lines.map((text, i) => {
          const object = text.trim();
          return object === '' ? '' : `{"_n":${lineMark(7, i + 1)},${object.slice(1)}\n`;
        });
        const together = await frame(lines.join(''), 2 ** 30);
        expect(together.lines).toBe(expected.filter((text) => text !== '').length);
        expect(together.text === expected.join('')).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('takes nothing of a part before for the end of a line', async () => {
    await frame(`{"a":"${'x'.repeat(60)}"}\n`.repeat(40));
    for (let size = 0; size < 40; size += 1) {
      const line = `{"a":"${'y'.repeat(size)}"}`;
      expect(await frame(line)).toEqual({ text: `{"_n":7000000000001,${line.slice(1)}\n`, lines: 1 });
    }
  });

  it('yields only buffers that end with a whole line', async () => {
    const bytes = Array.from({ length: 5_000 }, (_, i) => `{"a":"${'x'.repeat(i % 300)}"}\n`).join('');
    for await (const buffer of fastLines(chunksOf(bytes, 1_000), 1, newLineTally())) {
      expect(buffer.at(-1)).toBe(0x0a);
    }
  });

  it('fills what the object before has left of a buffer', async () => {
    const output = new FramedOutput();
    const memories: ArrayBufferLike[] = [];
    const texts: string[] = [];
    for (const index of [1, 2, 3]) {
      const lines = chunksOf(`{"a":"${'x'.repeat(100_000)}"}`);
      for await (const buffer of fastLines(lines, index, newLineTally(), LINE_LIMIT_BYTES, output)) {
        memories.push(buffer.buffer);
        texts.push(buffer.toString().slice(0, 24));
      }
    }
    expect(texts).toEqual(['{"_n":1000000000001,"a":', '{"_n":2000000000001,"a":', '{"_n":3000000000001,"a":']);
    expect(memories[1]).toBe(memories[0]);
    expect(memories[2]).not.toBe(memories[0]); // no room for it
  });

  it('splits a line of 100 MB that comes in small chunks, which would take hours if it were joined each time', async () => {
    const chunk = Buffer.alloc(4_096, 'x');
    async function* longLine(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"a":"');
      for (let i = 0; i < 25_600; i += 1) yield chunk;
      await Promise.resolve();
      yield Buffer.from('"}\n{"a":1}\n');
    }
    const tally = newLineTally();
    let sizeBytes = 0;
    for await (const buffer of fastLines(longLine(), 1, tally, 2 ** 27)) sizeBytes += buffer.length;
    expect(tally.lines).toBe(2);
    expect(sizeBytes).toBe(25_600 * 4_096 + 27 + 27 + 1);
  });

  it('rejects a line over the limit before more than the limit is read', async () => {
    let readBytes = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        readBytes += 1_000;
        yield Buffer.alloc(1_000, 'x');
        await Promise.resolve();
      }
    }
    const error = await collect(fastLines(endless(), 1, newLineTally(), 50_000)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ObjectRejectedError);
    expect(error).toMatchObject({ reason: 'line-oversized' });
    expect(readBytes).toBeLessThanOrEqual(52_000);
  });

  it('takes a line of exactly the limit and rejects one byte more', async () => {
    const line = `{"a":"${'x'.repeat(92)}"}`; // 100 bytes
    for (const end of ['\n', '\r\n', '']) {
      const tally = newLineTally();
      await collect(fastLines(chunksOf(line + end), 1, tally, 100));
      expect(tally.lines).toBe(1);
      const tooLong = collect(fastLines(chunksOf(line + end), 1, newLineTally(), 99));
      await expect(tooLong).rejects.toMatchObject({ reason: 'line-oversized' });
    }
  });
});

describe('findDoubt()', () => {
  /** The same rule, byte by byte. */
  function isDoubtful(bytes: Buffer): boolean {
    const text = bytes.toString('latin1').replaceAll('\r\n', '\n').replace(/\r$/, '');
    const surrogatePair = String.raw`u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`;
    const otherUnit = String.raw`u(?![dD][89a-fA-F])[0-9a-fA-F]{4}`;
    const escapes = new RegExp(String.raw`\\(?:["\\/bfnrt]|${surrogatePair}|${otherUnit})`, 'g');
    const rest = text.replace(escapes, '');
    // eslint-disable-next-line no-control-regex -- control characters are what it is about
    return /[\0-\x09\x0b-\x1f\\]/.test(rest) || !isUtf8(bytes);
  }

  it('says of random bytes at every alignment what a byte-by-byte check says', () => {
    const piece = fc.oneof(
      { weight: 6, arbitrary: fc.string({ maxLength: 9 }) },
      fc.constantFrom(
        '\\',
        '\\u',
        '\\ud83d\\ude00',
        '\\ud83d',
        'd83d',
        '\\"',
        '\n',
        '\r\n',
        '\r',
        '\t',
        '\x00',
        '\x1f',
        'ü',
        '😀',
      ),
    );
    const bytes = fc
      .tuple(fc.array(piece, { maxLength: 12 }), fc.option(fc.uint8Array({ maxLength: 3 }), { freq: 2 }))
      .map(([pieces, raw]) => Buffer.concat([Buffer.from(pieces.join('')), raw ?? Buffer.alloc(0)]));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 7 }), (content, shift) => {
        const block = Buffer.concat([Buffer.alloc(shift), content]).subarray(shift);
        expect(findDoubt(block) !== undefined).toBe(isDoubtful(content));
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds what lies where a large block is looked through in parts', () => {
    const part = 256 * 2 ** 10;
    for (const at of [0, 1, 15, 16, part - 17, part - 2, part - 1, part, part + 1, part + 16, 2 * part + 6]) {
      const block = Buffer.alloc(2 * part + 7, 'x');
      expect(findDoubt(block)).toBeUndefined();
      block[at] = 0x01;
      expect([at, findDoubt(block)]).toEqual([at, 'a control character or a wrong escape']);
      block[at] = 0xff;
      expect([at, findDoubt(block)]).toEqual([at, 'bytes that are not UTF-8']);
      block.fill('x').write(String.raw`\ud83d\ude00`, Math.min(at, block.length - 12));
      expect([at, findDoubt(block)]).toEqual([at, undefined]);
      block.fill('x').write(String.raw`\ud83d\udx00`, Math.min(at, block.length - 12));
      expect([at, findDoubt(block)]).toEqual([at, 'a control character or a wrong escape']);
    }
  });

  it('takes nothing of a block before for the end of a shorter one', () => {
    expect(findDoubt(Buffer.alloc(64, 0x01))).toBeDefined();
    for (let sizeBytes = 0; sizeBytes < 64; sizeBytes += 1) {
      expect(findDoubt(Buffer.alloc(sizeBytes, 'x'))).toBeUndefined();
    }
  });
});
