/** What a printed page begins with: of what, of when, and what is left out. On screen, header and toolbar say it. */
import type { JSX } from 'preact';
import type { HourRange } from '../../../domain/hour.ts';
import { useApp } from '../state/app.ts';

/**
 * @param props.also what else is said of the page
 * @param props.of its range, where that is not the one of the address
 */
export function PrintHead(props: { readonly also?: string; readonly of?: HourRange }): JSX.Element {
  const { t, formats, range, address } = useApp();
  const { from, to } = props.of ?? range;
  const when = t('rangeText', { from: formats.hour(from), to: formats.hour(to) });
  const said = props.also === undefined ? [when] : [when, props.also];
  return (
    <p class="print-only print-head">
      <b>{`clickfeed · ${t(address.view)}`}</b> {said.join(' · ')}
    </p>
  );
}
