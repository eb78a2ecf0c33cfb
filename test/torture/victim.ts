/** A process that runs one activity and ends; the torture kills it or lets it stand still half-way. Its order is in the environment. */
import type { Deed } from './deeds.ts';
import { asActivity, createWorkbench, type Place } from './workbench.ts';
import { doDeed } from './deeds.ts';

const order = JSON.parse(process.env['TORTURE_ORDER'] ?? '') as { readonly place: Place; readonly deed: Deed };
const workbench = createWorkbench(order.place);
try {
  await asActivity(() => doDeed(workbench, order.deed));
} catch (error) {
  // A refusal is a right end too: of a zombie, for example. What counts is what readers see.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await workbench.close();
}
