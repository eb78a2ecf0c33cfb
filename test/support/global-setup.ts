/** Starts ClickHouse, S3 and Temporal once for the whole run, on free ports, in a folder that goes away at the end. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../devstack/process/ports.ts';
import { startClickHouse } from '../../devstack/servers/clickhouse.ts';
import { startSeaweedFs } from '../../devstack/servers/seaweedfs.ts';
import { findTemporalTestServer, startTemporal } from '../../devstack/servers/temporal.ts';
import { startBuild } from './build.ts';
import type {} from './stack.ts';

/** Called by vitest before the first test; what it returns is called after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'clickfeed-test-'));
  const say = (line: string): void => {
    console.error(line);
  };
  const { stop: stopBuild, ...build } = startBuild(dir);
  const clickhouseStart = startClickHouse({
    dir: join(dir, 'clickhouse'),
    user: 'clickfeed',
    password: randomUUID(),
  });
  const keys = { accessKeyId: randomUUID(), secretAccessKey: randomUUID() };
  const s3Start = startSeaweedFs({ dir: join(dir, 's3'), bucket: 'feed', ...keys, say });
  const temporalStart = startTemporal({ dir: join(dir, 'temporal'), uiPort: await freePort(), inMemory: true, say });
  const teardown = async (): Promise<void> => {
    const started = await Promise.allSettled([clickhouseStart, s3Start, temporalStart]);
    for (const server of started) if (server.status === 'fulfilled') await server.value.process.stop();
    await stopBuild();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const [clickhouse, s3, temporal] = await Promise.all([clickhouseStart, s3Start, temporalStart]);
    const { url, user, password } = clickhouse;
    const { endpoint, region, accessKeyId, secretAccessKey, bucket } = s3;
    project.provide('stack', {
      clickhouse: { url, user, password },
      s3: { endpoint, region, accessKeyId, secretAccessKey, bucket },
      temporal: { address: temporal.address, uiUrl: temporal.uiUrl ?? '' },
      testServerPath: await findTemporalTestServer({ say }),
      build,
      tempDir: dir,
    });
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}
