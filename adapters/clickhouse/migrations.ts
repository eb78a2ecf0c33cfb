/**
 * The numbered migrations. Each statement can be run again without effect, so that setup may be run twice at once and may mend.
 * What is released is frozen: setup records the checksum of each and refuses a database that another text made. A new field is a
 * new migration; the text of the old ones is then written out, so that they no longer follow the catalogue.
 */
import { createHash } from 'node:crypto';
import { CATALOGUE } from '../../domain/catalogue.ts';
import { VIEWED_TABLES, derivedTableDdl, MONTHLY_TABLES, monthlyTableDdl, sourcesColumnDdl } from './insight/tables.ts';
import { insightViewsDdl } from './insight/views.ts';
import { quoteIdentifier } from './sql.ts';
import { createTable, ledgerDdl, personalKeyDdl, quarantineDdl, rawTableDdl, sightingsDdl } from './tables.ts';
import { viewsDdl, type Namer } from './views.ts';

/** One step from one shape of the database to the next. */
export interface Migration {
  /** 1, 2, 3, ... */
  readonly version: number;
  readonly name: string;
  /** Idempotent statements, in order. */
  readonly statements: (name: Namer) => readonly string[];
}

/** All migrations, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'raw tables, ledger, quarantine, sightings, views',
    statements: (name) => [
      ledgerDdl(name),
      quarantineDdl(name),
      sightingsDdl(name),
      personalKeyDdl(name),
      ...Object.values(CATALOGUE).map((table) => rawTableDdl(name, table)),
      ...viewsDdl(name),
    ],
  },
  {
    version: 2,
    name: 'page views, sessions, months',
    statements: (name) => [
      sourcesColumnDdl(name),
      ...VIEWED_TABLES.map((table) => derivedTableDdl(name, table)),
      ...MONTHLY_TABLES.map((table) => monthlyTableDdl(name, table)),
      ...insightViewsDdl(name),
    ],
  },
];

/** The newest version that this program knows. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** `migrations`: which steps were applied. Made before the first of them. */
export function migrationsTableDdl(name: Namer): string {
  const columns = [
    "`version` UInt32 COMMENT 'Number of the migration'",
    "`name` String COMMENT 'What it brings'",
    "`checksum` String COMMENT 'SHA-256 of its statements'",
    "`applied_at` DateTime64(6, 'UTC') DEFAULT now64(6) COMMENT 'When'",
  ];
  return createTable(name('migrations'), columns, {
    engine: 'MergeTree',
    orderBy: ['version'],
    comment: 'Migrations applied by clickfeed setup',
  });
}

// A view's own comment may stand behind its SELECT.
const VIEW_DDL =
  /^CREATE OR REPLACE VIEW \S*?`?(?<view>\w+)`? [\s\S]*?SQL SECURITY INVOKER AS\n(?<select>[\s\S]+?)(?:\nCOMMENT '(?:[^'\\]|\\.)*')?$/;

/** The SELECT of every view, by name, as the newest migration that makes the view has it. */
export function viewSelects(name: Namer): ReadonlyMap<string, string> {
  const views = new Map<string, string>();
  for (const statement of MIGRATIONS.flatMap((migration) => migration.statements(name))) {
    const match = VIEW_DDL.exec(statement);
    if (match?.groups !== undefined) views.set(match.groups['view'] ?? '', match.groups['select'] ?? '');
  }
  return views;
}

/** SHA-256 of the statements, whatever the database is called. */
export function checksum(migration: Migration): string {
  const text = migration.statements((table) => table).join(';\n');
  return createHash('sha256').update(text).digest('hex');
}

/** All DDL that setup runs on an empty server, as one script. */
export function printDdl(name: Namer, database: string): string {
  const steps = MIGRATIONS.flatMap((migration) => [
    `-- Migration ${migration.version}: ${migration.name}`,
    ...migration.statements(name).map((statement) => `${statement};`),
  ]);
  return (
    [`CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)};`, `${migrationsTableDdl(name)};`, ...steps].join(
      '\n\n',
    ) + '\n'
  );
}
