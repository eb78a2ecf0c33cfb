/** What every command gets: the process, the configuration when it asks, Temporal when it needs it. */
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { loadConfig, type ConfigSources } from '../../config/load.ts';
import { printable } from '../../domain/printable.ts';
import type { FeedConnection } from '../connect.ts';
import type { CliIo } from './io.ts';

/** Gives a command its options, its help and what it does. */
export type DefineCommand = (command: Command, cli: Cli) => void;

/** A command's surroundings. */
export interface Cli {
  readonly io: CliIo;
  /** Where configuration comes from for this call of this command. */
  sources(command: Command): ConfigSources;
  /** @throws {ConfigError} */
  config(command: Command): Config;
  /** Runs `work` with a connected client, and closes it. @throws {UnavailableError | AccessError} */
  withClient<T>(config: Config, work: (feed: FeedConnection) => Promise<T>): Promise<T>;
  /** Prints a result: one JSON document, or text for people. */
  print(json: boolean | undefined, value: unknown, text: () => string): void;
}

/** Builds it. */
export function createCli(io: CliIo): Cli {
  const sources = (command: Command): ConfigSources => {
    const { config: file } = command.optsWithGlobals<{ config?: string }>();
    return { env: io.env, folder: io.folder, ...(file === undefined ? {} : { file }) };
  };
  return {
    io,
    sources,
    config: (command) => loadConfig(sources(command)),
    withClient: async (config, work) => {
      // Loaded here, as help and the commands that only read ClickHouse do without Temporal's client.
      const { connectFeedClient } = await import('../connect.ts');
      const feed = await connectFeedClient(config.temporal);
      try {
        return await work(feed);
      } finally {
        await feed.close();
      }
    },
    print: (json, value, text) => {
      io.out(json === true ? printable(JSON.stringify(value, null, 2)) : text());
    },
  };
}
