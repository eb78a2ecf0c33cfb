/** A TCP proxy before any server that breaks connections at a byte, or refuses them for a while. */
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { cleanUpLater } from './cleanup.ts';

/**
 * What happens to a connection once so many bytes of one direction went through:
 * - `reset`: both ends are reset
 * - `cut`: both ends are closed cleanly
 * - `stall`: nothing goes through any more, in either direction, until {@link TcpProxy.resetAll}
 * - `delay`: everything waits for half a second, then goes on
 */
export interface Break {
  readonly what: 'reset' | 'cut' | 'stall' | 'delay';
  readonly direction: 'to-server' | 'to-client';
  readonly atByte: number;
}

/** A running proxy. */
export interface TcpProxy {
  /** Host and port. */
  readonly address: string;
  /** The next connections break like this, one each; what a connection does not live to see is left to the next one. */
  breakNext(...breaks: Break[]): void;
  /** So many connections pass before the breaks that are given next. */
  passNext(connections: number): void;
  /** Breaks not met yet. */
  readonly left: number;
  /** Bytes that went through each connection until now, in the order in which they were opened. */
  readonly traffic: readonly Readonly<Record<Break['direction'], number>>[];
  /** Resets all connections, and, while `down`, each new one. */
  resetAll(down?: boolean): void;
}

const DELAY_MS = 500;

/** Starts a proxy to `target`, a host and port; it ends with the test. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const [host = '', port = ''] = target.split(':');
  const open = new Set<Socket>();
  const state = { down: false, breaks: [] as (Break | undefined)[], met: 0, given: 0 };
  const traffic: Record<Break['direction'], number>[] = [];
  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => undefined);
    if (state.down) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host, port: Number(port), noDelay: true });
    const planned = state.breaks.shift();
    let isMet = planned === undefined;
    const hit = (): void => {
      state.met += 1;
      isMet = true;
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
          if (planned !== undefined && !isMet) state.breaks.push(planned);
          isMet = true;
        });
    }
    const passed = { 'to-server': 0, 'to-client': 0 };
    traffic.push(passed);
    const pumpOf = (direction: Break['direction']): Pump => ({
      planned: planned?.direction === direction ? planned : undefined,
      hit,
      note: (bytes) => (passed[direction] += bytes),
    });
    pump(client, upstream, pumpOf('to-server'));
    pump(upstream, client, pumpOf('to-client'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resetAll = (down = false): void => {
    state.down = down;
    for (const socket of open) socket.resetAndDestroy();
  };
  cleanUpLater(async () => {
    resetAll(true);
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakNext: (...breaks) => {
      state.breaks.push(...breaks);
      state.given += breaks.length;
    },
    get left() {
      return state.given - state.met;
    },
    traffic,
    passNext: (connections) => state.breaks.push(...Array<undefined>(connections).fill(undefined)),
    resetAll,
  };
}

/** One direction of a connection. */
interface Pump {
  readonly planned: Break | undefined;
  readonly hit: () => void;
  readonly note: (bytes: number) => void;
}

/** Passes bytes on until the break. */
function pump(from: Socket, to: Socket, { planned, hit, note }: Pump): void {
  let passedBytes = 0;
  let isBroken = planned === undefined;
  from.on('data', (chunk: Buffer) => {
    note(chunk.length);
    if (planned === undefined || isBroken || passedBytes + chunk.length < planned.atByte) {
      passedBytes += chunk.length;
      to.write(chunk);
      return;
    }
    isBroken = true;
    hit();
    const split = planned.atByte - passedBytes;
    to.write(chunk.subarray(0, split));
    breakOff(planned, from, to, chunk.subarray(split));
  });
  from.on('end', () => to.end());
}

/** Breaks a connection behind what has gone through. @param rest what goes through later, behind a delay */
export function breakOff({ what }: Pick<Break, 'what'>, from: Socket, to: Socket, rest: Buffer): void {
  if (what === 'reset') {
    from.resetAndDestroy();
    to.resetAndDestroy();
  } else if (what === 'cut') {
    from.end();
    to.end();
  } else {
    from.pause();
    if (what === 'stall') to.pause();
    else
      setTimeout(() => {
        to.write(rest);
        from.resume();
      }, DELAY_MS);
  }
}
