/** Values of the feed as people read them; the feed may hold anything, so nothing invisible passes. */
import type { JSX } from 'preact';
import { DIMENSIONS, type DimensionId } from '../../../domain/metrics/dimensions.ts';
import type { Filter } from '../../reader.ts';
import { visible } from '../format.ts';
import { useApp, type App } from '../state/app.ts';

/** The name of a dimension's value. */
export function nameOf(app: App, dimension: DimensionId, value: string | null): string {
  if (value === null) return app.t('notKnown');
  const shown = visible(value);
  switch (dimension) {
    case 'country':
      return app.formats.country(shown);
    case 'language':
      return `${app.formats.locale(shown)} · ${shown}`;
    case 'weekday':
      return /^[1-7]$/.test(value) ? app.formats.weekday(Number(value)) : shown;
    case 'hour_of_day':
      return `${shown.padStart(2, '0')}:00`;
    case 'visitor_kind':
      return value === 'new' || value === 'returning' ? app.t(value) : shown;
    default:
      return shown === '' ? app.t('emptyText') : shown;
  }
}

/** A filter in words: "Source: google". */
export function filterName(app: App, { dimension, value }: Filter): string {
  return `${app.text(DIMENSIONS[dimension].name)}: ${nameOf(app, dimension, value)}`;
}

/** A value as an element: values that are not known look different. */
export function ValueName({ dimension, value }: { dimension: DimensionId; value: string | null }): JSX.Element {
  const app = useApp();
  const name = nameOf(app, dimension, value);
  return (
    <span class={value === null ? 'value not-known' : 'value'} title={name} dir="auto">
      {name}
    </span>
  );
}
