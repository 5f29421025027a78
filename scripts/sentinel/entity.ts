/** Entities of alerts and incidents, as entity mappings make them. */
import { isIP } from 'node:net';
import { entityTypes } from '../content/entity-types.ts';
import type { EntityMapping } from '../content/model.ts';
import type { Row } from './alert.ts';
import { textOf } from './text.ts';

export interface Entity {
  /** The entity type of the mapping: `Account`, `IP`, `AzureResource`, ... */
  readonly type: string;
  /** Identifier names of the mapping (`AadUserId`, `Name`, `UPNSuffix`, `Address`, ...) with their values, never empty. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** Whether the identifiers name the entity alone; weak ones (`Name` without a domain) do not. */
  readonly strong: boolean;
}

export interface MappedEntities {
  entities: Entity[];
  losses: string[];
}

/** Account names that Sentinel drops from alerts because they name nobody (azure-docs, entities-reference.md). */
const GENERIC_ACCOUNT_NAMES: ReadonlySet<string> = new Set([
  'ADMIN',
  'ADMINISTRATOR',
  'SYSTEM',
  'ROOT',
  'ANONYMOUS',
  'AUTHENTICATED USER',
  'NETWORK',
  'NULL',
  'LOCAL SYSTEM',
  'LOCALSYSTEM',
  'NETWORK SERVICE',
]);

/** Of one alert, shared equally between the mappings of the rule (azure-docs, map-data-fields-to-entities.md). */
const ENTITIES_PER_ALERT = 500;
/** Of the entities field of one alert. */
const ENTITIES_BYTES = 64 * 1024;

/** The entities of an alert over these rows, each once, and in words what the service drops. */
export function mapEntities(mappings: readonly EntityMapping[], rows: readonly Row[]): MappedEntities {
  const losses = new Set<string>();
  const found = new Map<string, Entity>();
  const share = mappings.length === 0 ? 0 : Math.floor(ENTITIES_PER_ALERT / mappings.length);
  let bytes = 0;
  for (const mapping of mappings) {
    let used = 0;
    for (const row of rows) {
      const entity = mapEntity(mapping, row, losses);
      if (entity === undefined) continue;
      const key = entityKey(entity);
      if (found.has(key)) continue;
      if (used === share) {
        losses.add(`more than ${share} ${mapping.entityType} entities: the rest is dropped`);
        break;
      }
      bytes += Buffer.byteLength(JSON.stringify(entity));
      if (bytes > ENTITIES_BYTES) {
        losses.add('entities exceed 64 KB: the rest is dropped');
        break;
      }
      found.set(key, entity);
      used++;
    }
  }
  return { entities: [...found.values()], losses: [...losses] };
}

function mapEntity(mapping: EntityMapping, row: Row, losses: Set<string>): Entity | undefined {
  const { entityType } = mapping;
  const identifiers: Record<string, string> = {};
  for (const { identifier, columnName } of mapping.fieldMappings) {
    const value = textOf(row[columnName]).trim();
    if (value === '') continue;
    if (entityType === 'Account' && identifier === 'Name' && GENERIC_ACCOUNT_NAMES.has(value.toUpperCase())) {
      losses.add(`account name "${value}" is generic and dropped`);
      continue;
    }
    if (entityType === 'IP' && identifier === 'Address' && isIP(value) === 0) {
      losses.add(`"${value}" is no IP address and dropped`);
      continue;
    }
    identifiers[identifier] = value;
  }
  const names = Object.keys(identifiers);
  // A type that the reference does not know needs any identifier.
  const rule = entityTypes[entityType];
  const has = (name: string): boolean => name in identifiers;
  if (names.length === 0) return undefined;
  if (rule && !rule.required.some(has)) {
    losses.add(`${entityType} entity with only ${names.join(', ')} is dropped: it needs ${rule.required.join(' or ')}`);
    return undefined;
  }
  return { type: entityType, identifiers, strong: rule === undefined || rule.strong.some((all) => all.every(has)) };
}

/**
 * A text that is equal for equal entities: the first strong combination that has values (so that the same account with
 * and without a display name is one), or all identifiers of a weak one. Case is folded, as directories do.
 */
export function entityKey(entity: Entity): string {
  const strong = entityTypes[entity.type]?.strong.find((all) => all.every((name) => name in entity.identifiers));
  const names = strong ?? Object.keys(entity.identifiers).sort();
  return JSON.stringify([entity.type, ...names.map((name) => `${name}=${entity.identifiers[name]!.toLowerCase()}`)]);
}

/** One line for people: `Account em-01@contoso.onmicrosoft.com (00000000-...)`, `IP 203.0.113.7`. */
export function describeEntity(entity: Entity): string {
  const { Name, UPNSuffix, AadUserId, ...rest } = entity.identifiers;
  const upn = Name === undefined ? undefined : UPNSuffix === undefined ? Name : `${Name}@${UPNSuffix}`;
  const parts = [upn, AadUserId, ...Object.values(rest)].filter((part) => part !== undefined);
  return `${entity.type} ${parts[0] ?? ''}${parts.length > 1 ? ` (${parts.slice(1).join(', ')})` : ''}`;
}
