/** Logs, health and metrics of the worker process. */
export { startHealthServer, type HealthServer } from './health-server.ts';
export { blotter, createLogger, type Logger } from './logger.ts';
export { createMetrics, freeLoopbackPort } from './metrics.ts';
