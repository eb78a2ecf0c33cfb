/** Cases 73 and 74: killed and stopped at every step of every deed. `npm run torture` runs this; `npm test` does not. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTempDir } from '../support/own-servers.ts';
import { createArena, TABLE } from './arena.ts';
import { runCampaign } from './campaign.ts';
import { act, loadOf, SCENE_NAMES } from './scenes.ts';
import { buildVictim } from './victim-program.ts';

const kills = Number(process.env['TORTURE_KILLS'] ?? 200);
const minutesMost = Number(process.env['TORTURE_MINUTES'] ?? 3);
const seed = Number(process.env['TORTURE_SEED'] ?? 1);
const reportFile = process.env['TORTURE_REPORT'];
const logFile = process.env['TORTURE_LOG'];

describe('load, backfill, fill, truncate, restore, purge and sweep', () => {
  it(
    'cases 73 and 74: are exact after kills of the worker and of ClickHouse at every step and at random',
    async () => {
      const arena = await createArena();
      await act(arena, await loadOf(arena, {}));
      const victimFile = await buildVictim(await createTempDir());
      const say = (line: string): void => {
        if (logFile !== undefined) appendFileSync(logFile, `${line}\n`);
      };
      const report = await runCampaign(arena, { kills, minutesMost, seed, victimFile, say });
      if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
      expect(report.wrong).toEqual([]);
      expect(Object.keys(report.killsByDeed).sort()).toEqual([...SCENE_NAMES].sort());
      expect(report.kills).toBeGreaterThan(SCENE_NAMES.length); // how many is bounded by time: the report says it
      expect(await arena.rows(`SELECT count() AS n FROM ${TABLE}`)).toEqual([{ n: '149' }]);
    },
    (minutesMost + 10) * 60_000,
  );
});
