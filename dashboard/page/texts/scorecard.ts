/** Texts of the scorecard. */
import type { Text } from '../../../domain/metrics/text.ts';

export const SCORECARD = {
  scorecardTitle: { en: 'Is this feed worth buying?', ru: 'Стоит ли покупать этот поток?' },
  judgedAt: { en: 'judged {time} UTC', ru: 'оценено {time} UTC' },
  print: { en: 'Print or PDF', ru: 'Печать или PDF' },
  judgedLines: { en: 'Lines and verdicts', ru: 'Критерии и вердикты' },
  line: { en: 'Line', ru: 'Критерий' },
  value: { en: 'Value', ru: 'Значение' },
  verdict: { en: 'Verdict', ru: 'Вердикт' },
  expected: { en: 'Expected', ru: 'Ожидается' },
  reason: { en: 'What was found', ru: 'Что найдено' },
  verdict_good: { en: 'good', ru: 'хорошо' },
  verdict_watch: { en: 'watch', ru: 'следить' },
  verdict_bad: { en: 'bad', ru: 'плохо' },
  verdict_info: { en: 'figure', ru: 'справка' },
  verdict_unknown: { en: 'not known', ru: 'неизвестно' },
  overallGood: { en: 'Every line with a threshold is good.', ru: 'Все критерии с порогом в норме.' },
  overallWatch: { en: 'Nothing is bad; some lines need watching.', ru: 'Плохих нет; за некоторыми стоит следить.' },
  overallBad: {
    en: 'Some lines are bad: ask the vendor about them.',
    ru: 'Есть плохие: задайте о них вопросы поставщику.',
  },
  atLeast: { en: 'at least {good}; watch from {watch}', ru: 'не меньше {good}; следить от {watch}' },
  atMost: { en: 'at most {good}; watch up to {watch}', ru: 'не больше {good}; следить до {watch}' },
  noThreshold: { en: 'no threshold', ru: 'без порога' },
  nothingMeasured: { en: 'Nothing to measure in this range.', ru: 'За этот период измерять нечего.' },
  why_coverage: {
    en: '{loaded} of {expected} objects loaded, {missing} missing.',
    ru: 'Загружено объектов: {loaded} из {expected}, не хватает: {missing}.',
  },
  why_publishing_delay_p50: { en: 'Objects judged: {objects}.', ru: 'Учтено объектов: {objects}.' },
  why_publishing_delay_p95: {
    en: 'Objects judged: {objects}; the latest came after {latest}.',
    ru: 'Учтено объектов: {objects}; самый поздний — через {latest}.',
  },
  leftOutBulk: {
    en: 'Left out: {bulk} that were uploaded together, before the first load; they do not tell when they were published.',
    ru: 'Не учтено: {bulk} — загружены в хранилище разом до первой загрузки и о сроке публикации не говорят.',
  },
  mostly: { en: 'Mostly {field}: {count}.', ru: 'Чаще всего {field}: {count}.' },
  why_volume_stability: {
    en: '{mean} page views a day over {days} days, spread {spread}.',
    ru: '{mean} просмотров в день за {days} дн., разброс {spread}.',
  },
  why_gaps: {
    en: 'Hours missing: {hoursMissing} of {hours}; hours in the longest gap: {longest}.',
    ru: 'Нет часов: {hoursMissing} из {hours}; самый длинный пропуск, часов: {longest}.',
  },
  why_duplicates: { en: '{part} of {whole} page views.', ru: '{part} из {whole} просмотров.' },
  why_joined_events: { en: '{part} of {whole} events.', ru: '{part} из {whole} событий.' },
  why_null_rate: { en: '{part} of {whole} optional values.', ru: '{part} из {whole} необязательных значений.' },
  why_drift_rate: { en: '{part} of {whole} lines.', ru: '{part} из {whole} строк.' },
  why_quarantined_lines: { en: '{part} of {whole} lines.', ru: '{part} из {whole} строк.' },
  why_outside_hour: { en: '{part} of {whole} events.', ru: '{part} из {whole} событий.' },
  why_bots: { en: '{part} of {whole} events.', ru: '{part} из {whole} событий.' },
  why_outlier_hours: { en: '{part} of {whole} hours.', ru: '{part} из {whole} часов.' },
  why_conversion: { en: '{part} of {whole} sessions bought.', ru: 'Купили {part} из {whole} сессий.' },
  why_stored_bytes_per_million: {
    en: '{bytes} on disk for {pageViews} page views.',
    ru: '{bytes} на диске для {pageViews} просмотров.',
  },
  why_load_seconds_per_million: {
    en: '{seconds} of loading for {pageViews} page views, {rows} rows in all tables.',
    ru: '{seconds} загрузки на {pageViews} просмотров: записей во всех таблицах — {rows}.',
  },
  why_growth_per_year: {
    en: 'At {pageViewsPerHour} page views an hour.',
    ru: 'При {pageViewsPerHour} просмотрах в час.',
  },
  proof: { en: 'Proof: totals of the receipts', ru: 'Доказательство: итоги квитанций' },
  proofMeans: {
    en: 'Lines delivered = rows stored + lines quarantined, for every object. The vendor can check it against what was sent.',
    ru: 'Строк доставлено = записей сохранено + строк в карантине, для каждого объекта. Поставщик может сверить с отправленным.',
  },
  objects: { en: 'Objects', ru: 'Объекты' },
  conversionBy: { en: 'Conversion: {dimension}', ru: 'Конверсия: {dimension}' },
} satisfies Readonly<Record<string, Text>>;
