/** Automation rules on simulated incidents: which rules apply, in order, and what they change. */
import type { AutomationRule, Content } from '../content/model.ts';
import { getOwn, isObject, type Value, type ValueObject } from './value.ts';
import type { SentinelWorkspace, WorkspaceIncident } from './workspace.ts';

export type AutomationStep =
  | { kind: 'playbook'; rule: string; playbook: string }
  | { kind: 'change'; rule: string; text: string };

/**
 * Applies the rules for a created or updated incident: property changes and tasks at once, playbooks as steps for the
 * caller, in the order of the rules and of their actions.
 */
export function applyAutomationRules(
  content: Pick<Content, 'automationRules' | 'rules'>,
  workspace: SentinelWorkspace,
  incident: WorkspaceIncident,
  when: 'Created' | 'Updated',
  at: Date,
): AutomationStep[] {
  const rules = content.automationRules
    .map(({ value }) => value)
    .filter(
      (rule) =>
        rule.triggersOn === 'Incidents' &&
        rule.triggersWhen === when &&
        applies(rule, content, workspace, incident, at),
    )
    .sort((left, right) => left.order - right.order);
  return rules.flatMap((rule) => rule.actions.map((action) => applyAction(rule, action, workspace, incident)));
}

/** Whether a rule is on, has not expired, and its conditions hold. */
export function applies(
  rule: AutomationRule,
  content: Pick<Content, 'rules'>,
  workspace: SentinelWorkspace,
  incident: WorkspaceIncident,
  at: Date,
): boolean {
  if (!rule.enabled) return false;
  if (rule.expirationTimeUtc !== undefined && Date.parse(rule.expirationTimeUtc) <= at.getTime()) return false;
  const slugs = rule.analyticsRules;
  const listened = content.rules
    .filter(({ source }) => slugs === undefined || slugs.includes(source.slug))
    .map(({ value }) => workspace.ruleArmId(value.id).toLowerCase());
  if (!incident.relatedAnalyticRuleIds.some((id) => listened.includes(id.toLowerCase()))) return false;
  return (rule.conditions ?? []).every((condition) => conditionHolds(condition as Value, incident));
}

function conditionHolds(condition: Value, incident: WorkspaceIncident): boolean {
  if (!isObject(condition)) return false;
  const properties = condition.conditionProperties;
  if (!isObject(properties)) return false;
  const values = Array.isArray(properties.propertyValues) ? properties.propertyValues.map(String) : [];
  switch (condition.conditionType) {
    case 'Property':
      return compareProperty(
        String(properties.operator),
        propertyOf(String(properties.propertyName), incident),
        values,
      );
    case 'Boolean': {
      const inner = Array.isArray(properties.innerConditions) ? properties.innerConditions : [];
      return properties.operator === 'Or'
        ? inner.some((item) => conditionHolds(item, incident))
        : inner.every((item) => conditionHolds(item, incident));
    }
    case 'PropertyArray': {
      const details = incident.alerts.flatMap((alert) => Object.entries(alert.customDetails));
      return customDetailsHold(properties, details);
    }
    default:
      return false;
  }
}

/**
 * `CustomDetails` looks for a detail whose key and values hold, `CustomDetailValues` among the values of that detail (of
 * all details where it stands alone).
 */
function customDetailsHold(properties: ValueObject, details: readonly [string, readonly string[]][]): boolean {
  const conditions = Array.isArray(properties.itemConditions) ? properties.itemConditions : [];
  const itemHolds = (key: string, values: readonly string[]): boolean =>
    conditions.every((condition) => {
      const inner = isObject(condition) ? getOwn(condition, 'conditionProperties') : undefined;
      if (!isObject(condition) || !isObject(inner)) return false;
      if (condition.conditionType === 'PropertyArray') return customDetailsHold(inner, [[key, values]]);
      const wanted = Array.isArray(inner.propertyValues) ? inner.propertyValues.map(String) : [];
      return compareProperty(
        String(inner.operator),
        inner.propertyName === 'IncidentCustomDetailsKey' ? [key] : values,
        wanted,
      );
    });
  const items: [string, readonly string[]][] =
    properties.arrayType === 'CustomDetailValues'
      ? details.flatMap(([key, values]) => values.map((value): [string, string[]] => [key, [value]]))
      : [...details];
  return properties.arrayConditionType === 'AllItems'
    ? items.every(([key, values]) => itemHolds(key, values))
    : items.some(([key, values]) => itemHolds(key, values));
}

function propertyOf(name: string, incident: WorkspaceIncident): readonly string[] {
  const entities = (kind: string, identifier: string): string[] =>
    incident.entities.filter((entity) => entity.kind === kind).map((entity) => entity.properties[identifier] ?? '');
  const properties: Record<string, () => readonly string[]> = {
    IncidentTitle: () => [incident.title],
    IncidentDescription: () => [incident.description],
    IncidentSeverity: () => [incident.severity],
    IncidentStatus: () => [incident.status],
    IncidentRelatedAnalyticRuleIds: () => incident.relatedAnalyticRuleIds,
    IncidentTactics: () => incident.tactics,
    IncidentLabel: () => incident.labels,
    IncidentProviderName: () => ['Azure Sentinel'],
    IncidentCustomDetailsKey: () => incident.alerts.flatMap((alert) => Object.keys(alert.customDetails)),
    IncidentCustomDetailsValue: () => incident.alerts.flatMap((alert) => Object.values(alert.customDetails).flat()),
    AccountAadUserId: () => entities('Account', 'AadUserId'),
    AccountName: () => entities('Account', 'Name'),
    AccountUPNSuffix: () => entities('Account', 'UPNSuffix'),
    IPAddress: () => entities('Ip', 'Address'),
  };
  return properties[name]?.() ?? [];
}

/** Values are compared without regard to case; several wanted values mean any of them. */
function compareProperty(operator: string, values: readonly string[], wanted: readonly string[]): boolean {
  const tests: Record<string, (value: string, want: string) => boolean> = {
    Equals: (value, want) => value === want,
    Contains: (value, want) => value.includes(want),
    StartsWith: (value, want) => value.startsWith(want),
    EndsWith: (value, want) => value.endsWith(want),
  };
  const negated = operator.startsWith('Not');
  const test = tests[negated ? operator.slice(3) : operator];
  if (test === undefined) return false;
  const found = values.some((value) => wanted.some((want) => test(value.toLowerCase(), want.toLowerCase())));
  return negated ? !found : found;
}

function applyAction(
  rule: AutomationRule,
  action: AutomationRule['actions'][number],
  workspace: SentinelWorkspace,
  incident: WorkspaceIncident,
): AutomationStep {
  switch (action.actionType) {
    case 'RunPlaybook':
      return { kind: 'playbook', rule: rule.name, playbook: action.playbook };
    case 'AddIncidentTask':
      incident.tasks.push({
        id: `${workspace.incidentArmId(incident)}/tasks/${workspace.newId()}`,
        title: action.title,
        description: action.description,
        status: 'New',
      });
      return { kind: 'change', rule: rule.name, text: `task ${action.title}` };
    case 'ModifyProperties': {
      const { severity, status, labels = [], owner } = action;
      if (severity !== undefined) incident.severity = severity;
      if (status === 'New' || status === 'Active' || status === 'Closed') incident.status = status;
      for (const label of labels) if (!incident.labels.includes(label)) incident.labels.push(label);
      if (owner !== undefined)
        incident.owner = { objectId: null, email: owner, assignedTo: owner, userPrincipalName: owner };
      const parts = [
        severity && `severity ${severity}`,
        status && `status ${status}`,
        labels.length > 0 && `labels ${labels.join(', ')}`,
        owner && `owner ${owner}`,
      ];
      return { kind: 'change', rule: rule.name, text: parts.filter(Boolean).join(', ') };
    }
  }
}
