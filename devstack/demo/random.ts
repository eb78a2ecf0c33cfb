/** Seeded randomness: the same seed and purpose give the same sequence, on every machine. */
import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A sequence of random choices. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  /** @param purpose what the sequence is for, such as "hour 2024-04-10T23": sequences of different purposes are independent */
  constructor(seed: number, purpose: string) {
    this.#generator = xoroshiro128plus(createHash('sha256').update(`${seed} ${purpose}`).digest().readInt32LE(0));
  }

  /** A number from 0 up to, but not including, 1. */
  fraction(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.integer(0, values.length - 1)];
    if (value === undefined) throw new RangeError('Cannot pick: expected at least one value');
    return value;
  }

  /** Picks by weight; the weights need not add up to 1. */
  weighted<T>(choices: readonly (readonly [T, number])[]): T {
    let rest = this.fraction() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of choices) {
      rest -= weight;
      if (rest < 0) return value;
    }
    return this.pick(choices)[0]; // rounding left nothing to choose from
  }

  /** A UUID of version 4. */
  uuid(): string {
    const a = this.#generator.next();
    const b = (this.#generator.next() & 0xffff_0fff) | 0x0000_4000;
    const c = (this.#generator.next() & 0x3fff_ffff) | 0x8000_0000;
    const d = this.#generator.next();
    return `${hex4(a)}-${hex2(b >>> 16)}-${hex2(b)}-${hex2(c >>> 16)}-${hex2(c)}${hex4(d)}`;
  }
}

function hex2(value: number): string {
  return `${HEX[(value >>> 8) & 255]}${HEX[value & 255]}`;
}

function hex4(value: number): string {
  return hex2(value >>> 16) + hex2(value);
}
