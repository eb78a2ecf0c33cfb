/**
 * The ClickHouse adapter.
 *
 *     const server = new ClickHouseServer({ url, user, password, database });
 *     await setup(server);
 *     const ports = createLoadPorts(server);
 *     await server.close();
 */
export { checkServer } from './check.ts';
export { grantsOf, printGrants, ROLES, roleName, type Grant, type Role } from './grants.ts';
export { createLedger } from './ledger.ts';
export { createLoadIds } from './load-ids.ts';
export { createLoadPorts } from './load-ports.ts';
export { printDdl, SCHEMA_VERSION } from './migrations.ts';
export { ClickHouseServer, type ClickHouseConfig } from './server.ts';
export { setup, type SetupReport } from './setup.ts';
export { createStatusReader } from './status.ts';
export { createWarehouse } from './warehouse.ts';
