/** Run by new-column.test.ts in a changed copy of the project: sets the database up and loads one hour once more. */
import { randomInt } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createLoadTable } from '../../activities/load-table.ts';
import { createArchiveReader } from '../../adapters/archive/index.ts';
import { ClickHouseServer, createLedger, createWarehouse, setup } from '../../adapters/clickhouse/index.ts';
import { createObjectStore } from '../../adapters/s3/index.ts';
import { addHours, parseHour } from '../../domain/hour.ts';
import type { LoadReport } from '../../domain/loading.ts';

const {
  clickhouse,
  s3,
  hour: hourText,
} = JSON.parse(process.env['WALK'] ?? '') as {
  clickhouse: ConstructorParameters<typeof ClickHouseServer>[0];
  s3: Parameters<typeof createObjectStore>[0];
  hour: string;
};
const hour = parseHour(hourText);
const server = new ClickHouseServer(clickhouse);
const { applied } = await setup(server);
const store = createObjectStore(s3);
const loadTable = createLoadTable({
  store,
  archives: createArchiveReader({ entrySizeBytes: 2 ** 30, ratio: 1000, entries: 10 }),
  warehouse: createWarehouse(server),
  ledger: createLedger(server),
  randomBelow: (below) => randomInt(below),
  workerName: 'walk',
});
const window = {
  table: 'location_events',
  from: hour,
  to: addHours(hour, 1),
  mode: 'all',
  seen: [],
  fillCleared: true,
} as const;
const report: LoadReport = await new MockActivityEnvironment({ startToCloseTimeoutMs: 60_000 }).run(() =>
  loadTable(window),
);
store.close();
await server.close();
console.log(JSON.stringify({ applied, drift: report.drift, outcome: report.hours[0]?.outcome }));
