/** Every JSON file of the Power BI project against the schema that it names; kept in schemas/ as Microsoft publishes them (MIT). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../../powerbi/', import.meta.url));
const SCHEMAS = fileURLToPath(new URL('./schemas/', import.meta.url));
const PUBLISHED_AT = 'https://developer.microsoft.com/json-schemas/';

type Document = Record<string, unknown>;

function documentsIn(folder: string, isOne: (name: string) => boolean): Map<string, Document> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isOne);
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Document]));
}

// What the project is made of besides TMDL and prose.
const FILES = documentsIn(PROJECT, (name) => /\.(json|pbip|pbir|pbism)$|\.platform$/.test(name));

/** They refer to one another by their places, so each is known by the address that it is published at. */
function schemas(): Ajv {
  // Not strict: the published schemas hold words of their own, such as formats that nothing here depends on.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const [name, schema] of documentsIn(SCHEMAS, (name) => name.endsWith('.json'))) {
    ajv.addSchema({ ...schema, $id: PUBLISHED_AT + name.replaceAll('\\', '/') });
  }
  return ajv;
}

const AJV = schemas();

function errorsOf(document: Document): unknown {
  const validate = AJV.getSchema(String(document['$schema']));
  if (validate === undefined) return `no schema ${String(document['$schema'])}`;
  return validate(document) === true
    ? []
    : validate.errors?.map(({ instancePath, message }) => [instancePath, message]);
}

test.each([...FILES])('%s follows the schema that it names', (_, document) => {
  expect(errorsOf(document)).toEqual([]);
});

test('a visual without its position fails the schema that it names', () => {
  const visuals = [...FILES].filter(([name]) => name.endsWith('visual.json'));
  expect(visuals.length).toBeGreaterThan(0);
  for (const [, visual] of visuals) {
    expect(errorsOf({ ...visual, position: undefined })).toContainEqual(['', "must have required property 'position'"]);
  }
});
