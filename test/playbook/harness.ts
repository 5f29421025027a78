/** A small tenant for the playbooks: workspace, people, directory, recorded answers to queries. */

import type { Content } from '../../scripts/content/model.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import {
  type MessagesOptions,
  messagesService,
  type OutgoingMessage,
} from '../../scripts/playbook/connectors/messages.ts';
import { sentinelService } from '../../scripts/playbook/connectors/sentinel.ts';
import { deployedPlaybook } from '../../scripts/playbook/deployed-playbook.ts';
import type { Value, ValueObject } from '../../scripts/playbook/value.ts';
import type { Service, ServiceAnswer, ServiceCall, WorkflowRun } from '../../scripts/playbook/workflow/model.ts';
import { runWorkflow } from '../../scripts/playbook/workflow/run.ts';
import { findTrigger } from '../../scripts/playbook/workflow/trigger.ts';
import { incidentTriggerBody, SentinelWorkspace, type WorkspaceIncident } from '../../scripts/playbook/workspace.ts';

export const root = new URL('../..', import.meta.url).pathname;
let reading: Promise<Content> | undefined;
export function packageContent(): Promise<Content> {
  reading ??= readContent(root).then(({ content }) => content);
  return reading;
}

export const em01 = 'e1a0c7d2-4b83-4f5e-9a16-0d2b7c8e9f01';
export const em02 = 'e2b1d8e3-5c94-4a6f-8b27-1e3c8d9f0a02';
export const administrator = 'd4e913f7-aa06-4f4c-b285-93dcf60a1404';

/** Rows that the queries of the playbooks answer, by action. */
export const rows: Record<string, ValueObject[]> = {
  Query_accounts: [
    {
      AccountId: em01,
      AccountUPN: 'breakglass-em01@contoso.onmicrosoft.com',
      Account: 'EM-01',
      Owner: 'morgan.hale@contoso.com',
      Custodian: 'priya.nair@contoso.com',
      ActivationId: 'ACT-2026-005',
      Type: 'emergency',
      Reason: 'All administrators locked out',
      Operator: 'priya.nair@contoso.com',
      Approver: 'morgan.hale@contoso.com',
      Reference: 'INC-2207',
      StartTime: '2026-11-23T08:10:00.0000000Z',
      EndTime: '2026-11-23T10:30:00.0000000Z',
      LastDrillDate: '2026-08-26',
      LastRotationDate: '2026-10-12',
      NextReviewDate: '2026-11-23',
      DaysToDrill: 14,
      DaysToReview: 0,
    },
    {
      AccountId: em02,
      AccountUPN: 'breakglass-em02@contoso.onmicrosoft.com',
      Account: 'EM-02',
      Owner: 'morgan.hale@contoso.com',
      Custodian: 'lucas.weber@contoso.com',
      ActivationId: '',
      Type: '',
      Reason: '',
      Operator: '',
      Approver: '',
      Reference: '',
      StartTime: null,
      EndTime: null,
      LastDrillDate: '2026-10-12',
      LastRotationDate: '2026-10-12',
      NextReviewDate: '2027-01-12',
      DaysToDrill: 48,
      DaysToReview: 50,
    },
  ],
  Query_contacts: [
    {
      ContactId: 'C-01',
      Role: 'Responder',
      Name: 'Security duty desk',
      Email: 'duty@contoso.example',
      Phone: '+1 555 0100',
      Order: 1,
      EscalateAfterMinutes: 10,
    },
    {
      ContactId: 'C-02',
      Role: 'Approver',
      Name: 'Morgan Hale',
      Email: 'morgan.hale@contoso.example',
      Phone: '+1 555 0101',
      Order: 2,
      EscalateAfterMinutes: 15,
    },
    {
      ContactId: 'C-03',
      Role: 'Approver',
      Name: 'Dana Ortiz',
      Email: 'dana.ortiz@contoso.example',
      Phone: '+1 555 0102',
      Order: 3,
      EscalateAfterMinutes: 15,
    },
  ],
  Query_changes: [
    {
      ActivationId: 'ACT-2026-005',
      EventTime: '2026-11-23T08:31:25.0000000Z',
      Account: 'EM-01',
      Actor: 'EM-01',
      Operation: 'Update conditional access policy',
      TargetName: 'Require compliant device',
      Result: 'success',
    },
  ],
  Query_uses: [
    {
      ActivationId: 'ACT-2026-005',
      AccountId: em01,
      Account: 'EM-01',
      Type: 'emergency',
      StartTime: '2026-11-23T08:10:00.0000000Z',
      EndTime: '2026-11-23T10:30:00.0000000Z',
      FirstSignIn: '2026-11-23T08:19:12.0000000Z',
      LastSignIn: '2026-11-23T08:31:02.0000000Z',
      SignIns: 4,
      Addresses: '192.0.2.10',
      Renewed: '2026-11-23T10:05:46.0000000Z',
    },
  ],
  Query_reviews: [],
};

export const activation: Record<string, string> = {
  ActivationId: 'ACT-2026-005',
  Account: 'EM-01',
  Type: 'Emergency',
  Reason: 'All administrators locked out',
  Operator: 'priya.nair@contoso.com',
  Approver: 'morgan.hale@contoso.com',
  ApprovedTime: '2026-11-23T08:10:00Z',
  StartTime: '2026-11-23T08:10:00Z',
  EndTime: '2026-11-23T10:30:00Z',
  ClosedTime: '',
  Reference: 'INC-2207',
  RetrievedTime: '2026-11-23T08:14:00Z',
  SignedInTime: '',
  AlertConfirmedTime: '2026-11-23T08:25:00Z',
  RotatedTime: '',
  HandedBackTime: '2026-11-23T10:20:00Z',
};

export interface TenantOptions extends MessagesOptions {
  parameters?: ValueObject;
  logs?: Record<string, ValueObject[]>;
  /** Answers of the directory to `GET /users/{id}`, by id. */
  users?: Record<string, ValueObject>;
  /** Asked first. */
  intercept?: (call: ServiceCall) => ServiceAnswer | undefined;
  activations?: Record<string, string>[];
  entities?: WorkspaceIncident['entities'];
  rule?: string;
  title?: string;
}

export interface Tenant {
  workspace: SentinelWorkspace;
  incident: WorkspaceIncident;
  sent: OutgoingMessage[];
  /** Calls that changed the directory: method and path. */
  directory: string[];
  run(slug: string, at: string, body?: Value): Promise<WorkflowRun>;
}

export const entities = {
  em01: {
    kind: 'Account',
    properties: { AadUserId: em01, Name: 'breakglass-em01', UPNSuffix: 'contoso.onmicrosoft.com' },
  },
  administrator: {
    kind: 'Account',
    properties: { AadUserId: administrator, Name: 'avery.stone', UPNSuffix: 'contoso.com' },
  },
  address: { kind: 'Ip', properties: { Address: '192.0.2.10' } },
};

export async function openTenant(options: TenantOptions = {}): Promise<Tenant> {
  const content = await packageContent();
  const workspace = new SentinelWorkspace();
  for (const { value } of content.watchlists) workspace.setWatchlist(value.watchlistAlias, value.rows);
  workspace.setWatchlist('BreakGlassActivations', options.activations ?? [activation]);
  const rule = content.rules.find(({ source }) => source.slug === (options.rule ?? 'sign-in-succeeded'))!;
  const incident: WorkspaceIncident = {
    name: '88888888-8888-4888-8888-888888888888',
    number: 7,
    title: options.title ?? 'Emergency account EM-01 signed in (declared emergency)',
    description: '',
    severity: 'High',
    status: 'New',
    labels: [],
    owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
    relatedAnalyticRuleIds: [workspace.ruleArmId(rule.value.id)],
    tactics: [],
    createdTimeUtc: '2026-11-23T08:22:00Z',
    lastModifiedTimeUtc: '2026-11-23T08:22:00Z',
    firstActivityTimeUtc: '2026-11-23T08:19:12Z',
    entities: options.entities ?? [entities.em01, entities.address],
    alerts: [
      {
        id: '99999999-9999-4999-8999-999999999999',
        displayName: 'x',
        severity: 'High',
        customDetails: {},
        timeGenerated: '2026-11-23T08:22:00Z',
      },
    ],
    comments: [],
    tasks: [],
  };
  workspace.incidents.push(incident);
  const sent: OutgoingMessage[] = [];
  const directory: string[] = [];
  const logs: Service = (call) =>
    call.connector === 'azuremonitorlogs'
      ? {
          status: 'Succeeded',
          outputs: { statusCode: 200, headers: {}, body: { value: { ...rows, ...options.logs }[call.action] ?? [] } },
        }
      : undefined;
  const graph: Service = (call) => {
    if (!call.uri?.startsWith('https://graph.microsoft.com/')) return undefined;
    if (call.method !== 'GET') {
      directory.push(`${call.method} ${call.path}`);
      return { status: 'Succeeded', outputs: { statusCode: 204, headers: {}, body: null } };
    }
    const id = decodeURIComponent(call.path.split('/').at(-1) ?? '');
    const user = {
      [administrator]: { id: administrator, userPrincipalName: 'avery.stone@contoso.com' },
      [em01]: { id: em01, userPrincipalName: 'breakglass-em01@contoso.onmicrosoft.com' },
      ...options.users,
    }[id];
    return user
      ? { status: 'Succeeded', outputs: { statusCode: 200, headers: {}, body: user } }
      : { status: 'Failed', outputs: { statusCode: 404, headers: {}, body: {} } };
  };
  const services: Service[] = [
    (call) => options.intercept?.(call),
    sentinelService(workspace),
    logs,
    graph,
    messagesService(sent, options),
  ];
  return {
    workspace,
    incident,
    sent,
    directory,
    run(slug, at, body) {
      workspace.advanceTo(Date.parse(at));
      const workflow = deployedPlaybook(content, slug, options.parameters);
      return runWorkflow(workflow, {
        services,
        now: new Date(at),
        trigger: {
          name: findTrigger(workflow.definition)!.name,
          outputs: { headers: {}, body: body ?? incidentTriggerBody(workspace, incident) },
        },
      });
    },
  };
}

/** Ways in which a call fails. */
export const failures: Record<string, ServiceAnswer> = {
  forbidden: {
    status: 'Failed',
    error: { code: 'Forbidden', message: 'no' },
    outputs: { statusCode: 403, headers: {}, body: 'Forbidden' },
  },
  broken: { status: 'Failed', outputs: { statusCode: 500, headers: {}, body: null } },
  'timed out': { delay: 'PT2H' },
};
