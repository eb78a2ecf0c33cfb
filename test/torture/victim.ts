/** A process that does deeds once it is told which, all at the same time, and ends; the torture kills it or lets it stand still half-way. */
import { doDeed, type Deed } from './deeds.ts';
import { asActivity, createWorkbench, type Place } from './workbench.ts';

/** One deed of a victim. */
export interface Order {
  readonly place: Place;
  readonly deed: Deed;
}

async function doOrder({ place, deed }: Order): Promise<void> {
  const workbench = createWorkbench(place);
  try {
    await asActivity(() => doDeed(workbench, deed));
  } catch {
    // A refusal is a right end too: of a zombie, for example. What counts is what readers see.
  } finally {
    await workbench.close();
  }
}

process.once('message', (orders: readonly Order[]) => {
  const doing = orders.map(async (order, index) => {
    await doOrder(order);
    process.send?.(index);
  });
  void Promise.all(doing).then(() => {
    process.disconnect();
  });
});
process.once('disconnect', () => process.exit()); // the torture is over, or this victim is
