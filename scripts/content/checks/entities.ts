/** Entity mappings name entities that Sentinel can build, and beyond doubt. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { closest } from '../closest.ts';
import { entityTypes } from '../entity-types.ts';
import { kqlTokens } from '../kql-tokens.ts';
import type { EntityMapping, Item } from '../model.ts';
import type { CheckContext } from './check-context.ts';

export function checkEntities(context: CheckContext): Diagnostic[] {
  const items: Item<{ query: string; entityMappings?: EntityMapping[] }>[] = [
    ...context.content.rules,
    ...context.content.huntingQueries,
  ];
  return items.flatMap((item) => [
    ...(item.value.entityMappings ?? []).flatMap((mapping, index) => checkMapping(context, item, mapping, index)),
    ...checkMany(context, item),
    ...checkLegacyColumns(context, item),
  ]);
}

function checkMapping(context: CheckContext, item: Item<unknown>, mapping: EntityMapping, index: number): Diagnostic[] {
  const type = entityTypes[mapping.entityType];
  if (type === undefined) return [];
  const findings: Diagnostic[] = [];
  const path = ['entityMappings', index];
  const seen = new Set<string>();
  mapping.fieldMappings.forEach(({ identifier }, fieldIndex) => {
    const place = context.place(item.source, [...path, 'fieldMappings', fieldIndex, 'identifier']);
    if (!type.identifiers.includes(identifier)) {
      const suggestion = closest(identifier, type.identifiers);
      const known = type.identifiers.join(', ');
      const parameters = {
        type: mapping.entityType,
        identifier,
        known,
        ...(suggestion === undefined ? {} : { suggestion }),
      };
      findings.push(checkDiagnostic('entity-identifier', place, parameters));
    } else if (seen.has(identifier)) {
      findings.push(checkDiagnostic('entity-identifier-twice', place, { identifier }));
    }
    seen.add(identifier);
  });
  if (findings.length > 0) return findings;
  const place = context.place(item.source, [...path, 'entityType']);
  const parameters = { type: mapping.entityType };
  const strong = type.strong.map((set) => set.join(' and ')).join(', or ');
  if (!type.required.some((identifier) => seen.has(identifier))) {
    findings.push(checkDiagnostic('entity-incomplete', place, { ...parameters, required: type.required.join(', ') }));
  } else if (type.strong.length > 0 && !type.strong.some((set) => set.every((identifier) => seen.has(identifier)))) {
    findings.push(checkDiagnostic('entity-weak', place, { ...parameters, identifiers: [...seen].join(', '), strong }));
  } else if (
    mapping.entityType === 'Account' &&
    !['AadUserId', 'Sid', 'PUID', 'ObjectGuid'].some((id) => seen.has(id))
  ) {
    findings.push(checkDiagnostic('entity-account-name', place, {}));
  }
  return findings;
}

function checkMany(context: CheckContext, { source, value }: Item<{ entityMappings?: EntityMapping[] }>): Diagnostic[] {
  const count = value.entityMappings?.length ?? 0;
  return count > 5
    ? [checkDiagnostic('entity-mappings-many', context.place(source, ['entityMappings'], 'key'), { count })]
    : [];
}

function checkLegacyColumns(context: CheckContext, { source, value }: Item<{ query: string }>): Diagnostic[] {
  return kqlTokens(value.query)
    .filter((token) => token.kind === 'identifier' && /^(Account|Host|IP|URL|FileHash)CustomEntity$/.test(token.text))
    .map((token) => {
      const place = context.placeInQuery({ source, path: ['query'] }, token.start, token.text.length);
      return checkDiagnostic('entity-legacy-column', place, { column: token.text });
    });
}
