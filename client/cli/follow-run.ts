/** Starts to follow a run that a command has started: progress while it runs, its result at the end. */
import type { FeedConnection } from '../connect.ts';
import type { StartedRun } from '../operations-client.ts';
import type { Cli } from './cli.ts';
import { follow } from './follow.ts';

/** How a run is shown. */
export interface RunView<Result, Progress> {
  readonly json: boolean | undefined;
  /** False: say the id and return. */
  readonly isFollowed: boolean;
  /** The command that follows it again. */
  readonly again: string;
  readonly progressLines?: (progress: Progress) => readonly string[];
  readonly resultText: (result: Result) => string;
}

/**
 * Shows the run until it ends.
 * @returns its result, or undefined when the person detached or did not want to wait
 * @throws {CommandFailed} when it failed, after saying why
 */
export async function followRun<Result, Progress = never>(
  cli: Cli,
  { feed }: FeedConnection,
  { workflowId, handle, joined }: StartedRun<Result>,
  view: RunView<Result, Progress>,
): Promise<Result | undefined> {
  const { io } = cli;
  io.note(joined ? `${workflowId} runs already, following it` : `Started ${workflowId}`);
  if (!view.isFollowed) {
    cli.print(view.json, { workflowId }, () => workflowId);
    return undefined;
  }
  const followed = await follow<Result, Progress>(handle, {
    io,
    lines: view.progressLines ?? (() => []),
    again: view.again,
    hasWorker: () => feed.hasWorker(),
  });
  if (followed.kind === 'detached') return undefined;
  cli.print(view.json, { workflowId, ...followed.result }, () => view.resultText(followed.result));
  return followed.result;
}
