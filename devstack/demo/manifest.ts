/** The manifest: what the demo feed has published, to the line. What `status` says is checked against it. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TableName } from '../../domain/catalogue.ts';
import type { Hour } from '../../domain/hour.ts';
import type { Imperfection } from './publications.ts';

/** One published object. */
export interface ManifestEntry {
  readonly key: string;
  readonly table: TableName;
  readonly hour: Hour;
  readonly version: number;
  readonly lines: number;
  /** Lines that cannot become rows; the others must. */
  readonly badLines: number;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly publishedAt: string;
  readonly imperfection?: Imperfection;
}

/** What readers must see of a table when everything published is loaded. */
export interface TableExpectation {
  readonly loadedHours: number;
  readonly rows: number;
  readonly quarantinedLines: number;
  readonly firstHour: Hour;
  readonly lastHour: Hour;
}

/** An append-only file of one JSON line per published object; a later version replaces an earlier one. */
export class Manifest {
  readonly #file: string;
  readonly #entries = new Map<string, ManifestEntry>();

  /** Opens the manifest, new or as an earlier run left it. */
  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file)) return;
    const text = readFileSync(file, 'utf8');
    // A crash may have cut the last line short: what comes next must not be glued to it.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
    for (const line of text.split('\n')) {
      const entry = readEntry(line);
      if (entry !== undefined) this.#entries.set(entry.key, entry);
    }
  }

  /** The current version of every published object, by key. */
  get entries(): ReadonlyMap<string, ManifestEntry> {
    return this.#entries;
  }

  /** Records what has been uploaded. */
  add(entry: ManifestEntry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
    this.#entries.set(entry.key, entry);
  }

  /** Sums per table; tables of which nothing is published are left out. */
  expectations(): Partial<Record<TableName, TableExpectation>> {
    const tables: Partial<Record<TableName, TableExpectation>> = {};
    for (const { table, hour, rows, badLines } of this.#entries.values()) {
      const sum = tables[table];
      tables[table] = {
        loadedHours: (sum?.loadedHours ?? 0) + 1,
        rows: (sum?.rows ?? 0) + rows,
        quarantinedLines: (sum?.quarantinedLines ?? 0) + badLines,
        firstHour: sum && sum.firstHour < hour ? sum.firstHour : hour,
        lastHour: sum && sum.lastHour > hour ? sum.lastHour : hour,
      };
    }
    return tables;
  }
}

/** A line that a crash cut short stands for an object that will be published again: same bytes, same ETag. */
function readEntry(line: string): ManifestEntry | undefined {
  try {
    return JSON.parse(line) as ManifestEntry;
  } catch {
    return undefined;
  }
}
