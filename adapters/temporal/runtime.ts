/** Temporal's runtime: its logs go to ours, its metrics to a local exporter. */
import { makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { temporalLogger, type Level, type LineLogger } from './logger.ts';

/** From a small hour to the limit of an attempt, two hours; the SDK's own buckets for numbers end at 10. */
const LOAD_DURATION_BUCKETS_MS = [
  100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000,
];

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
