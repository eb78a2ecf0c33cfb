/** The worker's side of Temporal. */
export { installRuntime } from './runtime.ts';
export { knownSearchAttributes } from './search-attributes.ts';
