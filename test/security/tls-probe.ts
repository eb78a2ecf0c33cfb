/** Connects to S3, ClickHouse and Temporal as the product does, over TLS, and prints how each went. A process of its own: Node reads its CAs once. */
import { NativeConnection } from '@temporalio/worker';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import { connectFeedClient } from '../../client/connect.ts';
import { loadConfig } from '../../config/load.ts';

const config = loadConfig({ env: process.env, folder: process.env['PROBE_FOLDER'] ?? '' });
const signal = AbortSignal.timeout(60_000);

const CONNECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  s3: async () => {
    const store = createObjectStore(config.s3, { attempts: 1 });
    for await (const object of store.list('nothing/', signal)) throw new RangeError(`Found ${object.key}`);
    store.close();
  },
  clickhouse: async () => {
    const server = new ClickHouseServer(config.clickhouse);
    await server.query({ sql: 'SELECT 1', doing: 'probe', signal });
    await server.close();
  },
  temporalClient: async () => {
    const connection = await connectFeedClient(config.temporal);
    await connection.close();
  },
  temporalWorker: async () => {
    const connection = await NativeConnection.connect(config.temporal.connection);
    await connection.close();
  },
};

const outcomes: Record<string, string> = {};
for (const [name, connect] of Object.entries(CONNECTIONS)) {
  try {
    await connect();
    outcomes[name] = 'connected';
  } catch (error) {
    outcomes[name] = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
console.log(JSON.stringify(outcomes));
process.exit(0);
