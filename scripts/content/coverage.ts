/** Which requirements, techniques, tables and operations are watched by which rule, and proven by which scenario. */
import { techniques } from './attack.ts';
import { CheckContext } from './checks/check-context.ts';
import { binds } from './checks/kql.ts';
import type { Content } from './model.ts';
import { type Answerer, requirements, requirementTags } from './requirements.ts';

/** What a scenario proves: the rules that it expects to fire, and the operations that its rows record. */
export interface ScenarioProof {
  slug: string;
  rules: readonly string[];
  operations: ReadonlySet<string>;
}

/** One thing that is watched. `gap` says what is missing; absent: nothing is. */
export interface CoverageEntry {
  id: string;
  title: string;
  rules: string[];
  huntingQueries: string[];
  /** Workbooks, playbooks and automation rules that answer for a requirement. */
  others: string[];
  /** Scenarios in which one of the rules must fire. */
  scenarios: string[];
  gap?: string;
}

export interface Coverage {
  requirements: (CoverageEntry & { group: string; answeredBy: readonly Answerer[] })[];
  techniques: (CoverageEntry & { tactics: readonly string[] })[];
  tables: CoverageEntry[];
  operations: CoverageEntry[];
  /** Every rule with the scenarios in which it must fire. */
  rules: { rule: string; name: string; scenarios: string[] }[];
}

/** Columns that name what was done. */
export const operationColumns = [
  'OperationName',
  'ActivityDisplayName',
  'OperationNameValue',
  'Operation',
  'Activity',
  'SentinelOperation',
] as const;

/** Gathers the coverage. Pure. */
export function coverage(content: Content, proofs: readonly ScenarioProof[]): Coverage {
  const context = new CheckContext(content);
  const firing = (rules: readonly string[]): string[] =>
    proofs.filter((proof) => proof.rules.some((rule) => rules.includes(rule))).map((proof) => proof.slug);
  const detections = [
    ...content.rules.map(({ source, value }) => ({ slug: source.slug, kind: 'rule' as const, value })),
    ...content.huntingQueries.map(({ source, value }) => ({ slug: source.slug, kind: 'hunting' as const, value })),
  ].map((item) => ({
    ...item,
    facts: binds(context, item.value.query) ? context.factsOf(item.value.query) : undefined,
  }));
  type Detection = (typeof detections)[number];

  const entry = (id: string, title: string, watches: (item: Detection) => boolean): CoverageEntry => {
    const found = detections.filter(watches);
    const rules = found.filter((item) => item.kind === 'rule').map((item) => item.slug);
    const huntingQueries = found.filter((item) => item.kind === 'hunting').map((item) => item.slug);
    const scenarios = firing(rules);
    const gap = rules.length > 0 && scenarios.length === 0 ? 'no scenario proves it' : undefined;
    return { id, title, rules, huntingQueries, others: [], scenarios, ...(gap === undefined ? {} : { gap }) };
  };
  const distinct = (values: Iterable<string>): string[] => [...new Set(values)].sort();
  const others = otherAnswers(content);

  return {
    requirements: requirements().map(({ id, text, group, answeredBy }) => {
      const watched = entry(id, text, (item) => requirementTags(item.value.tags).some((tag) => tag.id === id));
      const answers = others.filter((item) => item.requirements.includes(id));
      const missing = answeredBy.filter(
        (kind) =>
          (kind === 'rule' && watched.rules.length === 0) ||
          (kind === 'hunting' && watched.huntingQueries.length === 0) ||
          ((kind === 'workbook' || kind === 'playbook') && !answers.some((item) => item.kind === kind)),
      );
      const gaps = [
        ...(missing.length > 0 ? [`no ${missing.join(', no ')}`] : []),
        ...(watched.gap ? [watched.gap] : []),
      ];
      const { gap: _, ...rest } = watched;
      return {
        ...rest,
        group,
        answeredBy,
        others: answers.map((item) => item.name),
        ...(gaps.length > 0 ? { gap: gaps.join('; ') } : {}),
      };
    }),
    techniques: distinct(detections.flatMap((item) => item.value.relevantTechniques)).map((id) => ({
      ...entry(id, techniques()[id]?.name ?? '', (item) => item.value.relevantTechniques.includes(id)),
      tactics: techniques()[id]?.tactics ?? [],
    })),
    tables: distinct(detections.flatMap((item) => [...(item.facts?.tables ?? [])])).map((id) =>
      entry(id, '', (item) => item.facts?.tables.has(id) ?? false),
    ),
    operations: distinct(detections.flatMap((item) => operationsOf(item.facts))).map((id) => {
      const { gap: _, ...found } = entry(id, '', (item) => operationsOf(item.facts).includes(id));
      // A scenario proves an operation when its rows record it and a rule that looks for it must fire there.
      const scenarios = proofs
        .filter((proof) => found.scenarios.includes(proof.slug) && records(proof, id))
        .map((proof) => proof.slug);
      const gap = found.rules.length > 0 && scenarios.length === 0 ? 'no scenario records it' : undefined;
      return { ...found, scenarios, ...(gap === undefined ? {} : { gap }) };
    }),
    rules: content.rules.map(({ source, value }) => ({
      rule: source.slug,
      name: value.name,
      scenarios: firing([source.slug]),
    })),
  };
}

/** Whether rows of the scenario carry the operation; between asterisks it may be a part of the name. */
function records({ operations }: ScenarioProof, id: string): boolean {
  const part = /^\*(.*)\*$/s.exec(id)?.[1];
  if (part === undefined) return operations.has(normalized(id));
  return [...operations].some((operation) => operation.includes(normalized(part)));
}

/** Operation names are compared without case and without the space that some carry at the end. */
export function normalized(operation: string): string {
  return operation.trim().toLowerCase();
}

function operationsOf(facts: ReturnType<CheckContext['factsOf']> | undefined): string[] {
  return operationColumns
    .flatMap((column) => [...(facts?.comparedTexts.get(column) ?? [])])
    .filter((text) => text.trim() !== '');
}

/** Requirements that workbooks (`requirements` of workbook.yaml), playbooks (tags) and automation rules answer for. */
function otherAnswers(content: Content): { kind: 'workbook' | 'playbook'; name: string; requirements: string[] }[] {
  const ids = (tags: unknown): string[] =>
    Array.isArray(tags) ? requirementTags(tags.filter((tag) => typeof tag === 'string')).map((tag) => tag.id) : [];
  return [
    ...content.workbooks.map(({ value }) => ({
      kind: 'workbook' as const,
      name: `workbook ${value.slug}`,
      requirements: value.requirements ?? [],
    })),
    ...content.playbooks.map(({ value }) => ({
      kind: 'playbook' as const,
      name: `playbook ${value.slug}`,
      requirements: ids((value.template as { metadata?: { tags?: unknown } }).metadata?.tags),
    })),
    ...content.automationRules.map(({ source, value }) => ({
      kind: 'playbook' as const,
      name: `automation rule ${source.slug}`,
      requirements: ids(value.tags),
    })),
  ];
}
