/** A parent for the guard's test: starts ClickHouse, prints its process id, then waits to be killed. */
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';

const [, , dir = ''] = process.argv;
const server = await startClickHouse({ dir, user: 'clickfeed', password: 'secret' });
process.stdout.write(`${server.process.pid}\n`);
setInterval(() => undefined, 60_000);
