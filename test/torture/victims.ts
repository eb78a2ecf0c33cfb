/** Processes that are killed. The next ones start while one is struck, as starting is what costs most. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cleanUpLater } from '../support/cleanup.ts';
import { VICTIM_ARGS } from './victim-program.ts';
import type { Order } from './victim.ts';

/** What does deeds and can be waited for. */
export interface Attempt {
  /** Each resolves when the deed has ended, well or not, or its process is gone. */
  readonly ended: readonly Promise<void>[];
}

/** A process that does deeds. */
export interface Victim extends Attempt {
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
}

/** A supply of them. */
export interface Victims {
  /** Gives the orders to a process that is ready. */
  start(orders: readonly Order[]): Victim;
}

/** @param file the program @param ready how many are started in advance */
export function createVictims(file: string, ready: number): Victims {
  const all = new Set<ChildProcess>();
  const spare: ChildProcess[] = [];
  const spawnOne = (): void => {
    const child = spawn(process.execPath, [...VICTIM_ARGS, file], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    all.add(child);
    child.once('exit', () => all.delete(child));
    child.on('error', () => undefined); // a message to one that is dead
    spare.push(child);
  };
  for (let n = 0; n < ready; n += 1) spawnOne();
  cleanUpLater(async () => {
    const exits = [...all].map((child) => once(child, 'exit'));
    for (const child of all) child.kill('SIGKILL');
    await Promise.all(exits);
  });
  return {
    start: (orders) => {
      spawnOne();
      const child = spare.shift();
      if (child === undefined) throw new Error('Cannot start a victim: none is ready');
      return order(child, orders);
    },
  };
}

function order(child: ChildProcess, orders: readonly Order[]): Victim {
  const exited = once(child, 'exit');
  const ended = orders.map(async (_, index) => {
    const said = new Promise((resolve) => {
      child.on('message', (message) => {
        if (message === index) resolve(message);
      });
    });
    await Promise.race([exited, said]);
  });
  child.send([...orders]);
  return { ended, signal: (signal) => void child.kill(signal) };
}
