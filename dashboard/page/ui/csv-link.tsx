/** The figures of a panel as CSV. */
import type { JSX } from 'preact';
import { useApp } from '../state/app.ts';
import { Icon } from './icon.tsx';

/** @param props.of what the panel is called */
export function CsvLink(props: { readonly path: string; readonly of: string }): JSX.Element {
  const { t } = useApp();
  const name = t('csvOf', { panel: props.of });
  return (
    <a class="button quiet" href={`/api/${props.path}`} download title={name} aria-label={name}>
      <Icon name="download" />
      <span>CSV</span>
    </a>
  );
}
