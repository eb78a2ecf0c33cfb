/** Language and theme: the reader's choice, else the browser's. */
import { useEffect, useState } from 'preact/hooks';
import { LANGUAGES, type Language } from '../../../domain/metrics/text.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
/** What the reader chose. */
export type ThemeChoice = (typeof THEMES)[number];

/** The theme chosen and the one shown. */
export interface Theme {
  readonly choice: ThemeChoice;
  readonly shown: 'light' | 'dark';
  readonly choose: (choice: ThemeChoice) => void;
}

/** The language, and how to change it. `?lang=ru` in the address counts once, for links. */
export function useLanguage(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>(() => {
    const asked = new URL(location.href).searchParams.get('lang') ?? recall('language') ?? navigator.language;
    return LANGUAGES.find((known) => asked.startsWith(known)) ?? 'en';
  });
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return [
    language,
    (chosen) => {
      remember('language', chosen);
      setLanguage(chosen);
    },
  ];
}

/** The theme, and how to change it. */
export function useTheme(): Theme {
  const [choice, setChoice] = useState<ThemeChoice>(() => THEMES.find((known) => known === recall('theme')) ?? 'auto');
  const dark = useMedia('(prefers-color-scheme: dark)');
  const isPrinted = useMedia('print');
  // paper is light
  const shown = isPrinted ? 'light' : choice === 'auto' ? (dark ? 'dark' : 'light') : choice;
  // before the charts are drawn, which read the colours
  if (document.documentElement.dataset['theme'] !== shown) document.documentElement.dataset['theme'] = shown;
  return {
    choice,
    shown,
    choose(chosen) {
      remember('theme', chosen);
      setChoice(chosen);
    },
  };
}

/** Whether the page is shown so; told at once, so that what is printed has changed before it is. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const media = window.matchMedia(query);
    const onChange = (): void => {
      setMatches(media.matches);
    };
    media.addEventListener('change', onChange);
    return () => {
      media.removeEventListener('change', onChange);
    };
  }, [query]);
  return matches;
}

/** The browser may forbid storage: then the choice lasts as long as the page. */
function recall(name: string): string | null {
  try {
    return localStorage.getItem(`clickfeed-${name}`);
  } catch {
    return null;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`clickfeed-${name}`, value);
  } catch {
    // see recall
  }
}
