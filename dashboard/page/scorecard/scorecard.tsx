/** The scorecard: the feed judged line by line, on one printed page. */
import type { JSX } from 'preact';
import { SCORECARD_LINES, type Verdict } from '../../../domain/metrics/scorecard.ts';
import type { JudgedLine, Scorecard as ScorecardData } from '../../reader.ts';
import { useApp } from '../state/app.ts';
import { csvPath } from '../state/paths.ts';
import { useQuery } from '../state/use-query.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { PrintHead } from '../ui/print-head.tsx';
import { Conversions } from './conversions.tsx';
import { expectation, reason } from './reason.ts';

const VERDICTS: readonly Verdict[] = ['good', 'watch', 'bad', 'info', 'unknown'];
const VERDICT_ICONS: Readonly<Record<Verdict, IconName>> = {
  good: 'check',
  watch: 'eye',
  bad: 'cross',
  info: 'info',
  unknown: 'help',
};

/** The view. */
export function Scorecard(): JSX.Element {
  const { t, range, formats } = useApp();
  const search = new URLSearchParams({ from: range.from, to: range.to }).toString();
  const path = `scorecard?${search}`;
  const answer = useQuery<ScorecardData>(path);
  return (
    <div class="grid scorecard">
      <Panel
        id="scorecard"
        title={t('scorecardTitle')}
        answer={answer}
        csv={csvPath(path)}
        isEmpty={({ lines }) => lines.length === 0}
        controls={
          <>
            <a class="button quiet" href={`/api/scorecard.json?${search}`} download>
              <Icon name="download" />
              <span>JSON</span>
            </a>
            <button
              type="button"
              class="button"
              onClick={() => {
                window.print();
              }}
            >
              <Icon name="print" />
              <span>{t('print')}</span>
            </button>
          </>
        }
      >
        {({ lines, proof, judgedAtMs }) => (
          <>
            <PrintHead also={t('judgedAt', { time: formats.time(judgedAtMs) })} />
            <Summary lines={lines} />
            <Lines lines={lines} />
            <Proof proof={proof} />
          </>
        )}
      </Panel>
      <Conversions />
    </div>
  );
}

function Summary({ lines }: { lines: readonly JudgedLine[] }): JSX.Element {
  const { t, formats } = useApp();
  return (
    <ul class="summary">
      {VERDICTS.map((verdict) => {
        const count = lines.filter((line) => line.verdict === verdict).length;
        if (count === 0) return null;
        return (
          <li key={verdict}>
            <VerdictBadge verdict={verdict} /> <b>{formats.count(count)}</b>
          </li>
        );
      })}
      <li class="summary-text">{t(overall(lines))}</li>
    </ul>
  );
}

/** The sentence above all: a single bad line is enough to ask the vendor. */
function overall(lines: readonly JudgedLine[]): 'overallBad' | 'overallWatch' | 'overallGood' {
  if (lines.some(({ verdict }) => verdict === 'bad')) return 'overallBad';
  return lines.some(({ verdict }) => verdict === 'watch') ? 'overallWatch' : 'overallGood';
}

function VerdictBadge({ verdict }: { verdict: Verdict }): JSX.Element {
  const { t } = useApp();
  return (
    <span class={`badge ${verdict}`}>
      <Icon name={VERDICT_ICONS[verdict]} />
      {t(`verdict_${verdict}`)}
    </span>
  );
}

function Lines({ lines }: { lines: readonly JudgedLine[] }): JSX.Element {
  const app = useApp();
  const { t, text, formats } = app;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t('judgedLines')}>
      <table class="figures judged">
        <thead>
          <tr>
            <th scope="col">{t('line')}</th>
            <th scope="col" class="number">
              {t('value')}
            </th>
            <th scope="col">{t('verdict')}</th>
            <th scope="col">{t('expected')}</th>
            <th scope="col">{t('reason')}</th>
          </tr>
        </thead>
        <tbody>
          {SCORECARD_LINES.flatMap((definition) => {
            const line = lines.find(({ id }) => id === definition.id);
            if (line === undefined) return [];
            return [
              <tr key={line.id} data-line={line.id}>
                <th scope="row">
                  {text(definition.name)}
                  <small>{text(definition.meaning)}</small>
                </th>
                <td class="number">{formats.value(line.value, definition.unit)}</td>
                <td>
                  <VerdictBadge verdict={line.verdict} />
                </td>
                <td>{expectation(app, line, definition.unit)}</td>
                <td>{reason(app, line)}</td>
              </tr>,
            ];
          })}
        </tbody>
      </table>
    </div>
  );
}

function Proof({ proof }: Pick<ScorecardData, 'proof'>): JSX.Element {
  const { t, formats } = useApp();
  return (
    <>
      <h3>{t('proof')}</h3>
      <p class="hint">{t('proofMeans')}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={t('proof')}>
        <table class="figures proof">
          <thead>
            <tr>
              <th scope="col">{t('table')}</th>
              {(['objects', 'objectSize', 'lines', 'rows', 'quarantined'] as const).map((key) => (
                <th key={key} scope="col" class="number">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {proof.map(({ table, objects, sizeBytes, lines, rows, quarantined }) => (
              <tr key={table}>
                <th scope="row">{table}</th>
                <td class="number">{formats.count(objects)}</td>
                <td class="number">{formats.bytes(sizeBytes)}</td>
                <td class="number">{formats.count(lines)}</td>
                <td class="number">{formats.count(rows)}</td>
                <td class="number">{formats.count(quarantined)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
