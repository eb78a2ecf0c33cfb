/** Byte streams for tests. */

/** The bytes as a stream of chunks of one size. */
export async function* chunksOf(
  bytes: Uint8Array | string,
  chunkBytes = 64 * 1024,
): AsyncGenerator<Buffer, void, undefined> {
  const all = Buffer.from(bytes);
  await Promise.resolve();
  for (let at = 0; at < all.length; at += chunkBytes) yield all.subarray(at, at + chunkBytes);
}

/** Everything of a stream, in one piece. */
export async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
