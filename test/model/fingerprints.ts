/**
 * A set of texts that holds 64 bits of each: ten million states fit into a few hundred megabytes. Two texts of ten million share their
 * 64 bits with a probability of about 3 in a million; then a state would be taken for one that was seen.
 */
export class Fingerprints {
  #low = new Uint32Array(2 ** 16);
  #high = new Uint32Array(2 ** 16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a text. @returns its number, counted from 0, when it is new; -1 when it was there */
  add(text: string): number {
    if (this.#size * 2 > this.#low.length) this.#grow();
    const [low, high] = hash(text);
    const slot = this.#slotOf(low, high);
    if (this.#high[slot] !== 0) return -1;
    this.#put(slot, low, high);
    this.#size += 1;
    return this.#size - 1;
  }

  #put(slot: number, low: number, high: number): void {
    this.#low[slot] = low;
    this.#high[slot] = high;
  }

  /** Where it stands, or the free place for it. */
  #slotOf(low: number, high: number): number {
    const mask = this.#low.length - 1;
    let slot = low & mask;
    while (this.#high[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high];
    this.#low = new Uint32Array(low.length * 2);
    this.#high = new Uint32Array(low.length * 2);
    for (const [index, upper] of high.entries()) {
      const lower = low[index] ?? 0;
      if (upper !== 0) this.#put(this.#slotOf(lower, upper), lower, upper);
    }
  }
}

/** Two hashes of 32 bits; the second is never 0, which marks a free place. */
function hash(text: string): [low: number, high: number] {
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    low ^= low >>> 13;
    high = Math.imul(high + code, 0xcc9e2d51);
    high = (high << 15) | (high >>> 17);
  }
  return [mixed(low), mixed(high) || 1];
}

function mixed(bits: number): number {
  let value = bits ^ (bits >>> 16);
  value = Math.imul(value, 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
