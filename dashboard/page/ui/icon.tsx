/** Icons, drawn with one stroke. */
import type { JSX } from 'preact';

const PATHS = {
  download: 'M12 4v11m-4.5-4 4.5 4.5 4.5-4.5M5 20h14',
  warning: 'M12 9v5m0 3v.01M10.3 4.3 2.6 18a2 2 0 0 0 1.7 3h15.4a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0Z',
  help: 'M9.2 9.2a2.9 2.9 0 1 1 4.1 2.9c-.9.4-1.3 1-1.3 2M12 17v.01',
  close: 'M6 6l12 12M18 6 6 18',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-5v1.5m0 15V21m9-9h-1.5m-15 0H3m15.4-6.4-1 1M6.6 17.4l-1 1m12.8 0-1-1M6.6 6.6l-1-1',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z',
  print: 'M7 8V3h10v5M7 17H4v-7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v7h-3M7 14h10v7H7Z',
  calendar: 'M5 6h14v14H5ZM5 10.5h14M9 3.5V8m6-4.5V8',
  table: 'M4 5h16v14H4ZM4 10h16M10 10v9',
  chart: 'M5 20V10m7 10V4m7 16v-7',
  up: 'm6 14 6-6 6 6',
  down: 'm6 10 6 6 6-6',
  left: 'm14 6-6 6 6 6',
  right: 'm10 6 6 6-6 6',
  link: 'M13 5h6v6m0-6-9 9M17 14v5H5V7h5',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  cross: 'M7 7l10 10M17 7 7 17',
  info: 'M12 11v6m0-10v.01',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** One icon; what it means is said by the text beside it. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
