/** A synthetic incident, and plausible answers to every call of a workflow, for a dry run without any recording. */

import { sentinelService } from '../connectors/sentinel.ts';
import { printValue } from '../functions/function.ts';
import { isObject, type Value, type ValueObject } from '../value.ts';
import type { Service, Workflow } from '../workflow/model.ts';
import type { Trigger } from '../workflow/trigger.ts';
import { alertTriggerBody, incidentTriggerBody, SentinelWorkspace, type WorkspaceIncident } from '../workspace.ts';
import { expectationsOf } from './expectations.ts';
import { fillGaps, Shape, sampleOf, sampleOfSchema } from './shape.ts';

const accountId = 'e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01';

/** A workspace with one incident that has an entity of every common kind. */
export function genericWorkspace(now: Date): { workspace: SentinelWorkspace; incident: WorkspaceIncident } {
  const workspace = new SentinelWorkspace();
  const time = now.toISOString();
  const incident: WorkspaceIncident = {
    name: '88888888-8888-4888-8888-888888888888',
    number: 4711,
    title: 'Emergency account EM-01 signed in (not declared)',
    description: 'A synthetic incident for a dry run.',
    severity: 'High',
    status: 'New',
    labels: [],
    owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
    relatedAnalyticRuleIds: [workspace.ruleArmId('7704ad1f-afe6-4253-ae62-3a55bfc65a1b')],
    tactics: ['InitialAccess'],
    createdTimeUtc: time,
    lastModifiedTimeUtc: time,
    entities: [
      {
        kind: 'Account',
        properties: {
          Name: 'breakglass-em01',
          UPNSuffix: 'contoso.onmicrosoft.com',
          AadUserId: accountId,
          AadTenantId: workspace.identity.tenantId,
          DisplayName: 'Emergency account EM-01',
          NTDomain: 'CONTOSO',
          DnsDomain: 'contoso.com',
          Sid: 'S-1-5-21-1000000000-2000000000-3000000000-1001',
        },
      },
      { kind: 'Ip', properties: { Address: '203.0.113.7' } },
      {
        kind: 'Host',
        properties: {
          HostName: 'paw-01',
          DnsDomain: 'contoso.com',
          NetBiosName: 'PAW-01',
          OSFamily: 'Windows',
          AzureID: `${workspace.id.split('/providers/')[0]}/providers/Microsoft.Compute/virtualMachines/paw-01`,
        },
      },
      { kind: 'Url', properties: { Url: 'https://contoso.example/sample' } },
      {
        kind: 'FileHash',
        properties: { Algorithm: 'SHA256', Value: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
      },
      { kind: 'DnsResolution', properties: { DomainName: 'contoso.example' } },
    ],
    alerts: [
      {
        id: '99999999-9999-4999-8999-999999999999',
        displayName: 'Emergency account EM-01 signed in (not declared)',
        severity: 'High',
        customDetails: { Account: ['EM-01'] },
        timeGenerated: time,
      },
    ],
    comments: [],
    tasks: [],
  };
  workspace.incidents.push(incident);
  return { workspace, incident };
}

/** `{ headers, body }` of a trigger, of its kind and with everything that the workflow reads of it. */
export function genericTrigger(workflow: Workflow, trigger: Trigger, now: Date): ValueObject {
  const { workspace, incident } = genericWorkspace(now);
  const expected = sampleOf(expectationsOf(workflow.definition).trigger);
  const body = knownBody(trigger, workspace, incident);
  const wanted = isObject(expected) ? (expected.body ?? null) : null;
  const filled = body === undefined ? wanted : fillGaps(body, wanted);
  const outputs = fillGaps({ headers: { 'Content-Type': 'application/json' }, body: filled ?? {} }, expected);
  return isObject(outputs) ? outputs : { headers: {}, body: filled };
}

function knownBody(trigger: Trigger, workspace: SentinelWorkspace, incident: WorkspaceIncident): Value | undefined {
  switch (trigger.kind) {
    case 'incident':
      return incidentTriggerBody(workspace, incident);
    case 'alert':
      return alertTriggerBody(workspace, incident);
    case 'entity': {
      const [account] = incident.entities;
      return {
        IncidentArmID: workspace.incidentArmId(incident),
        Entity: { kind: account!.kind, properties: { ...account!.properties } },
      };
    }
    case 'request':
      // A request without a schema, or with an empty one, says nothing about its body.
      return trigger.schema?.properties === undefined ? undefined : sampleOfSchema(trigger.schema);
    default:
      return undefined;
  }
}

/**
 * Answers every call: incidents from the simulated workspace, everything else with a body in which all is present that
 * the workflow reads. Nothing is sent anywhere.
 */
export function genericServices(workflow: Workflow, now: Date): Service[] {
  const { workspace } = genericWorkspace(now);
  const shapes = expectationsOf(workflow.definition).actions;
  const sentinel = sentinelService(workspace);
  return [
    async (call) => {
      const shape = shapes.get(call.action.toLowerCase()) ?? new Shape();
      const expected = sampleOf(shape);
      const wanted = isObject(expected) ? (expected.body ?? {}) : {};
      const known = await sentinel(call);
      const succeeded = known !== undefined && known.status === 'Succeeded';
      const body = succeeded ? fillGaps(known.outputs?.body ?? null, wanted) : wanted;
      const rest = isObject(expected) ? { ...expected } : {};
      const statusCode =
        typeof rest.statusCode === 'number' && rest.statusCode >= 200 && rest.statusCode < 400 ? rest.statusCode : 200;
      return {
        status: 'Succeeded',
        outputs: {
          ...rest,
          statusCode,
          headers: { 'Content-Type': 'application/json', ...(isObject(rest.headers) ? rest.headers : {}) },
          body,
        },
      };
    },
  ];
}

/** Names of what a trigger of this kind is, for messages. */
export function describeTrigger(trigger: Trigger | undefined): string {
  return trigger === undefined ? 'none' : `${printValue(trigger.name)} (${trigger.kind})`;
}
