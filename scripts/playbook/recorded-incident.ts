/** Incidents in files: the body of the incident trigger, or the incident as the REST API shows it. */
import { readFile } from 'node:fs/promises';
import { UserError } from '../diagnostics/errors.ts';
import { printValue } from './functions/function.ts';
import { decodeText, PlaybookSyntaxError, parseTemplate } from './read-playbook.ts';
import { getOwn, isObject, type Value, type ValueObject } from './value.ts';
import { identifierName, type SentinelWorkspace, type WorkspaceEntity, type WorkspaceIncident } from './workspace.ts';

/** Reads a JSON object. @throws UserError with the place where it is not one */
export async function readJsonFile(file: string): Promise<ValueObject> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UserError('FILE_MISSING', {
      what: 'the file cannot be read',
      place: file,
      remedy: 'Name a JSON file.',
      cause,
    });
  });
  try {
    return parseTemplate(decodeText(bytes));
  } catch (error) {
    if (!(error instanceof PlaybookSyntaxError)) throw error;
    throw new UserError('FILE_NOT_JSON', {
      what: error.message,
      place: `${file}:${error.line}:${error.column}`,
      remedy: 'Mend the JSON.',
    });
  }
}

/** Puts a recorded incident into the workspace. @throws UserError when it is none */
export function addRecordedIncident(
  workspace: SentinelWorkspace,
  recorded: ValueObject,
  file: string,
): WorkspaceIncident {
  const body = isObject(recorded.body) ? recorded.body : recorded;
  const object = isObject(body.object) ? body.object : body;
  const properties = getOwn(object, 'properties');
  if (!isObject(properties) || getOwn(properties, 'title') === undefined) {
    throw new UserError('INCIDENT_INVALID', {
      what: 'the file holds no incident: object.properties.title is missing',
      place: file,
      remedy:
        'Use the body of the incident trigger (from the run history of a playbook), or the incident as the REST API answers it.',
    });
  }
  const text = (name: string): string => printValue(getOwn(properties, name) ?? '');
  const list = (name: string): ValueObject[] => {
    const value = getOwn(properties, name);
    return Array.isArray(value) ? value.filter(isObject) : [];
  };
  const created = text('createdTimeUtc') || new Date(0).toISOString();
  const ids = getOwn(properties, 'relatedAnalyticRuleIds');
  const owner = getOwn(properties, 'owner');
  const ownerField = (name: string): string | null => {
    const value = isObject(owner) ? getOwn(owner, name) : undefined;
    return value === undefined || value === null || value === '' ? null : printValue(value);
  };
  const incident: WorkspaceIncident = {
    name: printValue(getOwn(object, 'name') ?? '') || workspace.newId(),
    number: Number(getOwn(properties, 'incidentNumber') ?? 1),
    title: text('title'),
    description: text('description'),
    severity: text('severity') || 'Medium',
    status: (text('status') || 'New') as WorkspaceIncident['status'],
    labels: list('labels').map((label) => printValue(label.labelName ?? '')),
    owner: {
      objectId: ownerField('objectId'),
      email: ownerField('email'),
      assignedTo: ownerField('assignedTo'),
      userPrincipalName: ownerField('userPrincipalName'),
    },
    relatedAnalyticRuleIds: Array.isArray(ids) ? ids.map((id) => printValue(id)) : [],
    tactics: [],
    createdTimeUtc: created,
    lastModifiedTimeUtc: text('lastModifiedTimeUtc') || created,
    firstActivityTimeUtc: text('firstActivityTimeUtc') || created,
    lastActivityTimeUtc: text('lastActivityTimeUtc') || created,
    entities: list('relatedEntities').map(entityOf),
    alerts: list('alerts').map((alert) => {
      const details = isObject(alert.properties) ? alert.properties : {};
      return {
        id: printValue(details.systemAlertId ?? alert.name ?? ''),
        displayName: printValue(details.alertDisplayName ?? ''),
        severity: printValue(details.severity ?? 'Medium'),
        customDetails: {},
        timeGenerated: printValue(details.timeGenerated ?? created),
      };
    }),
    comments: [],
    tasks: [],
  };
  workspace.incidents.push(incident);
  return incident;
}

function entityOf(entity: ValueObject): WorkspaceEntity {
  const properties: Record<string, string> = {};
  const kind = printValue(entity.kind ?? '');
  for (const [name, value] of Object.entries(isObject(entity.properties) ? entity.properties : {})) {
    if (isScalar(value)) properties[identifierName(kind, name)] = printValue(value);
  }
  return { kind, properties };
}

const isScalar = (value: Value): boolean => value !== null && typeof value !== 'object';
