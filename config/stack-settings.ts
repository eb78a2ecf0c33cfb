/** The servers that `clickfeed up` runs in this folder, found by commands in other terminals. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'dotenv';

/** Folder of the embedded stack, below the working folder, unless `up` is told another. */
export const STACK_FOLDER = '.clickfeed';

/** Which keys name a server of the user's own, and which keys go with it. */
const SERVERS: readonly { readonly named: readonly string[]; readonly prefixes: readonly string[] }[] = [
  { named: ['S3_ENDPOINT', 'S3_BUCKET'], prefixes: ['S3_', 'AWS_', 'FEED_'] },
  { named: ['CLICKHOUSE_URL'], prefixes: ['CLICKHOUSE_'] },
  { named: ['TEMPORAL_ADDRESS'], prefixes: ['TEMPORAL_'] },
];

/**
 * What `up` has left in `.clickfeed/env` for as long as it runs: address and keys of each server that the user has not named.
 * They go together, so they win over a user's keys for another server; an empty text unsets one.
 */
export function stackSettings(folder: string, own: Readonly<Record<string, string>>): Record<string, string> {
  const file = path.join(folder, STACK_FOLDER, 'env');
  if (!existsSync(file)) return {};
  const taken = SERVERS.filter(({ named }) => !named.some((key) => own[key] !== undefined));
  const prefixes = taken.flatMap((server) => server.prefixes);
  const settings = Object.entries(parse(readFileSync(file)));
  return Object.fromEntries(settings.filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix))));
}
