/** The scripts that come by themselves, each once. Called before they are needed, they come while the figures are on the way. */
import type * as Engine from './engine.ts';

let engine: Promise<typeof Engine> | undefined;
let world: Promise<void> | undefined;

/** The charts. */
export function loadCharts(): Promise<typeof Engine> {
  engine ??= import('./engine.ts');
  return engine;
}

/** The borders of the map. */
export function loadWorld(): Promise<void> {
  world ??= import('./world.ts').then(({ registerWorld }) => {
    registerWorld();
  });
  return world;
}
