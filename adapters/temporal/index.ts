/** The worker's and the operator's side of Temporal. */
export { checkTemporal } from './check.ts';
export { installRuntime } from './runtime.ts';
export { ensureSearchAttributes, knownSearchAttributes, type SearchAttributeReport } from './search-attributes.ts';
export { workflowSource } from './workflow-source.ts';
