/** Switches a chart to the table of its figures, for those who cannot see it or want to copy it. */
import type { JSX } from 'preact';
import { useApp } from '../state/app.ts';
import { Icon } from './icon.tsx';

/** The button. */
export function TableToggle(props: {
  readonly asTable: boolean;
  readonly onToggle: (asTable: boolean) => void;
}): JSX.Element {
  const { t } = useApp();
  return (
    <button
      type="button"
      class="button quiet"
      aria-pressed={props.asTable}
      title={t('showTable')}
      onClick={() => {
        props.onToggle(!props.asTable);
      }}
    >
      <Icon name={props.asTable ? 'chart' : 'table'} />
      <span class="unseen">{t('showTable')}</span>
    </button>
  );
}
