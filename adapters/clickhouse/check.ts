/** Looks at ClickHouse for `clickfeed doctor`: reach and credentials, version, snapshots, clock, tables, rights, key. */
import type { Check } from '../../domain/check.ts';
import { AccessError, ClickfeedError } from '../../domain/errors.ts';
import { grantsOf, type Role } from './grants.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { findSchemaProblems } from './schema-check.ts';
import { pinProblem, readServerFacts, versionProblem, type ServerFacts } from './server-check.ts';
import type { ClickHouseServer } from './server.ts';

/** More skew than this confuses people; loads themselves go by the server's clock alone. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * Asks one question after the other; later ones are left out when an earlier answer makes them pointless.
 * @param role whose rights are looked at
 * @param nowMs this machine's clock
 */
export async function checkServer(
  server: ClickHouseServer,
  role: Role,
  nowMs: () => number,
  signal?: AbortSignal,
): Promise<Check[]> {
  let facts: ServerFacts;
  const beforeMs = nowMs();
  try {
    facts = await readServerFacts(server, signal);
  } catch (error) {
    return [failedReach(error)];
  }
  const halfWayMs = (beforeMs + nowMs()) / 2;
  return [
    { subject: 'ClickHouse: reach and credentials', ok: true, found: 'answers' },
    judged('ClickHouse: version', versionProblem(facts), facts.version, 'Use a newer ClickHouse'),
    judged(
      'ClickHouse: snapshots',
      pinProblem(facts),
      'shared within a query',
      'Set it in the settings profile of every user who reads',
    ),
    checkClock(facts.nowMs - halfWayMs),
    await attempt('ClickHouse: tables', () => checkTables(server, signal)),
    await attempt('ClickHouse: rights', () => checkRights(server, role, signal)),
  ];
}

function failedReach(error: unknown): Check {
  if (!(error instanceof ClickfeedError)) throw error;
  const fix =
    error instanceof AccessError
      ? 'Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD, and the certificate when CLICKHOUSE_URL begins with https'
      : 'Check CLICKHOUSE_URL (the HTTP port: 8123 or 8443) and the network';
  return { subject: 'ClickHouse: reach and credentials', ok: false, found: error.message, fix };
}

function judged(subject: string, problem: string | undefined, found: string, fix: string): Check {
  return problem === undefined ? { subject, ok: true, found } : { subject, ok: false, found: problem, fix };
}

function checkClock(skewMs: number): Check {
  const isFar = Math.abs(skewMs) > CLOCK_TOLERANCE_MS;
  const problem = isFar ? `${Math.round(skewMs / 1000)} s from this machine's` : undefined;
  return judged('ClickHouse: clock', problem, 'agrees', 'Set the clocks of both machines, for example by NTP');
}

async function checkTables(server: ClickHouseServer, signal?: AbortSignal): Promise<Check> {
  const subject = 'ClickHouse: tables';
  const problems = await findSchemaProblems(server, signal);
  if (problems.length > 0) {
    return {
      subject,
      ok: false,
      found: problems.join('; '),
      fix: 'Run "clickfeed setup"; it refuses what it cannot mend',
    };
  }
  const newest = await newestMigration(server, signal);
  const found = `migration ${newest}, expected ${SCHEMA_VERSION}`;
  if (newest === SCHEMA_VERSION) return { subject, ok: true, found: `all there, migration ${newest}` };
  return {
    subject,
    ok: false,
    found,
    fix: newest < SCHEMA_VERSION ? 'Run "clickfeed setup"' : 'Use a newer clickfeed',
  };
}

async function newestMigration(server: ClickHouseServer, signal?: AbortSignal): Promise<number> {
  const rows = await server.query<{ newest: number }>({
    sql: `SELECT max(version) AS newest FROM ${server.name('migrations')}`,
    doing: 'read the migrations',
    signal,
  });
  return rows[0]?.newest ?? 0;
}

/** Asks the server about each grant, so that nothing has to be tried. */
async function checkRights(server: ClickHouseServer, role: Role, signal?: AbortSignal): Promise<Check> {
  const missing: string[] = [];
  for (const { rights, on } of grantsOf(role, server.name.bind(server), server.database)) {
    const answer = await server.text({ sql: `CHECK GRANT ${rights} ON ${on}`, doing: 'look at the rights', signal });
    if (answer.trim() !== '1') missing.push(`${rights} ON ${on}`);
  }
  const subject = `ClickHouse: rights of the ${role}`;
  if (missing.length === 0) return { subject, ok: true, found: 'sufficient' };
  return {
    subject,
    ok: false,
    found: `missing ${missing.join('; ')}`,
    fix: 'Run what "clickfeed setup --print-grants" prints',
  };
}

async function attempt(subject: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof ClickfeedError)) throw error;
    return { subject, ok: false, found: error.message, fix: 'Run "clickfeed setup"' };
  }
}
