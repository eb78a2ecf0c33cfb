/** The scorecard: the lines by which the feed is judged, their thresholds, and the verdict on a measured value. Pure. */
import type { Text } from './text.ts';

export const SCORECARD_IDS = [
  'coverage',
  'publishing_delay_p50',
  'publishing_delay_p95',
  'volume_stability',
  'gaps',
  'duplicates',
  'joined_events',
  'null_rate',
  'drift_rate',
  'quarantined_lines',
  'outside_hour',
  'bots',
  'outlier_hours',
  'conversion',
  'stored_bytes_per_million',
  'load_seconds_per_million',
  'growth_per_year',
] as const;

/** One of {@link SCORECARD_IDS}. */
export type ScorecardId = (typeof SCORECARD_IDS)[number];

export type ScorecardUnit = 'share' | 'seconds' | 'count' | 'bytes' | 'ratio';

/** `unknown`: there is nothing to measure yet. `info`: a figure without a threshold. */
export type Verdict = 'good' | 'watch' | 'bad' | 'info' | 'unknown';

/** Good up to (or from) `good`, watch up to (or from) `watch`, else bad. In the unit of the line. */
export interface Threshold {
  readonly better: 'up' | 'down';
  readonly good: number;
  readonly watch: number;
}

/** The definition of a line. */
export interface ScorecardLine {
  readonly id: ScorecardId;
  readonly name: Text;
  /** What is measured, in one sentence. */
  readonly meaning: Text;
  readonly unit: ScorecardUnit;
  /** Absent: the figure is shown without a verdict. */
  readonly threshold?: Threshold;
}

function line(
  id: ScorecardId,
  unit: ScorecardUnit,
  en: readonly [name: string, meaning: string],
  ru: readonly [name: string, meaning: string],
  threshold?: Threshold,
): ScorecardLine {
  return {
    id,
    unit,
    name: { en: en[0], ru: ru[0] },
    meaning: { en: en[1], ru: ru[1] },
    ...(threshold ? { threshold } : {}),
  };
}

function atMost(good: number, watch: number): Threshold {
  return { better: 'down', good, watch };
}

function atLeast(good: number, watch: number): Threshold {
  return { better: 'up', good, watch };
}

/** All lines in their order, with the default thresholds. */
export const SCORECARD_LINES: readonly ScorecardLine[] = [
  line(
    'coverage',
    'share',
    ['Coverage', 'Share of the hours and tables of the range that are loaded.'],
    ['Покрытие', 'Доля загруженных часов и таблиц периода.'],
    atLeast(0.995, 0.97),
  ),
  line(
    'publishing_delay_p50',
    'seconds',
    [
      'Publishing delay, median',
      'Last modified of the object minus the end of its hour, half of the objects are faster. History that was uploaded in bulk before the first load is left out.',
    ],
    [
      'Задержка публикации, медиана',
      'Время изменения объекта минус конец его часа; половина объектов быстрее. История, загруженная разом до первой загрузки, не учитывается.',
    ],
    atMost(900, 3600),
  ),
  line(
    'publishing_delay_p95',
    'seconds',
    [
      'Publishing delay, 95 %',
      'Last modified of the object minus the end of its hour, 95 % of the objects are faster. History that was uploaded in bulk before the first load is left out.',
    ],
    [
      'Задержка публикации, 95 %',
      'Время изменения объекта минус конец его часа; 95 % объектов быстрее. История, загруженная разом до первой загрузки, не учитывается.',
    ],
    atMost(3600, 4 * 3600),
  ),
  line(
    'volume_stability',
    'ratio',
    ['Volume stability', 'Spread of page views per day against their mean (coefficient of variation).'],
    ['Стабильность объёма', 'Разброс просмотров по дням относительно среднего (коэффициент вариации).'],
    atMost(0.3, 0.6),
  ),
  line(
    'gaps',
    'count',
    ['Gaps', 'Runs of hours in which at least one table is missing.'],
    ['Пропуски', 'Число отрезков из часов, где не хватает хотя бы одной таблицы.'],
    atMost(0, 3),
  ),
  line(
    'duplicates',
    'share',
    ['Duplicates', 'Share of page views whose event id occurs more than once, beyond the first of each.'],
    ['Повторы', 'Доля просмотров с уже встречавшимся идентификатором события.'],
    atMost(0.0005, 0.005),
  ),
  line(
    'joined_events',
    'share',
    ['Joined events', 'Share of page views that join in all four tables.'],
    ['Связанные события', 'Доля просмотров, найденных во всех четырёх таблицах.'],
    atLeast(0.999, 0.99),
  ),
  line(
    'null_rate',
    'share',
    ['Null rate', 'Share of the optional fields that are missing or null.'],
    ['Пустые значения', 'Доля необязательных полей, которые пусты.'],
    atMost(0.02, 0.1),
  ),
  line(
    'drift_rate',
    'share',
    ['Drift rate', 'Share of the lines that carry a field which the catalogue does not know.'],
    ['Дрейф схемы', 'Доля строк с полем, которого нет в каталоге.'],
    atMost(0, 0.05),
  ),
  line(
    'quarantined_lines',
    'share',
    ['Quarantined lines', 'Share of the lines that could not become rows.'],
    ['Карантин', 'Доля строк, которые не удалось загрузить.'],
    atMost(0.0001, 0.005),
  ),
  line(
    'outside_hour',
    'share',
    ['Times outside their hour', 'Share of page views whose time is not in the hour of their object.'],
    ['Время вне часа', 'Доля просмотров, чьё время не попадает в час объекта.'],
    atMost(0.001, 0.01),
  ),
  line(
    'bots',
    'share',
    [
      'Bots and scripts',
      'Share of page views by visitors with more than 500 page views in an hour, or whose user agent names a bot.',
    ],
    ['Боты и скрипты', 'Доля просмотров посетителей с более чем 500 просмотрами в час или с ботом в user agent.'],
    atMost(0.01, 0.05),
  ),
  line(
    'outlier_hours',
    'share',
    [
      'Outlier hours',
      'Share of hours with less than a third or more than three times the median of their hour of day.',
    ],
    ['Часы-выбросы', 'Доля часов, где просмотров втрое меньше или больше медианы того же часа суток.'],
    atMost(0.01, 0.05),
  ),
  line(
    'conversion',
    'share',
    ['Conversion', 'Share of sessions with a purchase.'],
    ['Конверсия', 'Доля сессий с покупкой.'],
  ),
  line(
    'stored_bytes_per_million',
    'bytes',
    ['Storage', 'Bytes on disk for a million page views, all four tables and what is derived from them.'],
    ['Хранение', 'Байт на диске на миллион просмотров, все четыре таблицы и производные.'],
  ),
  line(
    'load_seconds_per_million',
    'seconds',
    ['Load cost', 'Seconds from the begin of a load to its commit, for a million page views.'],
    ['Стоимость загрузки', 'Секунд от начала загрузки до фиксации на миллион просмотров.'],
  ),
  line(
    'growth_per_year',
    'bytes',
    ['Growth per year', 'Bytes on disk that a year of the feed adds, at the pace of the range.'],
    ['Рост за год', 'Байт на диске за год потока при темпе периода.'],
  ),
];

/** The verdict on a value; `undefined`: nothing could be measured. */
export function verdictOn(value: number | undefined, threshold: Threshold | undefined): Verdict {
  if (value === undefined) return 'unknown';
  if (threshold === undefined) return 'info';
  const { better, good, watch } = threshold;
  const within = (limit: number): boolean => (better === 'up' ? value >= limit : value <= limit);
  if (within(good)) return 'good';
  return within(watch) ? 'watch' : 'bad';
}
