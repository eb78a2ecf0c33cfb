/** What the torture does again and again: one call of one activity. Plain JSON, as it goes into another process. */
import type { LoadWindow } from '../../domain/loading.ts';
import type { HourRange } from '../../domain/hour.ts';
import type { TableName } from '../../domain/catalogue.ts';
import type { Workbench } from './workbench.ts';

/** One call. */
export type Deed =
  | { readonly kind: 'load'; readonly window: LoadWindow }
  | { readonly kind: 'truncate'; readonly truncationId: string; readonly table: TableName; readonly range: HourRange }
  | { readonly kind: 'restore'; readonly truncationId: string }
  | { readonly kind: 'purge'; readonly truncationId: string }
  | { readonly kind: 'sweep'; readonly table: TableName };

/** Does it; in the context of an activity. */
export async function doDeed({ activities }: Workbench, deed: Deed): Promise<unknown> {
  switch (deed.kind) {
    case 'load':
      return activities.loadTable(deed.window);
    case 'truncate':
      return activities.truncate({ ...deed.range, tables: [deed.table], truncationId: deed.truncationId });
    case 'restore':
      return activities.restore({ truncationId: deed.truncationId });
    case 'purge':
      return activities.purge({ truncationId: deed.truncationId });
    case 'sweep':
      return activities.sweep({ table: deed.table });
  }
}
