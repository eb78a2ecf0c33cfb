/**
 * The guard: a tiny shell that starts a server as its child and ends it when the pipe from us closes. The kernel closes that pipe
 * however we die, SIGKILL included, so no server outlives the process that started it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { UnavailableError } from '../../domain/errors.ts';

/** What to run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** A server under its guard. */
export interface Guarded {
  readonly guard: ChildProcess;
  /** Process id of the server itself, not of the guard. */
  readonly pid: number;
}

/**
 * fd 0 is the pipe that tells of our death, fd 3 reports the server's pid. The watcher reads a line that never comes: only the end
 * of the pipe wakes it. Then the server has 5 s to end by itself. The guard ends with the server's exit status.
 */
const GUARD_SCRIPT = `
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
server=$!
echo "$server" >&3
exec 3>&-
(
  read -r _ <&4
  kill -TERM "$server"
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; kill -0 "$server" || exit 0; done
  kill -KILL "$server"
) >/dev/null 2>&1 &
watcher=$!
exec 4<&-
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

/**
 * Starts a command under a guard, its output going to an open file.
 * The session is its own, so that Ctrl-C in the terminal reaches us alone and we can stop the servers in order.
 * @throws {UnavailableError} when the guard itself cannot be started
 */
export async function spawnGuarded(command: Command, logFd: number): Promise<Guarded> {
  const guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'clickfeed-guard', command.file, ...command.args], {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: ['pipe', logFd, logFd, 'pipe'],
  });
  guard.stdin?.on('error', () => undefined); // the guard may be gone first; its exit tells
  await once(guard, 'spawn').catch((error: unknown) => {
    throw new UnavailableError(`Cannot start ${command.file}: ${String(error)}`);
  });
  const pid = Number(await readAll(guard.stdio[3] as Readable));
  if (!Number.isInteger(pid) || pid <= 0)
    throw new UnavailableError(`Cannot start ${command.file}: no process id came`);
  return { guard, pid };
}

async function readAll(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
