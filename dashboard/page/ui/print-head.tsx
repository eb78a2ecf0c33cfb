/** What a printed page begins with: of what, of when, and what is left out. On screen, header and toolbar say it. */
import type { JSX } from 'preact';
import { useApp } from '../state/app.ts';

/** @param props.also what else is said of the page */
export function PrintHead(props: { readonly also: string }): JSX.Element {
  const { t, formats, range, address } = useApp();
  const said = [t('rangeText', { from: formats.hour(range.from), to: formats.hour(range.to) }), props.also];
  return (
    <p class="print-only print-head">
      <b>{`clickfeed · ${t(address.view)}`}</b> {said.join(' · ')}
    </p>
  );
}
