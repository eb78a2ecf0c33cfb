/** What there is to see before the first hour is loaded. */
import type { JSX } from 'preact';
import { useApp } from '../state/app.ts';

/** The note. */
export function EmptyFeed(): JSX.Element {
  const { t, go } = useApp();
  return (
    <section class="panel empty-feed">
      <h2>{t('emptyFeed')}</h2>
      <p>{t('emptyFeedWhy')}</p>
      <pre>
        <code>clickfeed backfill</code>
      </pre>
      <button
        type="button"
        class="button"
        onClick={() => {
          go({ view: 'coverage' });
        }}
      >
        {t('seeCoverage')}
      </button>
    </section>
  );
}
