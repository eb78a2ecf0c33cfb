/** Every command by name, in the order of the help. */
import type { CommandEntry } from '../cli/program.ts';

/** Each imports its own module only. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'run everything on this machine, with a demo feed',
    load: async () => (await import('./up.ts')).defineUp,
  },
  {
    name: 'setup',
    summary: 'make database, tables, views and the schedules',
    load: async () => (await import('./setup.ts')).defineSetup,
  },
  {
    name: 'worker',
    summary: 'run a worker',
    load: async () => (await import('./worker.ts')).defineWorker,
  },
  {
    name: 'load',
    summary: 'load one hour now',
    load: async () => (await import('./load.ts')).defineLoad,
  },
  {
    name: 'backfill',
    summary: 'load a range of hours',
    load: async () => (await import('./backfill.ts')).defineBackfill,
  },
  {
    name: 'follow',
    summary: 'show a run until it ends',
    load: async () => (await import('./follow.ts')).defineFollow,
  },
  {
    name: 'status',
    summary: 'what is loaded, per table',
    load: async () => (await import('./status.ts')).defineStatus,
  },
  {
    name: 'coverage',
    summary: 'what became of each hour, as a grid',
    load: async () => (await import('./coverage.ts')).defineCoverage,
  },
  {
    name: 'receipts',
    summary: 'the proof of every load of an hour',
    load: async () => (await import('./coverage.ts')).defineReceipts,
  },
  {
    name: 'metrics',
    summary: 'the figures of the dashboard, and what they mean',
    load: async () => (await import('./metrics.ts')).defineMetrics,
  },
  {
    name: 'quarantine',
    summary: 'lines that could not become rows',
    load: async () => (await import('./quarantine.ts')).defineQuarantine,
  },
  {
    name: 'truncate',
    summary: 'clear tables, or hours of them',
    load: async () => (await import('./truncate.ts')).defineTruncate,
  },
  {
    name: 'restore',
    summary: 'take a truncation back',
    load: async () => (await import('./truncate.ts')).defineRestore,
  },
  {
    name: 'reconcile',
    summary: 'hold bucket, ledger and rows against each other',
    load: async () => (await import('./upkeep.ts')).defineReconcile,
  },
  {
    name: 'sweep',
    summary: 'delete rows that can never be seen again',
    load: async () => (await import('./upkeep.ts')).defineSweep,
  },
  {
    name: 'schedule',
    summary: 'list, pause, trigger the schedules',
    load: async () => (await import('./schedule.ts')).defineSchedule,
  },
  {
    name: 'dashboard',
    summary: 'serve the pages: overview, coverage, scorecard',
    load: async () => (await import('./dashboard.ts')).defineDashboard,
  },
  {
    name: 'doctor',
    summary: 'check S3, ClickHouse and Temporal',
    load: async () => (await import('./doctor.ts')).defineDoctor,
  },
];
