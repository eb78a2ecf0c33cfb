/** What every part of the page needs: the address, the language, the feed's extent. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { HourRange } from '../../../domain/hour.ts';
import type { Language, Text } from '../../../domain/metrics/text.ts';
import type { Extent, Filter } from '../../reader.ts';
import type { Surroundings } from '../../wire.ts';
import type { Words } from '../texts/words.ts';
import type { PageAddress } from './address.ts';

/** The page's state. */
export interface App extends Words {
  readonly address: PageAddress;
  /** Changes the address; `replace` leaves no step to go back to. */
  readonly go: (change: Partial<PageAddress>, how?: 'replace') => void;
  /** Adds filters, replacing others of the same dimensions. */
  readonly keep: (...filters: Filter[]) => void;
  readonly range: HourRange;
  readonly extent: Extent;
  readonly surroundings: Surroundings;
  readonly language: Language;
  /** Changes when colours do. */
  readonly theme: 'light' | 'dark';
  readonly text: (text: Text) => string;
}

export const AppContext = createContext<App | undefined>(undefined);

/** The state of the page around this component. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('Use the page: found no context, expected AppContext around it');
  return app;
}
