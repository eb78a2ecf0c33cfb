/** Begins what the overview needs before it is drawn: drawing it takes longer than most answers. */
import { openingQuestions } from '../../opening.ts';
import { resolveRange } from '../../ranges.ts';
import type { Extent } from '../../reader.ts';
import { loadCharts, loadWorld } from '../charts/load.ts';
import type { PageAddress } from '../state/address.ts';
import { askAhead } from '../state/ask.ts';
import { familyOf } from './families.ts';
import { seriesShown } from './series-shown.ts';

/** Asks all panels, as soon as the feed's extent is known, and loads the scripts of the charts. */
export async function beginOverview(address: PageAddress): Promise<void> {
  const extent = await askAhead<Extent>('extent').catch(() => undefined); // the page tells why
  if (extent?.firstHour !== undefined) {
    const range = resolveRange(address.range, extent);
    const { metric, grain } = seriesShown(address, range);
    const questions = openingQuestions({ range, filters: address.filters }, { family: familyOf(metric), grain });
    for (const { panel, search } of questions) void askAhead(`${panel}?${String(search)}`);
  }
  await Promise.all([loadCharts(), loadWorld()]);
}
