/** A simulated Sentinel workspace: incidents with comments and tasks, watchlists, and a record of every change. */
import type { Value, ValueObject } from './value.ts';

export interface WorkspaceIdentity {
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
  workspaceId: string;
  tenantId: string;
}

export const sampleWorkspace: WorkspaceIdentity = {
  subscriptionId: '11111111-1111-4111-8111-111111111111',
  resourceGroup: 'contoso-security',
  workspaceName: 'contoso-sentinel',
  workspaceId: '44444444-4444-4444-8444-444444444444',
  tenantId: '22222222-2222-4222-8222-222222222222',
};

export interface WorkspaceEntity {
  kind: string;
  properties: Record<string, string>;
}

export interface WorkspaceAlert {
  id: string;
  displayName: string;
  severity: string;
  customDetails: Record<string, readonly string[]>;
  timeGenerated: string;
}

export interface WorkspaceIncident {
  /** GUID. */
  name: string;
  number: number;
  title: string;
  description: string;
  severity: string;
  status: 'New' | 'Active' | 'Closed';
  classification?: string;
  classificationReason?: string;
  classificationComment?: string;
  labels: string[];
  owner: { objectId: string | null; email: string | null; assignedTo: string | null; userPrincipalName: string | null };
  /** ARM ids of the analytics rules. */
  relatedAnalyticRuleIds: string[];
  tactics: string[];
  createdTimeUtc: string;
  lastModifiedTimeUtc: string;
  firstActivityTimeUtc?: string;
  lastActivityTimeUtc?: string;
  entities: WorkspaceEntity[];
  alerts: WorkspaceAlert[];
  comments: { id: string; message: string; at: number }[];
  tasks: { id: string; title: string; description: string; status: 'New' | 'Completed' }[];
}

export interface WatchlistItem {
  id: string;
  values: Record<string, string>;
}

export class SentinelWorkspace {
  readonly identity: WorkspaceIdentity;
  readonly incidents: WorkspaceIncident[] = [];
  /** By folded alias. A watchlist that is not in here does not exist. */
  readonly watchlists = new Map<string, { alias: string; items: WatchlistItem[] }>();
  readonly #events: { at: number; apply: (workspace: SentinelWorkspace) => void }[] = [];
  #counter = 0;

  constructor(identity: WorkspaceIdentity = sampleWorkspace) {
    this.identity = identity;
  }

  /** ARM id of the workspace. */
  get id(): string {
    const { subscriptionId, resourceGroup, workspaceName } = this.identity;
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${workspaceName}`;
  }

  incidentArmId(incident: WorkspaceIncident): string {
    return `${this.id}/providers/Microsoft.SecurityInsights/Incidents/${incident.name}`;
  }

  /** ARM id of an analytics rule, as automation rules and incidents name it. */
  ruleArmId(ruleId: string): string {
    return `${this.id}/providers/Microsoft.SecurityInsights/alertRules/${ruleId}`;
  }

  findIncident(armId: string): WorkspaceIncident | undefined {
    const name = armId.split('/').filter(Boolean).at(-1)?.toLowerCase();
    return this.incidents.find((incident) => incident.name.toLowerCase() === name);
  }

  findWatchlist(alias: string): { alias: string; items: WatchlistItem[] } | undefined {
    return this.watchlists.get(alias.toLowerCase());
  }

  setWatchlist(alias: string, rows: readonly Readonly<Record<string, string>>[]): void {
    this.watchlists.set(alias.toLowerCase(), {
      alias,
      items: rows.map((values) => ({ id: this.newId(), values: { ...values } })),
    });
  }

  /** Something that people do at a time while playbooks wait. */
  schedule(at: Date, apply: (workspace: SentinelWorkspace) => void): void {
    this.#events.push({ at: at.getTime(), apply });
    this.#events.sort((left, right) => left.at - right.at);
  }

  /** Lets everything happen that was scheduled up to a time. */
  advanceTo(time: number): void {
    while (this.#events.length > 0 && this.#events[0]!.at <= time) this.#events.shift()!.apply(this);
  }

  /** GUIDs in a fixed order, so that runs repeat. */
  newId(): string {
    this.#counter++;
    return `55555555-5555-4555-8555-${this.#counter.toString(16).padStart(12, '0')}`;
  }
}

const isoTime = (time: string): string => new Date(time).toISOString();

/** The incident as the REST API shows it. */
export function incidentResource(workspace: SentinelWorkspace, incident: WorkspaceIncident): ValueObject {
  return {
    id: workspace.incidentArmId(incident),
    name: incident.name,
    etag: '"00000000-0000-0000-0000-000000000000"',
    type: 'Microsoft.SecurityInsights/Incidents',
    properties: {
      title: incident.title,
      description: incident.description,
      severity: incident.severity,
      status: incident.status,
      ...(incident.classification === undefined ? {} : { classification: incident.classification }),
      ...(incident.classificationReason === undefined ? {} : { classificationReason: incident.classificationReason }),
      ...(incident.classificationComment === undefined
        ? {}
        : { classificationComment: incident.classificationComment }),
      labels: incident.labels.map((labelName) => ({ labelName, labelType: 'User' })),
      owner: { ...incident.owner },
      relatedAnalyticRuleIds: [...incident.relatedAnalyticRuleIds],
      firstActivityTimeUtc: isoTime(incident.firstActivityTimeUtc ?? incident.createdTimeUtc),
      lastActivityTimeUtc: isoTime(incident.lastActivityTimeUtc ?? incident.createdTimeUtc),
      createdTimeUtc: isoTime(incident.createdTimeUtc),
      lastModifiedTimeUtc: isoTime(incident.lastModifiedTimeUtc),
      incidentNumber: incident.number,
      providerName: 'Azure Sentinel',
      providerIncidentId: String(incident.number),
      incidentUrl: `https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident${workspace.incidentArmId(incident)}`,
      additionalData: {
        alertsCount: incident.alerts.length,
        bookmarksCount: 0,
        commentsCount: incident.comments.length,
        alertProductNames: ['Azure Sentinel'],
        tactics: [...incident.tactics],
        techniques: [],
      },
      Comments: incident.comments.map(({ id, message, at }) => ({
        name: id,
        properties: { message, createdTimeUtc: new Date(at).toISOString() },
      })),
    },
  };
}

/** `UPNSuffix` -> `upnSuffix`, `AadUserId` -> `aadUserId`, `PUID` -> `puid`. */
function camelCase(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (capitals) => capitals.toLowerCase());
}

/** An entity in the shape that incidents carry: `{ id, type, kind, properties }`. */
function entityResource(workspace: SentinelWorkspace, entity: WorkspaceEntity, index: number): Value {
  const properties: ValueObject = {};
  for (const [name, value] of Object.entries(entity.properties)) {
    // The API calls the name of an account accountName; the connector answers it as Name.
    properties[entity.kind === 'Account' && name === 'Name' ? 'accountName' : camelCase(name)] = value;
  }
  return {
    id: `${workspace.id}/providers/Microsoft.SecurityInsights/Entities/66666666-6666-4666-8666-${index.toString().padStart(12, '0')}`,
    type: 'Microsoft.SecurityInsights/Entities',
    kind: entity.kind,
    properties: { ...properties, friendlyName: Object.values(entity.properties)[0] ?? '' },
  };
}

/** The name of a property of an entity as mappings and the connector write it: `upnSuffix` -> `UPNSuffix`. */
export function identifierName(kind: string, property: string): string {
  if (kind.toLowerCase() === 'account' && property === 'accountName') return 'Name';
  const abbreviated = {
    upnSuffix: 'UPNSuffix',
    ntDomain: 'NTDomain',
    puid: 'PUID',
    osFamily: 'OSFamily',
    osVersion: 'OSVersion',
  }[property];
  return abbreviated ?? `${property[0]?.toUpperCase() ?? ''}${property.slice(1)}`;
}

/** What the incident trigger hands to a playbook. */
export function incidentTriggerBody(workspace: SentinelWorkspace, incident: WorkspaceIncident): ValueObject {
  const resource = incidentResource(workspace, incident);
  const { subscriptionId, resourceGroup, workspaceName, workspaceId } = workspace.identity;
  return {
    eventUniqueId: '77777777-7777-4777-8777-777777777777',
    objectSchemaType: 'Incident',
    objectEventType: 'Create',
    workspaceInfo: { SubscriptionId: subscriptionId, ResourceGroupName: resourceGroup, WorkspaceName: workspaceName },
    workspaceId,
    object: {
      ...resource,
      properties: {
        ...(resource.properties as ValueObject),
        relatedEntities: incident.entities.map((entity, index) => entityResource(workspace, entity, index)),
        alerts: incident.alerts.map((alert) => alertResource(workspace, incident, alert)),
      },
    },
  };
}

function alertResource(workspace: SentinelWorkspace, incident: WorkspaceIncident, alert: WorkspaceAlert): Value {
  return {
    id: `${workspace.id}/providers/Microsoft.SecurityInsights/Entities/${alert.id}`,
    name: alert.id,
    type: 'Microsoft.SecurityInsights/Entities',
    kind: 'SecurityAlert',
    properties: {
      systemAlertId: alert.id,
      alertDisplayName: alert.displayName,
      severity: alert.severity,
      timeGenerated: alert.timeGenerated,
      providerAlertId: alert.id,
      productName: 'Azure Sentinel',
      additionalData: {
        'Custom Details': JSON.stringify(alert.customDetails),
        'Analytic Rule Ids': JSON.stringify(incident.relatedAnalyticRuleIds.map((id) => id.split('/').at(-1))),
      },
    },
  };
}

/** What the alert trigger hands to a playbook. */
export function alertTriggerBody(workspace: SentinelWorkspace, incident: WorkspaceIncident): ValueObject {
  const { subscriptionId, resourceGroup, workspaceId, tenantId } = workspace.identity;
  const [alert] = incident.alerts;
  return {
    WorkspaceSubscriptionId: subscriptionId,
    WorkspaceResourceGroup: resourceGroup,
    WorkspaceId: workspaceId,
    TenantId: tenantId,
    SystemAlertId: alert?.id ?? incident.name,
    ProviderAlertId: alert?.id ?? incident.name,
    VendorName: 'Microsoft',
    ProviderName: 'ASI Scheduled Alerts',
    ProductName: 'Azure Sentinel',
    AlertType: `${workspaceId}_${incident.relatedAnalyticRuleIds[0]?.split('/').at(-1) ?? ''}`,
    AlertDisplayName: alert?.displayName ?? incident.title,
    DisplayName: alert?.displayName ?? incident.title,
    Description: incident.description,
    Severity: incident.severity,
    Status: 'New',
    TimeGenerated: incident.createdTimeUtc,
    StartTimeUtc: incident.createdTimeUtc,
    EndTimeUtc: incident.createdTimeUtc,
    StartTime: incident.createdTimeUtc,
    EndTime: incident.createdTimeUtc,
    Entities: JSON.stringify(
      incident.entities.map((entity, index) => ({
        $id: String(index + 3),
        ...entity.properties,
        Type: entity.kind.toLowerCase(),
      })),
    ),
    ExtendedProperties: JSON.stringify({
      'Custom Details': JSON.stringify(alert?.customDetails ?? {}),
      Query: 'SigninLogs',
      'Query Period': '01:00:00',
    }),
    ExtendedLinks: '[]',
  };
}
