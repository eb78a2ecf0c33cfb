/** The report in PBIR: one page with the charts of the overview. */
import { FUNNEL } from '../../domain/metrics/pages.ts';
import { measureOf, PRODUCTS_MEASURE, STEP_MEASURES, type Measure } from './measures.ts';

const SCHEMAS = 'https://developer.microsoft.com/json-schemas/fabric/item/report/definition';
const PAGE = 'overview';
const PAGE_WIDTH = 1280;
const PAGE_HEIGHT = 1000;

/** A column of a table, or a measure. */
interface Field {
  readonly kind: 'Column' | 'Measure';
  readonly table: string;
  readonly name: string;
  /** Averaged, as coordinates are. */
  readonly average?: boolean;
}

interface Visual {
  readonly name: string;
  readonly type: string;
  readonly title: string;
  /** x, y, width, height. */
  readonly place: readonly [number, number, number, number];
  /** Fields by the role that the visual's type knows. */
  readonly roles: Readonly<Record<string, readonly Field[]>>;
}

const measure = ({ table, name }: Measure): Field => ({ kind: 'Measure', table, name });
const column = (table: string, name: string): Field => ({ kind: 'Column', table, name });
const average = (table: string, name: string): Field => ({ ...column(table, name), average: true });

const PAGE_VIEWS = measure(measureOf('page_views'));
const VISITORS = measure(measureOf('visitors'));

const CARDS = (['page_views', 'visitors', 'sessions', 'purchases', 'conversion', 'bounce_rate'] as const).map(
  (id, index): Visual => ({
    name: `card_${id}`,
    type: 'card',
    title: measureOf(id).name,
    place: [20 + 160 * index, 20, 150, 100],
    roles: { Values: [measure(measureOf(id))] },
  }),
);

/** All visuals of the page. */
export const VISUALS: readonly Visual[] = [
  ...CARDS,
  {
    name: 'range',
    type: 'slicer',
    title: 'Days',
    place: [980, 20, 280, 100],
    roles: { Values: [column('bi_dates', 'date')] },
  },
  {
    name: 'over_time',
    type: 'lineChart',
    title: 'Visitors and page views',
    place: [20, 130, 1240, 240],
    roles: { Category: [column('bi_dates', 'date')], Y: [PAGE_VIEWS, VISITORS] },
  },
  bars('sources', 'Sources', [20, 380, 400, 290], column('bi_sources', 'source')),
  bars('pages', 'Pages', [430, 380, 400, 290], column('bi_pages', 'page')),
  {
    name: 'funnel',
    type: 'funnel',
    title: FUNNEL.name.en,
    place: [840, 380, 420, 290],
    roles: { Y: STEP_MEASURES.map(measure) },
  },
  {
    name: 'products',
    type: 'clusteredBarChart',
    title: 'Products bought',
    place: [20, 680, 400, 300],
    roles: { Category: [column('bi_purchases', 'product')], Y: [measure(PRODUCTS_MEASURE)] },
  },
  {
    name: 'devices',
    type: 'donutChart',
    title: 'Devices',
    place: [430, 680, 400, 300],
    roles: { Category: [column('bi_devices', 'device')], Y: [VISITORS] },
  },
  {
    name: 'map',
    type: 'map',
    title: 'Where from',
    place: [840, 680, 420, 300],
    roles: {
      Category: [column('bi_places', 'region')],
      X: [average('bi_places', 'longitude')],
      Y: [average('bi_places', 'latitude')],
      Size: [VISITORS],
    },
  },
];

function bars(name: string, title: string, place: Visual['place'], by: Field): Visual {
  return { name, type: 'clusteredBarChart', title, place, roles: { Category: [by], Y: [PAGE_VIEWS] } };
}

/** The files of the report's definition, by their path in it. */
export function reportFiles(): Map<string, object> {
  return new Map<string, object>([
    ['version.json', { $schema: `${SCHEMAS}/versionMetadata/1.0.0/schema.json`, version: '2.0.0' }],
    ['report.json', { $schema: `${SCHEMAS}/report/3.0.0/schema.json`, themeCollection: {} }],
    [
      'pages/pages.json',
      { $schema: `${SCHEMAS}/pagesMetadata/1.0.0/schema.json`, pageOrder: [PAGE], activePageName: PAGE },
    ],
    [
      `pages/${PAGE}/page.json`,
      {
        $schema: `${SCHEMAS}/page/2.0.0/schema.json`,
        name: PAGE,
        displayName: 'Overview',
        displayOption: 'FitToPage',
        height: PAGE_HEIGHT,
        width: PAGE_WIDTH,
      },
    ],
    ...VISUALS.map(
      (visual, index) => [`pages/${PAGE}/visuals/${visual.name}/visual.json`, container(visual, index)] as const,
    ),
  ]);
}

function container({ name, type, title, place: [x, y, width, height], roles }: Visual, index: number): object {
  const state = Object.entries(roles).map(([role, fields]) => [role, { projections: fields.map(projection) }]);
  return {
    $schema: `${SCHEMAS}/visualContainer/2.0.0/schema.json`,
    name,
    position: { x, y, z: index, width, height, tabOrder: index },
    visual: {
      visualType: type,
      query: { queryState: Object.fromEntries(state) as object },
      visualContainerObjects: { title: [{ properties: { show: literal('true'), text: literal(`'${title}'`) } }] },
      drillFilterOtherVisuals: true,
    },
  };
}

function projection(field: Field): object {
  const { kind, table, name } = field;
  const own = { [kind]: { Expression: { SourceRef: { Entity: table } }, Property: name } };
  if (field.average === true) {
    const aggregation = { Aggregation: { Expression: own, Function: 1 } };
    return { field: aggregation, queryRef: `Avg(${table}.${name})`, nativeQueryRef: `Average of ${name}` };
  }
  return { field: own, queryRef: `${table}.${name}`, nativeQueryRef: name };
}

function literal(value: string): object {
  return { expr: { Literal: { Value: value } } };
}
