/** The dashboard over ClickHouse, as the command and `up` start it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ClickHouseServer } from '../../adapters/clickhouse/index.ts';
import { createInsightReader, createLedgerVersion } from '../../adapters/clickhouse/insight/index.ts';
import { createQuarantineReader } from '../../adapters/clickhouse/insight/quarantine.ts';
import type { Config } from '../../config/config.ts';
import { answersState, createRememberingReader, type AnswersWorld } from '../../dashboard/remembering-reader.ts';
import { startDashboard } from '../../dashboard/server.ts';
import { readPageFiles, type PageFile } from '../../dashboard/server/assets.ts';
import { startWarming } from '../../dashboard/server/warming.ts';

/** A running dashboard, its connection included. */
export interface DashboardService {
  /** Such as http://127.0.0.1:8090. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where `npm run build` puts the page, seen from dist/client/commands. */
const BUILT_PAGE = fileURLToPath(new URL('../../dashboard/assets/', import.meta.url));

/**
 * Starts it.
 * @param onDefect hears of errors whose words are not shown to the browser
 * @param pageFiles of the page; whoever has something else to do first begins to read them
 * @throws {ConfigError} when the port is taken or the address is not ours
 */
export async function startDashboardService(
  config: Config,
  version: string,
  onDefect: (error: unknown) => void,
  pageFiles: Promise<PageFile[]> = readPage(),
): Promise<DashboardService> {
  const { dashboard, temporal, feed } = config;
  const page = await pageFiles;
  const clickhouse = new ClickHouseServer({ ...config.clickhouse, ...dashboard.reader });
  const world: AnswersWorld = {
    ledgerVersion: createLedgerVersion(clickhouse),
    nowMs: Date.now,
  };
  const insight = createInsightReader(clickhouse, { tables: feed.tables, nowMs: Date.now });
  const reader = createRememberingReader(insight, world);
  try {
    const server = await startDashboard({
      reader,
      page,
      version,
      host: dashboard.host,
      port: dashboard.port,
      hostNames: dashboard.hostNames,
      feedStart: feed.start,
      thresholds: dashboard.thresholds,
      quarantine: createQuarantineReader(config.clickhouse),
      now: Date.now,
      onDefect,
      ...(dashboard.temporalUiUrl === undefined
        ? {}
        : { temporalUi: { url: dashboard.temporalUiUrl, namespace: temporal.namespace } }),
    });
    const stopWarming = startWarming({
      reader,
      state: (signal) => answersState(world, signal),
      onDefect,
    });
    return {
      url: server.url,
      close: async () => {
        await Promise.all([server.close(), stopWarming()]);
        await clickhouse.close();
      },
    };
  } catch (error) {
    await clickhouse.close();
    throw error;
  }
}

/** The page of the build, or in a checkout one bundled now: a second or two, and never an old one. */
export async function readPage(): Promise<PageFile[]> {
  if (existsSync(BUILT_PAGE)) return readPageFiles(BUILT_PAGE);
  const { buildPage } = await import('../../dashboard/build-page.ts');
  return buildPage();
}
