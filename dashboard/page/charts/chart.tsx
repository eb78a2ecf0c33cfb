/** Apache ECharts in a frame that follows size, theme and language. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useMedia } from '../state/preferences.ts';
import { loadCharts } from './load.ts';

/** What was clicked. */
export interface ChartClick {
  readonly dataIndex: number;
  readonly name: string;
  readonly seriesType: string;
}

/** One chart. Its figures stand in a table beside it for those who cannot see it. */
export function Chart(props: {
  readonly option: EChartsCoreOption;
  readonly label: string;
  readonly class: string;
  /** Whether something is still missing that the chart is drawn of. */
  readonly isPending?: boolean;
  readonly onClick?: (click: ChartClick) => void;
}): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();
  const isPrinted = useMedia('print');
  const onClick = useRef(props.onClick);
  onClick.current = props.onClick;
  useEffect(() => {
    const frame = element.current;
    if (frame === null) return undefined;
    const gone = new AbortController();
    void loadCharts().then(({ init }) => {
      if (gone.signal.aborted) return;
      const created = init(frame, undefined, { renderer: 'canvas' });
      created.on('click', (event) => {
        onClick.current?.({ dataIndex: event.dataIndex, name: event.name, seriesType: event.seriesType ?? '' });
      });
      const observer = new ResizeObserver(() => {
        created.resize();
      });
      observer.observe(frame);
      gone.signal.addEventListener('abort', () => {
        observer.disconnect();
        created.dispose();
      });
      setChart(created);
    });
    return () => {
      gone.abort();
    };
  }, []);
  // Before the page is painted: a printer takes it as it is then, as wide as the paper and in its colours.
  useLayoutEffect(() => {
    const { fontFamily } = getComputedStyle(document.body);
    const common = { animation: !still(), animationDuration: 300, textStyle: { fontFamily } };
    chart?.resize();
    chart?.setOption({ ...common, ...props.option }, { notMerge: true });
  }, [chart, props.option, isPrinted]);
  const isBusy = chart === undefined || props.isPending === true;
  return <div ref={element} class={props.class} role="img" aria-label={props.label} aria-busy={isBusy} />;
}

function still(): boolean {
  return window.matchMedia('print, (prefers-reduced-motion: reduce)').matches;
}

/** The colours of the theme, for what is drawn on a canvas. */
export function themeColors(): Readonly<
  Record<'text' | 'muted' | 'line' | 'accent' | 'soft' | 'panel' | 'land' | 'hatch', string>
> {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: read('text'),
    muted: read('muted'),
    line: read('line'),
    accent: read('accent'),
    soft: read('accent-soft'),
    panel: read('panel'),
    land: read('land'),
    hatch: read('hatch'),
  };
}

/** A tooltip, built of elements: the values in it come from the feed. */
export function tooltip(title: string, rows: readonly (readonly [string, string])[], note?: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'tooltip';
  box.append(element('strong', title));
  for (const [name, value] of rows) {
    const row = element('div', '');
    row.append(element('span', name), element('b', value));
    box.append(row);
  }
  if (note !== undefined) box.append(element('em', note));
  return box;
}

function element(tag: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

/** Hatching: what is drawn with it is missing or not complete. */
export function hatching(color: string): { readonly image: HTMLCanvasElement; readonly repeat: 'repeat' } {
  const size = 8;
  const image = document.createElement('canvas');
  image.width = size;
  image.height = size;
  const context = image.getContext('2d');
  if (context) {
    context.strokeStyle = color;
    context.lineWidth = 1.2;
    context.beginPath();
    for (const shift of [-size, 0, size]) {
      context.moveTo(shift, size);
      context.lineTo(shift + size, 0);
    }
    context.stroke();
  }
  return { image, repeat: 'repeat' };
}

/** Common to all tooltips. */
export function tooltipStyle(): Record<string, unknown> {
  const { panel, line, text } = themeColors();
  return {
    backgroundColor: panel,
    borderColor: line,
    textStyle: { color: text, fontSize: 13 },
    confine: true,
    transitionDuration: 0.1,
  };
}
