/**
 * Writes docs/reliability.md from the cases of test/cases/ and the figures that a run of test/torture/torture.test.ts left there.
 * `npx tsx scripts/reliability.ts` writes, with `--check` it only fails when the page is out of date, names a test that does not exist, or
 * a case whose number stands in the name of none of its tests.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { CaseSection, FaultCase } from '../test/cases/fault-case.ts';
import { CASE_SECTIONS } from '../test/cases/index.ts';
import { DEEP, QUICK } from '../test/model/scenarios.ts';
import type { CampaignReport } from '../test/torture/campaign.ts';
import { formatMarkdown, markdownTable, ROOT, writeOrCheck } from './generated-file.ts';

const PAGE = `${ROOT}docs/reliability.md`;
const FIGURES = `${ROOT}test/cases/figures.json`;
const CASES_COUNT = 103;
const STATE_WORDS = {
  shown: 'shown',
  'in part': 'shown in part',
  'not shown': 'not shown yet',
  'not here': 'not here',
};

const cases = CASE_SECTIONS.flatMap((section) => section.cases);
const wrong = [...wrongNumbers(), ...cases.flatMap(wrongCase)];
for (const line of wrong) console.error(line);
if (wrong.length > 0) process.exitCode = 1;
writeOrCheck(new Map([[PAGE, await formatMarkdown(PAGE, pageText())]]), 'scripts/reliability.ts');

function wrongNumbers(): string[] {
  const numbers = cases.map(({ number }) => number);
  const isRight = numbers.length === CASES_COUNT && numbers.every((number, index) => number === index + 1);
  return isRight ? [] : [`test/cases/ must hold the cases 1 to ${CASES_COUNT}, in order, each once`];
}

/** What does not hold of a case: tests that do not exist, a state that they contradict, a number that they do not name. */
function wrongCase({ number, state, shownBy, note }: FaultCase): string[] {
  const found = shownBy.filter((test) => !testExists(test)).map((test) => `Case ${number}: there is no test ${test}`);
  if ((state === 'shown' || state === 'in part') && shownBy.length === 0)
    found.push(`Case ${number} is ${state} by no test`);
  if (shownBy.length > 0 && !shownBy.some((test) => namesCase(test, number)))
    found.push(`Case ${number} is in the name of none of its tests`);
  if (state !== 'shown' && note === undefined) found.push(`Case ${number} is ${state} and has no note that says why`);
  return found;
}

function testExists(test: string): boolean {
  const [, name] = splitTest(test);
  return textOf(test)?.replaceAll('\\', '').includes(name) === true;
}

/** The file of a test. */
function textOf(test: string): string | undefined {
  const [file] = splitTest(test);
  return existsSync(ROOT + file) ? readFileSync(ROOT + file, 'utf8') : undefined;
}

/** Whether the names in the test's file, those of its variants among them, say the number: "case 7", "cases 6 and 7", "cases 39 to 55". */
function namesCase(test: string, number: number): boolean {
  return [...(textOf(test) ?? '').matchAll(/\bcases? (\d+(?:(?:, | and | to )\d+)*)/gi)].some(([, numbers = '']) =>
    numbers.split(/, | and /).some((range) => {
      const [first = NaN, last = first] = range.split(' to ').map(Number);
      return first <= number && number <= last;
    }),
  );
}

function splitTest(test: string): [file: string, name: string] {
  const at = test.indexOf(': ');
  return [test.slice(0, at), test.slice(at + 2)];
}

function pageText(): string {
  const count = (state: FaultCase['state']): number => cases.filter((fault) => fault.state === state).length;
  const counts = (Object.keys(STATE_WORDS) as FaultCase['state'][])
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${STATE_WORDS[state]}`);
  return `# Reliability

<!-- Made by scripts/reliability.ts from the files in test/cases/: change those. -->

What can go wrong, what it must lead to, and the tests that show it on the real servers or, for pure rules, on the code itself.
Of ${cases.length} cases: ${counts.join(', ')}. A \`%s\` in a name stands for the variants of that test.

The sweep of \`test/faults/clickhouse.test.ts\` breaks statement 0, 1, 2 ... of a load, each in nine ways, until none is left to break,
while a reader polls: rows lost 0, rows doubled 0, partial reads 0, and after a sweep no other row is stored.

Connections are broken at their first byte, at bytes all the way and at their last: those to S3 and Temporal (\`test/faults/bytes.test.ts\`, \`test/faults/temporal.test.ts\`), and those to
ClickHouse in the bodies of requests and in answers (\`test/faults/clickhouse-bytes.test.ts\`). The heads of requests stay whole, as the embedded ClickHouse (26.7.2.1) does not bear that: when a connection is closed or reset
within the head of a request, after the first byte and before the last, it calls abort() in its thread HTTPSrvConn, at the latest at the fourth that was tried. Statements then get error 236, "The server is shutting down due to a
fatal error", and seconds later the process is gone by SIGABRT. It did so too at some of the resets shortly behind a head, so a request that is reset for the worker ends for the server. It bears ends, stalls and delays within bodies, and
breaks of every kind within answers; ports of it belong on loopback, as they are. Hence the proxies are several (\`test/support/\`): \`tcp-proxy.ts\` breaks at a byte whatever goes through, \`exchange-proxy.ts\` as well
but knows where the body of a request begins, \`fault-proxy.ts\` knows statements and swallows, delays or replaces their answers, \`busy-proxy.ts\` is slow or refuses; \`test/torture/step-proxy.ts\` stops between steps, for a kill. With LARGE=1 the bodies and answers of a load of one line are broken at each of the 8 bytes at either end
and at every eleventh between, and stalled, which takes seconds, at 3 and every 41st; \`SEED=1\`, \`SEED=2\` and so on take others between. On 2026-11-29, beside much other
work: 1,160 resets in 7 minutes, 1,160 cuts and 332 stalls in 6 each, rows lost 0, rows doubled 0, partial reads 0.

${figuresText()}

${modelText()}

${CASE_SECTIONS.map(sectionText).join('\n\n')}
`;
}

/** What a run of the torture found. */
function figuresText(): string {
  if (!existsSync(FIGURES)) return '';
  const report = JSON.parse(readFileSync(FIGURES, 'utf8')) as CampaignReport;
  const counts = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const rows = [
    [
      'cases listed, and shown at least in part',
      `${cases.length}, ${cases.filter(({ shownBy }) => shownBy.length > 0).length}`,
    ],
    ['SIGKILLs survived, SIGSTOPs survived', `${report.kills}, ${report.stops} (${counts(report.byBlow)})`],
    ['deeds struck: ClickHouse strikes all that are in flight', counts(report.struckByDeed)],
    ['different places struck: deed, victim, signal, step and moment', report.places],
    ['deeds, victims and steps that were to be struck and were not met', report.missed.length],
    ['rows lost', report.lost],
    ['rows doubled', report.doubled],
    ['partial reads seen', report.partialReads],
    ['orphans after a sweep', report.orphans],
    ['longest recovery', `${(report.longestRecoveryMs / 1000).toFixed(1)} s`],
  ];
  return `## Figures of a run

Seed ${report.seed}. A load, a backfill, a load into cleared hours, a truncation, a restoration, a purge and a sweep are struck at each of their requests:
before it, half-way, at work on it or behind it. ClickHouse is struck under eight deeds at once. A reader polls all along, and looks while all stands still before the blow. After it the
deed is done again, and rows, receipts, quarantined lines and what a sweep leaves are compared; attempts that are killed one after the other are compared behind the last.
\`npm test\` does this, and fails when it kills fewer than 200 times; it strikes ClickHouse where a deed writes. \`npm run torture\` strikes it at every step, and kills and stops until its time or its number of kills is reached.
The figures are those of \`npm run torture -- --write --minutes 16\`, beside other work of the machine.

${markdownTable(
  ['what', 'count'],
  rows.map((row) => row.map(String)),
)}`;
}

/** What the model explored. */
function modelText(): string {
  const rows = [...QUICK, ...DEEP].map(({ what, states }, index) => [
    what,
    states.toLocaleString('en-US'),
    index < QUICK.length ? 'npm test' : 'DEEP=1',
  ]);
  return `## The model

\`test/model/\` holds the protocol as a state machine over the real rule, plan and sweep: one hour, with attempts, an operator, a clock and a server in which statements arrive late. Every state
that can be reached is visited: anyone may take no further step (a crash), an INSERT may arrive in part, late or unheard of (a fault), clocks may be wrong by a tick. In each of them readers see none
or all of exactly one load, a running query keeps its rows, nothing shows from before a truncation, and a look at the bucket and two sweeps alone lead to the bucket's version and leave
nothing else. States that differ in what nothing looks at any more, or in which of two attempts alike did what, count once; a test shows that such states have equal futures.

${markdownTable(['scenario', 'states', 'run by'], rows)}

No state is wrong. Three attempts and all of the operator with a fault besides are too many to be counted: nothing was wrong in the first 9 million, up to 17 steps. Each of 13 safeguards was taken away in turn, and the model found what then goes wrong (\`test/model/protocol.test.ts\`).

The same invariants are held against the real code on the real servers, in random orders of its statements (\`test/model/real-code.test.ts\`): 8 plays in every run, 400 with DEEP=1. On
2026-11-29 nothing was wrong in any of the 400, in 21 minutes beside other work.`;
}

function sectionText({ title, cases: ofSection }: CaseSection): string {
  return `## ${title}\n\n${ofSection.map(caseText).join('\n')}`;
}

function caseText({ number, what, outcome, state, shownBy, note }: FaultCase): string {
  const stateText = state === 'shown' ? '' : ` _${STATE_WORDS[state]}_`;
  const noteText = note === undefined ? '' : `${state === 'shown' ? ' ' : ': '}${escaped(note)}`;
  const tests = shownBy.map((test) => {
    const [file, name] = splitTest(test);
    return `  - \`${file}\`: ${escaped(name)}`;
  });
  return [`- **${number}. ${escaped(what)}**: ${escaped(outcome)}.${stateText}${noteText}`, ...tests].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[_*<]/g, '\\$&');
}
