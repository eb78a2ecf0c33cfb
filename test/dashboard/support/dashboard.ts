/** The dashboard's server for tests: the real page, on a free port. */
import { buildPage } from '../../../dashboard/build-page.ts';
import { startDashboard, type DashboardOptions, type DashboardServer } from '../../../dashboard/server.ts';
import type { PageFile } from '../../../dashboard/server/assets.ts';
import { cleanUpLater } from '../../support/cleanup.ts';

let built: Promise<PageFile[]> | undefined;

/** The page, bundled once for the tests of a file. */
export function page(): Promise<PageFile[]> {
  built ??= buildPage();
  return built;
}

/** Starts a dashboard; in a test it is closed when the test ends. */
export async function serve(
  options: Pick<DashboardOptions, 'reader'> & Partial<DashboardOptions>,
): Promise<DashboardServer> {
  const server = await startDashboard({
    page: await page(),
    version: '0.0.0-test',
    port: 0,
    now: () => Date.UTC(2024, 5, 1),
    ...options,
  });
  cleanUpLater(() => server.close());
  return server;
}
