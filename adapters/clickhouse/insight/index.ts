/** Page views, metrics and the pages' reader over ClickHouse. */
export { BI_METRICS, type BiMetric } from './bi-metrics.ts';
export { BI_VIEWS, type BiColumn, type BiType, type BiView } from './bi-views.ts';
export { createLedgerVersion } from './ledger-version.ts';
export { createEventsStore } from './events-store.ts';
export { DERIVED_TABLES, VIEWED_TABLES, type DerivedTable } from './tables.ts';
export { createInsightReader, type InsightReaderOptions } from './reader.ts';
