/** Shows how loading goes: a bar at the bottom of a terminal, plain lines elsewhere. */
import { MultiBar, type SingleBar } from 'cli-progress';
import { grouped } from '../domain/digits.ts';

/** Where loading stands. */
export interface Progress {
  /** Objects (hours of a table) whose rows readers see. */
  readonly loadedObjects: number;
  /** Objects that there are to load, if known. */
  readonly objects: number | undefined;
  readonly rows: number;
  readonly quarantinedLines: number;
  /** What runs right now, in a few words each. */
  readonly running: readonly string[];
}

/** A place for progress and for lines above it. */
export interface ProgressView {
  line(text: string): void;
  show(progress: Progress): void;
  close(): void;
}

/** A bar that stays at the bottom while lines go by above it. */
export function terminalView(stream: NodeJS.WriteStream): ProgressView {
  const bars = new MultiBar({
    stream,
    format: '{bar} {value}/{total} objects  {facts}',
    barsize: 24,
    hideCursor: false,
    linewrap: false,
    fps: 4,
    noTTYOutput: false,
  });
  const speed = new Speedometer();
  let bar: SingleBar | undefined;
  return {
    line: (text) => {
      bars.log(`${text}\n`);
      bars.update();
    },
    show: (progress) => {
      const { loadedObjects, objects = loadedObjects } = progress;
      const facts = describe(progress, speed.measure(progress.rows));
      bar ??= bars.create(objects, loadedObjects, { facts });
      bar.setTotal(objects);
      bar.update(loadedObjects, { facts });
    },
    close: () => {
      bars.stop();
    },
  };
}

/** A line whenever something has changed. */
export function plainView(write: (line: string) => void): ProgressView {
  const speed = new Speedometer();
  let last = '';
  return {
    line: write,
    show: (progress) => {
      const { loadedObjects, objects, rows, quarantinedLines, running } = progress;
      const rowsPerSecond = speed.measure(rows);
      const state = JSON.stringify([loadedObjects, objects, rows, quarantinedLines, running]);
      if (state === last) return;
      last = state;
      const of = objects === undefined ? '' : ` of ${grouped(objects)}`;
      write(`Loaded ${grouped(loadedObjects)}${of} objects, ${describe(progress, rowsPerSecond)}`);
    },
    close: () => undefined,
  };
}

function describe({ rows, quarantinedLines, running }: Progress, rowsPerSecond: number): string {
  const quarantine = quarantinedLines > 0 ? `, ${grouped(quarantinedLines)} lines quarantined` : '';
  const speed = rowsPerSecond > 0 ? `, ${grouped(rowsPerSecond)} rows/s` : '';
  const now = running.length > 0 ? `, running: ${running.join(', ')}` : '';
  return `${grouped(rows)} rows${quarantine}${speed}${now}`;
}

/** Rows a second since the last measurement. */
export class Speedometer {
  readonly #nowMs: () => number;
  #last: { rows: number; atMs: number } | undefined;

  /** @param nowMs a clock that never goes back, milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** 0 at the first call, and when nothing was added. */
  measure(rows: number): number {
    const atMs = this.#nowMs();
    const last = this.#last;
    this.#last = { rows, atMs };
    if (last === undefined || atMs <= last.atMs) return 0;
    return Math.max(0, ((rows - last.rows) / (atMs - last.atMs)) * 1000);
  }
}
