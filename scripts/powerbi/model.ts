/** The semantic model in TMDL: a table per BI view, the relationships of the star, the measures. */
import { BI_VIEWS, type BiColumn, type BiType, type BiView } from '../../adapters/clickhouse/insight/index.ts';
import { MEASURES, type Measure } from './measures.ts';

/** Columns that a report does not need and that would fill the memory: unique texts of every page view. */
const LEFT_OUT: readonly string[] = ['page_view_id', 'event_id', 'click_id', 'session_id'];

/** Data types of TMDL, and those of Power Query. */
const TYPES: Readonly<Record<BiType, readonly [tmdl: string, query: string]>> = {
  String: ['string', 'type text'],
  Int32: ['int64', 'Int64.Type'],
  Date: ['dateTime', 'type date'],
  "DateTime('UTC')": ['dateTime', 'type datetime'],
  'Nullable(Float64)': ['double', 'type number'],
};
const FORMATS: Readonly<Partial<Record<BiType, string>>> = {
  Date: 'yyyy-mm-dd',
  "DateTime('UTC')": 'yyyy-mm-dd hh:nn:ss',
};
const CATEGORIES: Readonly<Record<string, string>> = {
  country: 'Country',
  latitude: 'Latitude',
  longitude: 'Longitude',
};
/** Names that stand in the order of numbers, not of the alphabet. */
const SORTED_BY: Readonly<Record<string, string>> = { month_name: 'month', weekday_name: 'weekday' };

/** The columns of a view that the model has. */
export function modelColumns(view: BiView): readonly BiColumn[] {
  return view.columns.filter(({ name }) => !LEFT_OUT.includes(name));
}

/** The files of the model's definition, by their path in it. */
export function modelFiles(): Map<string, string> {
  return new Map([
    ['database.tmdl', 'database\n\tcompatibilityLevel: 1600\n'],
    ['model.tmdl', modelText()],
    ['expressions.tmdl', parametersText()],
    ['relationships.tmdl', relationshipsText()],
    ...BI_VIEWS.map((view) => [`tables/${view.name}.tmdl`, tableText(view)] as const),
  ]);
}

function modelText(): string {
  return [
    'model Model',
    '\tculture: en-US',
    '\tdefaultPowerBIDataSourceVersion: powerBI_V3',
    '\tdiscourageImplicitMeasures',
    '\tsourceQueryCulture: en-US',
    '',
    ...BI_VIEWS.map(({ name }) => `ref table ${name}`),
    '',
  ].join('\n');
}

/** Where ClickHouse is. Power BI asks for user and password itself and keeps them outside of the project. */
function parametersText(): string {
  const parameter = (name: string, value: string, type: string, meaning: string): string =>
    `/// ${meaning}\nexpression ${name} = ${value} meta [IsParameterQuery = true, Type = "${type}", IsParameterQueryRequired = true]\n`;
  return [
    parameter('Server', '"localhost"', 'Text', 'Host name of ClickHouse'),
    parameter('Port', '8123', 'Number', 'Port of the HTTP interface: 8123, or 8443 with TLS'),
    parameter('Database', '"clickfeed"', 'Text', 'Database of clickfeed'),
  ].join('\n');
}

/** The relationships: every key of a fact to its dimension. */
export function relationships(): { readonly table: string; readonly column: string; readonly to: string }[] {
  return BI_VIEWS.flatMap((view) =>
    modelColumns(view).flatMap(({ name, joins }) =>
      joins === undefined ? [] : [{ table: view.name, column: name, to: joins }],
    ),
  );
}

function relationshipsText(): string {
  return relationships()
    .map(({ table, column, to }) =>
      [
        `relationship ${table}_${column}`,
        // Days have no time of day: only then does a date find its day.
        ...(column === 'date' ? ['\tjoinOnDateBehavior: datePartOnly'] : []),
        `\tfromColumn: ${table}.${column}`,
        `\ttoColumn: ${to}.${column}`,
        '',
      ].join('\n'),
    )
    .join('\n');
}

function tableText(view: BiView): string {
  const measures = MEASURES.filter(({ table }) => table === view.name);
  return [
    `/// ${view.comment}`,
    `table ${view.name}`,
    ...(view.name === 'bi_dates' ? ['\tdataCategory: Time'] : []),
    '',
    ...measures.map(measureText),
    ...modelColumns(view).map((column, index) => columnText(view, column, index)),
    partitionText(view),
  ].join('\n');
}

function measureText({ name, dax, format, description }: Measure): string {
  return [`\t/// ${description}`, `\tmeasure '${name}' = ${dax}`, `\t\tformatString: ${format}`, ''].join('\n');
}

function columnText(view: BiView, { name, type, comment, joins }: BiColumn, index: number): string {
  const isKey = view.kind === 'dimension' && index === 0;
  const isHidden = name.endsWith('_key') || name === 'visitor_id' || joins !== undefined;
  const [dataType] = TYPES[type];
  const format = FORMATS[type];
  return [
    `\t/// ${comment}`,
    `\tcolumn ${name}`,
    `\t\tdataType: ${dataType}`,
    ...(isHidden ? ['\t\tisHidden'] : []),
    ...(isKey ? ['\t\tisKey'] : []),
    ...(format === undefined ? [] : [`\t\tformatString: ${format}`]),
    ...(CATEGORIES[name] === undefined ? [] : [`\t\tdataCategory: ${CATEGORIES[name]}`]),
    '\t\tsummarizeBy: none',
    `\t\tsourceColumn: ${name}`,
    ...(SORTED_BY[name] === undefined ? [] : [`\t\tsortByColumn: ${SORTED_BY[name]}`]),
    '',
  ].join('\n');
}

function partitionText(view: BiView): string {
  const columns = modelColumns(view);
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const types = columns.map(({ name, type }) => `{"${name}", ${TYPES[type][1]}}`).join(', ');
  const lines = [
    'let',
    '    Source = ClickHouse.Database(Server, Port, Database),',
    '    Views = Source{[Name = Database]}[Data],',
    `    View = Views{[Name = "${view.name}"]}[Data],`,
    `    Columns = Table.SelectColumns(View, {${names}}),`,
    `    Typed = Table.TransformColumnTypes(Columns, {${types}})`,
    'in',
    '    Typed',
  ];
  return [
    `\tpartition ${view.name} = m`,
    '\t\tmode: import',
    '\t\tsource =',
    ...lines.map((line) => `\t\t\t\t${line}`),
    '',
  ].join('\n');
}
