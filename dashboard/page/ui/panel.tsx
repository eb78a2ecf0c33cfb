/** The frame of every panel: heading, definitions, controls, CSV; loading, failure and emptiness in one way. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useApp } from '../state/app.ts';
import type { Answer } from '../state/use-query.ts';
import type { TextKey } from '../texts/texts.ts';
import { CsvLink } from './csv-link.tsx';
import { FailureNote } from './failure-note.tsx';

/** What a panel is made of. */
export interface PanelProps<T> {
  readonly title: string;
  readonly id: string;
  /** Definition buttons beside the heading. */
  readonly help?: ComponentChildren;
  readonly controls?: ComponentChildren;
  /** Path below /api/ of the panel's CSV. */
  readonly csv?: string | undefined;
  readonly answer: Answer<T>;
  readonly isEmpty: (data: T) => boolean;
  /** What stands in an empty panel; by default that no page views match. */
  readonly whyEmpty?: (data: T) => TextKey;
  readonly children: (data: T) => ComponentChildren;
}

/** One panel. */
export function Panel<T>(props: PanelProps<T>): JSX.Element {
  const { t } = useApp();
  const heading = useId();
  const { data, loading, progress, failure } = props.answer;
  return (
    <section class="panel" id={props.id} aria-labelledby={heading} aria-busy={loading}>
      <header class="panel-head">
        <h2 id={heading}>{props.title}</h2>
        {props.help}
        <div class="panel-controls">
          {props.controls}
          {props.csv !== undefined && <CsvLink path={props.csv} of={props.title} />}
        </div>
      </header>
      <ProgressBar loading={loading} share={progress ? progress.readRows / Math.max(progress.totalRows, 1) : 0} />
      <div class={loading && data !== undefined ? 'panel-body waiting' : 'panel-body'}>
        {failure !== undefined && <FailureNote failure={failure} />}
        {failure === undefined && data === undefined && <div class="skeleton" aria-hidden="true" />}
        {data !== undefined &&
          (props.isEmpty(data) ? (
            <p class="nothing">{t(props.whyEmpty?.(data) ?? 'nothingHere')}</p>
          ) : (
            props.children(data)
          ))}
      </div>
    </section>
  );
}

function ProgressBar({ loading, share }: { loading: boolean; share: number }): JSX.Element {
  return (
    <div class={loading ? 'progress on' : 'progress'} aria-hidden="true">
      <div style={{ transform: `scaleX(${loading ? Math.min(1, Math.max(0.05, share)) : 0})` }} />
    </div>
  );
}
