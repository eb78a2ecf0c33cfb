/** The page: loads what all views need, keeps the address, and shows the view that the address names. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { resolveRange } from '../ranges.ts';
import type { Extent } from '../reader.ts';
import type { Surroundings } from '../wire.ts';
import { loadCharts } from './charts/load.ts';
import { Coverage } from './coverage/coverage.tsx';
import { Definitions } from './definitions.tsx';
import { Overview } from './overview/overview.tsx';
import { Scorecard } from './scorecard/scorecard.tsx';
import { AppContext, type App } from './state/app.ts';
import { readAddress, withFilter, writeAddress, type PageAddress, type View } from './state/address.ts';
import { useLanguage, useTheme } from './state/preferences.ts';
import { useQuery, type Answer } from './state/use-query.ts';
import { wordsOf } from './texts/words.ts';
import { EmptyFeed } from './ui/empty-feed.tsx';
import { FailureNote } from './ui/failure-note.tsx';
import { Header } from './ui/header.tsx';
import { Toolbar } from './ui/toolbar.tsx';

/** The feed gets an hour at a time: looking for it each minute is often enough. */
const EXTENT_EVERY_MS = 60_000;
/** Before the first answer: only there so that the page's frame can be drawn. */
const NO_EXTENT = { lastCompleteHour: '1970-01-01T00' } as Extent;

/** Everything. */
export function Page(): JSX.Element {
  const [address, go] = useAddress();
  const [language, setLanguage] = useLanguage();
  const theme = useTheme();
  const extent = useExtent();
  const surroundings = useQuery<Surroundings>('surroundings');
  const words = useMemo(() => wordsOf(language), [language]);
  const known = extent.data ?? NO_EXTENT;
  const app: App = {
    address,
    go,
    keep(...filters) {
      go({ filters: withFilter(address.filters, ...filters) });
    },
    range: resolveRange(address.range, known),
    extent: known,
    surroundings: surroundings.data ?? { version: '', quarantine: false },
    language,
    theme: theme.shown,
    ...words,
    text: (text) => text[language],
  };
  useEffect(() => {
    if (address.view === 'overview') void loadCharts();
  }, [address.view]);
  useEffect(() => {
    document.title = `${app.t(address.view)} · clickfeed`;
  }, [address.view, language]);
  return (
    <AppContext.Provider value={app}>
      <a class="skip" href="#main">
        {app.t('skip')}
      </a>
      <Header language={language} onLanguage={setLanguage} theme={theme} />
      {hasToolbar(address.view, extent) && <Toolbar isPending={extent.data === undefined} />}
      <main id="main" tabIndex={-1}>
        <h1 class="unseen">{app.t(address.view)}</h1>
        {extent.failure !== undefined && extent.data === undefined && <FailureNote failure={extent.failure} />}
        {extent.failure === undefined && extent.data === undefined && <div class="skeleton" aria-busy="true" />}
        {extent.data !== undefined && <CurrentView app={app} />}
      </main>
      <footer>
        <span>clickfeed {app.surroundings.version}</span>
        <span>{app.t('allUtc')}</span>
        <span>{app.t('noPersonalData')}</span>
      </footer>
    </AppContext.Provider>
  );
}

function CurrentView({ app }: { app: App }): JSX.Element {
  if (app.address.view === 'definitions') return <Definitions />;
  if (app.address.view === 'coverage') return <Coverage />;
  if (app.extent.firstHour === undefined) return <EmptyFeed />;
  return app.address.view === 'scorecard' ? <Scorecard /> : <Overview />;
}

/**
 * The coverage has a calendar of its own, definitions and an empty feed need none. While the feed's extent is asked for, the toolbar
 * already takes its place, so that nothing jumps.
 */
function hasToolbar(view: View, { data, failure }: Answer<Extent>): boolean {
  if (view === 'coverage' || view === 'definitions') return false;
  return data === undefined ? failure === undefined : data.firstHour !== undefined;
}

function useAddress(): [PageAddress, App['go']] {
  const [address, setAddress] = useState(() => readAddress(new URL(location.href)));
  useEffect(() => {
    const onPop = (): void => {
      setAddress(readAddress(new URL(location.href)));
    };
    window.addEventListener('popstate', onPop);
    return () => {
      window.removeEventListener('popstate', onPop);
    };
  }, []);
  const go: App['go'] = (change, how) => {
    const next = { ...address, ...change };
    if (how === 'replace') history.replaceState(null, '', writeAddress(next));
    else history.pushState(null, '', writeAddress(next));
    setAddress(next);
    if (change.view !== undefined && change.view !== address.view) window.scrollTo(0, 0);
  };
  return [address, go];
}

/** The feed's extent, looked up again each minute while the page is seen; the same object while nothing changed. */
function useExtent(): Answer<Extent> {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setVersion((former) => former + 1);
    }, EXTENT_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return useQuery<Extent>('extent', version);
}
