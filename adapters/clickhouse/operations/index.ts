/** The operator's ports over ClickHouse. */
export { createAuditor } from './auditor.ts';
export { createSweeper } from './sweeper.ts';
export { createTruncations } from './truncations.ts';
export { listQuarantine, readQuarantine, type KeptLine, type QuarantinedObject } from './quarantine.ts';
