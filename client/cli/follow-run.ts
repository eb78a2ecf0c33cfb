/** Follows a run that a command has started or found: progress while it runs, its result at the end. */
import type { FeedConnection } from '../connect.ts';
import type { Cli } from './cli.ts';
import { follow, type Followable } from './follow.ts';
import type { CliIo } from './io.ts';
import { CommandFailed } from './run.ts';

/** A run that was started, or one that ran already. */
export interface FollowableRun<Result> {
  readonly workflowId: string;
  readonly handle: Followable<Result>;
  /** Whether it ran before this command. */
  readonly joined: boolean;
  /** Whether there is but its result to be seen. */
  readonly hasEnded?: boolean;
}

/** Shows progress as it comes. */
export interface ProgressView<Progress> {
  /** What is to be printed; nothing where a bar shows it. */
  lines(progress: Progress): readonly string[];
  close(): void;
}

/** A workflow in words. */
export interface RunWords<Result, Progress = never> {
  readonly progress?: (io: CliIo) => ProgressView<Progress>;
  readonly resultText: (result: Result) => string;
  /** Whether a result counts as failed for a script. */
  readonly hasFailed?: (result: Result) => boolean;
}

/** What the person asked for. */
export interface FollowWish {
  readonly json: boolean | undefined;
  /** False: say the id and return. */
  readonly isFollowed: boolean;
}

/**
 * Shows the run until it ends.
 * @returns its result, or undefined when the person did not want to wait
 * @throws {CommandDetached} when the person detached
 * @throws {CommandFailed} when it failed, after saying why
 */
export async function followRun<Result, Progress = never>(
  cli: Cli,
  { feed }: FeedConnection,
  run: FollowableRun<Result>,
  { json, isFollowed }: FollowWish,
  words: RunWords<Result, Progress>,
): Promise<Result | undefined> {
  const { io } = cli;
  const { workflowId, handle } = run;
  io.note(openingText(run));
  if (!isFollowed) {
    cli.print(json, { workflowId }, () => workflowId);
    return undefined;
  }
  const view = words.progress?.(io);
  const result = await follow<Result, Progress>(handle, {
    io,
    lines: (progress) => view?.lines(progress) ?? [],
    again: `clickfeed follow ${workflowId}`,
    hasWorker: () => feed.hasWorker(),
    close: () => view?.close(),
  });
  cli.print(json, { workflowId, ...result }, () => words.resultText(result));
  if (words.hasFailed?.(result) === true) throw new CommandFailed();
  return result;
}

function openingText({ workflowId, joined, hasEnded }: FollowableRun<unknown>): string {
  if (hasEnded === true) return `${workflowId} has ended`;
  return joined ? `${workflowId} runs already, following it` : `Started ${workflowId}`;
}

/** Progress as a line for every change. */
export function plainLines<Progress>(line: (progress: Progress) => string): () => ProgressView<Progress> {
  return () => ({ lines: (progress) => [line(progress)], close: () => undefined });
}
