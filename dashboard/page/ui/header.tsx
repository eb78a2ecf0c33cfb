/** Brand, views, language and theme. */
import type { JSX } from 'preact';
import { LANGUAGES, type Language } from '../../../domain/metrics/text.ts';
import { useApp } from '../state/app.ts';
import { VIEWS, writeAddress } from '../state/address.ts';
import type { Theme } from '../state/preferences.ts';
import { Icon } from './icon.tsx';

/** The header. */
export function Header(props: {
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  readonly theme: Theme;
}): JSX.Element {
  const { t, address, go } = useApp();
  const { theme } = props;
  const other = theme.shown === 'dark' ? 'light' : 'dark';
  return (
    <header class="top">
      <div class="brand">
        <img src="/icon.svg" alt="" width="26" height="26" />
        <span>clickfeed</span>
      </div>
      <nav aria-label={t('views')}>
        {VIEWS.map((view) => (
          <a
            key={view}
            href={writeAddress({ ...address, view, hour: undefined })}
            aria-current={view === address.view ? 'page' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go({ view, hour: undefined });
            }}
          >
            {t(view)}
          </a>
        ))}
      </nav>
      <div class="top-tools">
        <fieldset class="segments">
          <legend class="unseen">{t('language')}</legend>
          {LANGUAGES.map((language) => (
            <label key={language}>
              <input
                type="radio"
                name="language"
                checked={language === props.language}
                onChange={() => {
                  props.onLanguage(language);
                }}
              />
              <span lang={language}>{language.toUpperCase()}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          class="button quiet"
          title={t(other === 'dark' ? 'toDark' : 'toLight')}
          onClick={() => {
            theme.choose(other);
          }}
        >
          <Icon name={other === 'dark' ? 'moon' : 'sun'} />
          <span class="unseen">{t(other === 'dark' ? 'toDark' : 'toLight')}</span>
        </button>
      </div>
    </header>
  );
}
