/** Faster SQL for a metric gives the figures that the metric's definition gives. */
import { expect, test } from 'vitest';
import { BY_SHORT_TIME, BY_VALUE, expressions } from '../../../../adapters/clickhouse/insight/values.ts';
import { createDatabase } from '../../../support/clickhouse.ts';

test.each([
  ['BY_VALUE', BY_VALUE],
  ['BY_SHORT_TIME', BY_SHORT_TIME],
])('%s counts the visitors of few runs and of many as their definition does', async (_, faster) => {
  const database = await createDatabase();
  // Runs of each value: of one visitor, of none that is known, of hundreds, and of more than are counted in one go.
  const runs = `SELECT tupleElement(kind, 1) AS value, if(number % 11 = 0, 0, sipHash64(number % tupleElement(kind, 3))) AS visitor
    FROM (SELECT arrayJoin([('one', 3, 1), ('hundreds', 5000, 700), ('many', 200000, 30000)]) AS kind)
    ARRAY JOIN range(toUInt64(tupleElement(kind, 2))) AS number
    UNION ALL SELECT 'unknown', 0 FROM numbers(3)`;
  const [defined] = expressions(['visitors'], 'parts');
  const [quick] = expressions(['visitors'], 'parts', faster);
  const counts = await database.rows(
    `SELECT value, toUInt32(${defined}) AS defined, toUInt32(${quick}) AS quick FROM (${runs}) GROUP BY value ORDER BY value`,
  );
  expect(counts).toEqual([
    { value: 'hundreds', defined: 700, quick: 700 },
    { value: 'many', defined: 30_000, quick: 30_000 },
    { value: 'one', defined: 1, quick: 1 },
    { value: 'unknown', defined: 0, quick: 0 },
  ]);
});
