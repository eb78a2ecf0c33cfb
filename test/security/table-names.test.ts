/** Case 91: names of tables that are none of the feed's. */
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import type { LoadWindow } from '../../domain/loading.ts';
import { windowOf } from '../faults/support.ts';
import { createLoader } from '../support/loader.ts';

describe('loadTable()', () => {
  it('case 91: refuses a table outside the catalogue before any I/O', async () => {
    const loader = await createLoader();
    const asked: string[] = [];
    const watched = <T extends object>(port: T): T =>
      new Proxy(port, {
        get: (target, name) => {
          asked.push(String(name));
          return Reflect.get(target, name, target) as unknown;
        },
      });
    const { store, warehouse, ledger } = loader.ports;
    const activities = createActivities({
      ...loader.ports,
      store: watched(store),
      warehouse: watched(warehouse),
      ledger: watched(ledger),
    });
    for (const table of ['loads; DROP TABLE loads', 'quarantine', '__proto__', 'Browser_Events']) {
      const crafted = { ...windowOf(), table } as unknown as LoadWindow;
      await expect(loader.run(() => activities.loadTable(crafted))).rejects.toThrow(/expected one of browser_events/);
    }
    expect(asked).toEqual([]);
  });
});
