/** What a printed page begins with: of what, of when, and what is left out. On screen, header and toolbar say it. */
import type { JSX } from 'preact';
import { useApp } from '../state/app.ts';
import { filterName } from './value-name.tsx';

/** @param props.also what else is said of the page */
export function PrintHead(props: { readonly also?: string }): JSX.Element {
  const app = useApp();
  const { t, formats, range, address } = app;
  const filters = address.view === 'overview' ? address.filters.map((filter) => filterName(app, filter)) : [];
  const said = [
    t('rangeText', { from: formats.hour(range.from), to: formats.hour(range.to) }),
    ...(address.view === 'overview'
      ? [filters.length === 0 ? t('noFilters') : `${t('filters')}: ${filters.join('; ')}`]
      : []),
    ...(props.also === undefined ? [] : [props.also]),
  ];
  return (
    <p class="print-only print-head">
      <b>{`clickfeed · ${t(address.view)}`}</b> {said.join(' · ')}
    </p>
  );
}
