/** Writes docker/clickhouse/users.xml: the users of the Compose stack. `npx tsx scripts/clickhouse-users.ts`, after grants changed. */
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { grantsOf } from '../adapters/clickhouse/index.ts';
import { quoteIdentifier } from '../adapters/clickhouse/sql.ts';

/** Where it goes. */
export const USERS_FILE = fileURLToPath(new URL('../docker/clickhouse/users.xml', import.meta.url));

const DATABASE = 'clickfeed';

/** The file's content. The passwords are read by ClickHouse from its environment. */
export function usersXml(): string {
  const name = (table: string): string => `${quoteIdentifier(DATABASE)}.${quoteIdentifier(table)}`;
  const grants = grantsOf('worker', name, DATABASE).map(({ rights, on }) => `GRANT ${rights} ON ${on}`);
  return `<clickhouse>
  <!-- Made by scripts/clickhouse-users.ts from the worker’s least rights. Do not edit. -->
  <profiles>
    <default>
      <enable_shared_storage_snapshot_in_query>1</enable_shared_storage_snapshot_in_query>
    </default>
  </profiles>
  <users>
    <default remove="remove"/>
    <!-- Setup and administration: may do everything, make further users too. -->
    <clickfeed_setup>
      <password from_env="CLICKFEED_SETUP_PASSWORD"/>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
    </clickfeed_setup>
    <!-- The worker: what loading needs, no more. Not named as the role clickfeed_worker, which GRANT would mistake for it. -->
    <clickfeed_loader>
      <password from_env="CLICKFEED_WORKER_PASSWORD"/>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
${grants.map((grant) => `        <query>${grant}</query>`).join('\n')}
      </grants>
    </clickfeed_loader>
  </users>
</clickhouse>
`;
}

if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(USERS_FILE, usersXml());
