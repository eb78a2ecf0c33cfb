/** A gate within the server: an INSERT that has read the ledger waits there, and writes when it is opened. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanUpLater } from '../../../support/cleanup.ts';

/** Where an INSERT ... SELECT of the ledger says what it reads. */
const WHERE = /( FROM \S+)?\s+WHERE (?=event = |\{id:String\} NOT IN)/;

/** A gate for one statement. */
export interface Gate {
  /** The INSERT ... SELECT with the gate in its way: rows of an answer that keeps it waiting, read once its subqueries are. */
  through(sql: string): string;
  /** Resolves when the statement stands before it. */
  readonly reached: Promise<void>;
  open(): void;
}

/** Makes a closed gate; it ends with the test. */
export async function createGate(): Promise<Gate> {
  let reach: () => void = () => undefined;
  let waiting: ServerResponse | undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const server = createServer(({ method }, response) => {
    if (method === 'HEAD') {
      response.end(); // asked while the statement is planned, before it reads
      return;
    }
    waiting = response;
    reach();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUpLater(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const rows = `url('http://127.0.0.1:${(server.address() as AddressInfo).port}/', 'LineAsString', 'gate String') AS gates`;
  return {
    reached,
    through(sql) {
      if (!WHERE.test(sql)) throw new Error(`Cannot put a gate into a statement that has no place for it: ${sql}`);
      return sql.replace(
        WHERE,
        (_all, from?: string) => `${from === undefined ? ' FROM' : `${from} CROSS JOIN`} ${rows} WHERE `,
      );
    },
    open: () => waiting?.end('open\n'),
  };
}
