/** Users with the roles' rights on an embedded server, which takes users from its file only. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { grantsOf, ROLES } from '../../adapters/clickhouse/grants.ts';
import { PROFILE_LOCKS, PROFILE_SETTINGS } from '../../adapters/clickhouse/settings.ts';
import type { ClickHouseServer as Process } from '../../devstack/servers/clickhouse.ts';

/** Adds a user per role, named as it, with the printed rights and the printed profile; restarts the server. */
export async function addRoleUsers(
  { dir, process }: { readonly dir: string; readonly process: Process },
  { name, password }: { readonly name: string; readonly password: string },
): Promise<void> {
  const users = ROLES.map((role) => {
    const grants = grantsOf(role, (table) => `\`${name}\`.\`${table}\``, name);
    const queries = grants.map(({ rights, on }) => `<query>GRANT ${rights} ON ${on}</query>`).join('');
    return `<${role}><password>${password}</password><networks><ip>127.0.0.1</ip></networks><profile>pinned</profile>
      <quota>default</quota><grants>${queries}</grants></${role}>`;
  });
  const settings = Object.entries(PROFILE_SETTINGS);
  const values = settings.map(([setting, value]) => `<${setting}>${value}</${setting}>`).join('');
  const locked = [...settings.map(([setting]) => setting), ...PROFILE_LOCKS];
  const constant = locked.map((setting) => `<${setting}><const/></${setting}>`).join('');
  const profile = `<pinned>${values}<constraints>${constant}</constraints></pinned></profiles>`;
  const file = join(dir, 'users.xml');
  const text = (await readFile(file, 'utf8')).replace(
    '<profiles><default/></profiles>',
    '<profiles><default/>' + profile,
  );
  await writeFile(file, text.replace('</users>', `${users.join('')}</users>`));
  await process.process.restart();
}
