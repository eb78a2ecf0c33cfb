/** Which of clickfeed's search attributes the Temporal service has. */
import type { OperatorService } from '@temporalio/client';
import { SEARCH_ATTRIBUTES, type SearchAttributeName } from '../../domain/service.ts';

/** Temporal's numbers of the types (enums/v1/common.proto). */
const TYPE_NUMBERS = { KEYWORD_LIST: 7, DATETIME: 6 } as const;

/** Anything that has the operator service: a client's connection or a worker's. */
export interface OperatorConnection {
  readonly operatorService: OperatorService;
}

/**
 * The attributes that exist with the type we need. A service that does not let us ask is taken to have none: runs work
 * without them.
 */
export async function knownSearchAttributes(
  { operatorService }: OperatorConnection,
  namespace: string,
): Promise<readonly SearchAttributeName[]> {
  const customAttributes = await listCustom(operatorService, namespace);
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];
  return names.filter((name) => customAttributes[name] === TYPE_NUMBERS[SEARCH_ATTRIBUTES[name]]);
}

async function listCustom(operatorService: OperatorService, namespace: string): Promise<Record<string, number>> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return customAttributes;
  } catch {
    return {};
  }
}

/** What {@link ensureSearchAttributes} left behind. */
export interface SearchAttributeReport {
  readonly known: readonly SearchAttributeName[];
  /** Why the others are not there, when they are not. */
  readonly refusal?: string;
}

/** Registers what is missing. Where that is not allowed (Temporal Cloud: by its own tools) runs work without. */
export async function ensureSearchAttributes(
  connection: OperatorConnection,
  namespace: string,
): Promise<SearchAttributeReport> {
  const known = await knownSearchAttributes(connection, namespace);
  const names = Object.keys(SEARCH_ATTRIBUTES) as SearchAttributeName[];
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length === 0) return { known };
  try {
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, TYPE_NUMBERS[SEARCH_ATTRIBUTES[name]]]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return { known: names };
  } catch (error) {
    return { known, refusal: error instanceof Error ? error.message : String(error) };
  }
}
