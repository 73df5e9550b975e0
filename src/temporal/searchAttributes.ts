import type { Connection } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { searchAttributeNames } from '../domain/temporalNames.ts';
import { asNamespaceError } from './namespaceError.ts';
import { IndexedValueType } from './serverEnums.ts';

const names: readonly string[] = Object.values(searchAttributeNames);
const keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;

type OperatorService = Connection['operatorService'];

/**
 * Registers the search attributes that the workflows set. A run that sets an unregistered one stays RUNNING forever, so
 * nothing may start without them.
 * @throws Error that names the command, if the server does not allow us to register them.
 */
export async function ensureSearchAttributes(
  { operatorService }: { operatorService: OperatorService },
  namespace: string,
): Promise<void> {
  const missing = await missingAttributes(operatorService, namespace);
  if (missing.length === 0) return;
  try {
    const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
  } catch (error) {
    // Two workers that start at once register the same attributes.
    if ((await missingAttributes(operatorService, namespace)).length === 0) return;
    throw new Error(
      `Temporal lacks search attributes and did not let us register them. Run:\n${commands(namespace, missing)}`,
      {
        cause: error,
      },
    );
  }
}

export interface AttributeState {
  readonly missing: readonly string[];
  /** Search attributes that are registered, but not as a Keyword. */
  readonly wrongType: readonly string[];
}

/**
 * The registration of the search attributes that the workflows set; changes nothing.
 * @throws NamespaceNotFoundError
 */
export async function attributeState(
  { operatorService }: { operatorService: OperatorService },
  namespace: string,
): Promise<AttributeState> {
  const customAttributes = await customAttributesOf(operatorService, namespace);
  const registered = (name: string) => customAttributes[name] !== undefined;
  return {
    missing: names.filter((name) => !registered(name)),
    wrongType: names.filter((name) => registered(name) && customAttributes[name] !== keyword),
  };
}

async function missingAttributes(operatorService: OperatorService, namespace: string): Promise<string[]> {
  try {
    const customAttributes = await customAttributesOf(operatorService, namespace);
    return names.filter((name) => customAttributes[name] !== keyword);
  } catch (error) {
    if (error instanceof NamespaceNotFoundError) throw error;
    throw new Error(
      `Cannot ask Temporal for its search attributes. If they are not there yet, run:\n${commands(namespace, names)}`,
      {
        cause: error,
      },
    );
  }
}

async function customAttributesOf(operatorService: OperatorService, namespace: string) {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return customAttributes;
  } catch (error) {
    throw asNamespaceError(error, namespace);
  }
}

function commands(namespace: string, missing: readonly string[]): string {
  return missing.map((name) => `  ${createCommand(namespace, name)}`).join('\n');
}

export function createCommand(namespace: string, name: string): string {
  return `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`;
}
