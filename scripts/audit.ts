/**
 * Asks the registry for known faults of what is shipped: `npm run audit`. Fails on one that is high or critical. A registry without
 * an audit endpoint cannot be asked; that is said, and is no failure.
 */
import { spawnSync } from 'node:child_process';

const LEVEL = 'high';
/** What a registry answers that knows no audits: not found, method not allowed, not implemented. */
const ENDPOINT_MISSING: readonly (number | undefined)[] = [404, 405, 501];

interface AuditReport {
  /** In place of all else when the registry refused; npm's words to it depend on its log level. */
  readonly statusCode?: number;
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number>> };
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
}

function main(): number {
  const run = spawnSync('npm', ['audit', '--omit=dev', `--audit-level=${LEVEL}`, '--json'], { encoding: 'utf8' });
  const report = parse(run.stdout);
  if (report?.metadata?.vulnerabilities === undefined) {
    if (ENDPOINT_MISSING.includes(report?.statusCode)) {
      console.log('Not audited: this registry has no audit endpoint; ask again with one that has');
      return 0;
    }
    console.error(`Cannot audit the dependencies: npm ended with ${run.status}\n${run.stderr || run.stdout}`);
    return 1;
  }
  for (const [name, { severity, range }] of Object.entries(report.vulnerabilities ?? {})) {
    console.log(`${severity}: ${name} ${range}`);
  }
  const { total = 0, ...counts } = report.metadata.vulnerabilities;
  const found = Object.entries(counts).map(([severity, count]) => `${count} ${severity}`);
  console.log(`Audited what is shipped: ${total} known faults (${found.join(', ')})`);
  return run.status === 0 ? 0 : 1;
}

function parse(text: string): AuditReport | undefined {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return undefined;
  }
}

process.exitCode = main();
