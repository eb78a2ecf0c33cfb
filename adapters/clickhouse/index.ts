/**
 * The ClickHouse adapter.
 *
 *     const server = new ClickHouseServer({ url, user, password, database });
 *     await setup(server);
 *     const ports = { warehouse: createWarehouse(server), ledger: createLedger(server) };
 *     await server.close();
 */
export { createLedger } from './ledger.ts';
export { printDdl, SCHEMA_VERSION } from './migrations.ts';
export { ClickHouseServer, type ClickHouseConfig } from './server.ts';
export { setup, type SetupReport } from './setup.ts';
export { createWarehouse } from './warehouse.ts';
