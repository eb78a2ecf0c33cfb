/** Cases 73 and 74: killed and stopped at every step of every deed. `npm run torture` runs this for longer. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTempDir } from '../support/own-servers.ts';
import { CLEAN, createArena, SOILED } from './arena.ts';
import { runCampaign } from './campaign.ts';
import { act, loadOf, SCENE_NAMES } from './scenes.ts';
import { buildVictim } from './victim-program.ts';
import { createVictims } from './victims.ts';

const EVERYTHING = { from: CLEAN.from, to: SOILED.to } as const;
const LANES = 8;
const SPARE_VICTIMS = 2;
const kills = Number(process.env['TORTURE_KILLS'] ?? 200);
/** A limit against hanging; `npm run torture` gives a real one. */
const minutesMost = Number(process.env['TORTURE_MINUTES'] ?? 15);
const seed = Number(process.env['TORTURE_SEED'] ?? 1);
const isThorough = process.env['TORTURE_THOROUGH'] === '1';
/** A long run may end with its time. */
const killsLeast = isThorough ? 0 : kills;
const reportFile = process.env['TORTURE_REPORT'];
const logFile = process.env['TORTURE_LOG'];

describe('load, backfill, fill, truncate, restore, purge and sweep', () => {
  it(
    'cases 73 and 74: are exact after SIGKILL of the worker and of ClickHouse at every step, and after SIGSTOP',
    async () => {
      const victims = createVictims(await buildVictim(await createTempDir()), SPARE_VICTIMS);
      const arena = await createArena(LANES);
      await Promise.all(arena.lanes.map(async (lane) => act(lane, await loadOf(lane, EVERYTHING))));
      const say = (line: string): void => {
        if (logFile !== undefined) appendFileSync(logFile, `${line}\n`);
      };
      const report = await runCampaign(arena, { kills, minutesMost, seed, isThorough, victims, say });
      if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
      expect(report.wrong).toEqual([]);
      expect(report.missed).toEqual([]);
      expect(Object.keys(report.struckByDeed).sort()).toEqual([...SCENE_NAMES].sort());
      expect(report.kills).toBeGreaterThanOrEqual(killsLeast);
    },
    (minutesMost + 5) * 60_000,
  );
});
