/** Temporal's runtime: its logs go to ours, its metrics to a local exporter. */
import type { Logger as TemporalLogger, LogLevel, LogMetadata } from '@temporalio/common';
import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/** The part of a logger that is needed here. */
export interface LineLogger {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** From a small hour to the limit of an attempt, two hours; the SDK's own buckets for numbers end at 10. */
const LOAD_DURATION_BUCKETS_MS = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
];

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/**
 * Installs the runtime of this process, once. It handles no signals: whoever runs the worker says when it ends.
 * @param metricsAddress host:port of the exporter
 */
export function installRuntime(logger: LineLogger, level: Level, metricsAddress: string): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: {
        filter: makeTelemetryFilterString({ core: level === 'info' ? 'WARN' : coreLevel(level), other: 'ERROR' }),
        forward: {},
      },
      metrics: {
        prometheus: {
          bindAddress: metricsAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
          histogramBucketOverrides: { clickfeed_load_duration: LOAD_DURATION_BUCKETS_MS },
        },
        metricPrefix: 'temporal_',
      },
    },
  });
}

function coreLevel(level: Level): 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' {
  return level.toUpperCase() as 'TRACE';
}

/** Temporal's logger over ours. Its metadata carry workflow, run and activity ids. */
function temporalLogger(logger: LineLogger): TemporalLogger {
  const write = (level: Level, message: string, metadata: LogMetadata | undefined): void => {
    logger[level](fieldsOf(metadata), message);
  };
  return {
    log: (level: LogLevel, message, metadata) => {
      write(level.toLowerCase() as Level, message, metadata);
    },
    trace: (message, metadata) => {
      write('trace', message, metadata);
    },
    debug: (message, metadata) => {
      write('debug', message, metadata);
    },
    info: (message, metadata) => {
      write('info', message, metadata);
    },
    warn: (message, metadata) => {
      write('warn', message, metadata);
    },
    error: (message, metadata) => {
      write('error', message, metadata);
    },
  };
}

/** Metadata that are the same on every line, or for machines only. */
const LEFT_OUT = ['error', 'isLocal', 'namespace', 'taskToken', 'sdkComponent'];

/** The metadata that say something on their own; an error goes under `err`, where its stack is written out. */
function fieldsOf(metadata: LogMetadata | undefined): object {
  const fields = Object.fromEntries(Object.entries(metadata ?? {}).filter(([name]) => !LEFT_OUT.includes(name)));
  const error: unknown = metadata?.['error'];
  return error === undefined ? fields : { ...fields, err: error };
}
