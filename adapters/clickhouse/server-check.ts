/** Whether a server can carry clickfeed at all: its version and the setting that the views stand on. */
import { SetupError } from '../../domain/errors.ts';
import type { ClickHouseServer } from './server.ts';
import { PIN_SETTING } from './settings.ts';

/** The oldest version whose snapshots can be shared within a query. */
export const MINIMUM_VERSION = { major: 25, minor: 12 } as const;

/** What a server says of itself. */
export interface ServerFacts {
  readonly version: string;
  /** Value of the pin setting in our profile; undefined when the server does not know it. */
  readonly pinSetting: string | undefined;
  /** The server's clock, milliseconds since 1970. */
  readonly nowMs: number;
}

/** Asks the server. */
export async function readServerFacts(server: ClickHouseServer, signal?: AbortSignal): Promise<ServerFacts> {
  const rows = await server.query<{ version: string; pin: string[]; now_ms: string }>({
    sql: `SELECT version() AS version, toUnixTimestamp64Milli(now64(3)) AS now_ms,
      (SELECT groupArray(value) FROM system.settings WHERE name = {pin:String}) AS pin`,
    doing: 'ask ClickHouse for its version',
    parameters: { pin: PIN_SETTING },
    // As the profile has it: our other statements set it themselves, people's queries do not.
    settings: { [PIN_SETTING]: undefined },
    signal,
  });
  const row = rows[0];
  if (row === undefined)
    throw new SetupError('Cannot use ClickHouse: found no answer to SELECT version(), expected one row');
  return { version: row.version, pinSetting: row.pin[0], nowMs: Number(row.now_ms) };
}

/** What is wrong with the server, in words, or undefined. */
export function versionProblem({ version }: ServerFacts): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const { major: wantedMajor, minor: wantedMinor } = MINIMUM_VERSION;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `found version ${version}, expected ${wantedMajor}.${wantedMinor} or newer`;
}

/** What is wrong with the pin setting, in words, or undefined. */
export function pinProblem({ pinSetting }: ServerFacts): string | undefined {
  if (pinSetting === undefined)
    return `found no setting ${PIN_SETTING}, without it queries miss hours while loads commit`;
  if (pinSetting === '1') return undefined;
  return `found ${PIN_SETTING} = ${pinSetting}, expected 1 in the settings profile: without it queries miss hours while loads commit`;
}

/** @throws {SetupError} when the server is too old or lacks the setting */
export function requireUsable(facts: ServerFacts): void {
  const problem = versionProblem(facts) ?? pinProblem(facts);
  if (problem !== undefined) throw new SetupError(`Cannot set up ClickHouse: ${problem}`);
}
