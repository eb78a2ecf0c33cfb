/** All cases of what can go wrong, in the order of their numbers. */
import { CLICKHOUSE_CASES } from './clickhouse.ts';
import type { CaseSection } from './fault-case.ts';
import { LEDGER_CASES } from './ledger.ts';
import { LINES_CASES } from './lines.ts';
import { S3_CASES } from './s3.ts';
import { SECURITY_CASES } from './security.ts';
import { WORKER_CASES } from './worker.ts';
import { ZIP_CASES } from './zip.ts';

export const CASE_SECTIONS: readonly CaseSection[] = [
  { title: 'S3', cases: S3_CASES },
  { title: 'Zip', cases: ZIP_CASES },
  { title: 'Lines', cases: LINES_CASES },
  { title: 'ClickHouse', cases: CLICKHOUSE_CASES },
  { title: 'Temporal and the worker', cases: WORKER_CASES },
  { title: 'Security', cases: SECURITY_CASES },
  { title: 'The ledger itself', cases: LEDGER_CASES },
];
