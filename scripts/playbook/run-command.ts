/** What `playbook run` and `playbook graph` do: find the playbook, its trigger and what answers its calls. */
import { readFile } from 'node:fs/promises';
import { packageRoot } from '../content/package-root.ts';
import { readContent } from '../content/read-content.ts';
import { UserError } from '../diagnostics/errors.ts';
import { loadScenarios } from '../scenarios/load-scenarios.ts';
import { type MessagesOptions, messagesService, type OutgoingMessage } from './connectors/messages.ts';
import { sentinelService } from './connectors/sentinel.ts';
import { deployedPlaybook } from './deployed-playbook.ts';
import { completeParameters, decodeText, PlaybookSyntaxError, readPlaybook } from './read-playbook.ts';
import { addRecordedIncident, readJsonFile } from './recorded-incident.ts';
import { Story } from './story.ts';
import { genericServices, genericTrigger, genericWorkspace } from './stubs/generic.ts';
import { stubFolder } from './stubs/stub-folder.ts';
import type { Service, Workflow, WorkflowRun } from './workflow/model.ts';
import { runWorkflow } from './workflow/run.ts';
import { findTrigger } from './workflow/trigger.ts';
import { incidentTriggerBody, SentinelWorkspace } from './workspace.ts';

export interface RunRequest extends MessagesOptions {
  incident?: string;
  body?: string;
  scenario?: string;
  stubs?: string;
  generic: boolean;
  now?: string;
  root?: string;
}

/** A playbook of the package by slug, or the first workflow of a template file. @throws UserError */
export async function findPlaybook(name: string, root?: string): Promise<{ workflow: Workflow }> {
  if (!/\.json$/i.test(name)) {
    const { content } = await readContent(root ?? packageRoot());
    return { workflow: deployedPlaybook(content, name) };
  }
  const bytes = await readFile(name).catch((cause: unknown) => {
    throw new UserError('FILE_MISSING', {
      what: 'the file cannot be read',
      place: name,
      remedy: 'Name a slug of the package or an azuredeploy.json.',
      cause,
    });
  });
  try {
    const [workflow] = readPlaybook(decodeText(bytes)).workflows;
    if (workflow) return { workflow: completeParameters(workflow) };
  } catch (error) {
    if (!(error instanceof PlaybookSyntaxError)) throw error;
    throw new UserError('FILE_NOT_JSON', {
      what: error.message,
      place: `${name}:${error.line}:${error.column}`,
      remedy: 'Mend the JSON.',
    });
  }
  throw new UserError('PLAYBOOK_WITHOUT_WORKFLOW', {
    what: 'the template makes no Microsoft.Logic/workflows',
    place: name,
    remedy: 'Name the template of a Logic App.',
  });
}

/** Runs a playbook once, or once for each incident of the scenario. @throws UserError */
export async function runForCommand(
  name: string,
  request: RunRequest,
): Promise<{ run: WorkflowRun; workflow: Workflow }[]> {
  const stubs = request.stubs === undefined ? [] : [await stubFolder(request.stubs)];
  if (request.scenario !== undefined) return runOnScenario(name, request.scenario, request, stubs);
  const { workflow } = await findPlaybook(name, request.root);
  const trigger = findTrigger(workflow.definition);
  let workspace = new SentinelWorkspace();
  let created: string | undefined;
  let body: WorkflowRun['trigger']['outputs'] | undefined;
  if (request.body !== undefined) body = { headers: {}, body: await readJsonFile(request.body) };
  else if (request.incident !== undefined) {
    const incident = addRecordedIncident(workspace, await readJsonFile(request.incident), request.incident);
    created = incident.createdTimeUtc;
    body = { headers: {}, body: incidentTriggerBody(workspace, incident) };
  }
  const now = timeOf(request.now ?? created ?? '2026-11-23T08:30:00Z');
  if (body === undefined) {
    workspace = genericWorkspace(now).workspace;
    body = trigger ? genericTrigger(workflow, trigger, now) : { headers: {}, body: {} };
  }
  if (request.root !== undefined || !/\.json$/i.test(name)) {
    const { content } = await readContent(request.root ?? packageRoot());
    for (const { value } of content.watchlists) workspace.setWatchlist(value.watchlistAlias, value.rows);
  }
  const sent: OutgoingMessage[] = [];
  const approvals: Service = (call) =>
    request.generic && /approvalmail/i.test(call.path) ? genericServices(workflow, now)[0]!(call) : undefined;
  const services = [
    ...stubs,
    approvals,
    sentinelService(workspace),
    messagesService(sent, request),
    ...(request.generic ? genericServices(workflow, now) : []),
  ];
  return [
    {
      workflow,
      run: await runWorkflow(workflow, { services, now, trigger: { name: trigger?.name ?? 'manual', outputs: body } }),
    },
  ];
}

async function runOnScenario(
  name: string,
  slug: string,
  request: RunRequest,
  stubs: Service[],
): Promise<{ run: WorkflowRun; workflow: Workflow }[]> {
  const root = request.root ?? packageRoot();
  const { content } = await readContent(root);
  const { scenarios } = await loadScenarios(root, content, [slug]);
  const [scenario] = scenarios;
  if (scenario === undefined)
    throw new UserError('SCENARIO_INVALID', {
      what: `the scenario '${slug}' cannot be run`,
      remedy: 'See `breakglass test --scenario` for what is wrong with it.',
    });
  const workflow = deployedPlaybook(content, name);
  // The incidents are raised as in the story; only the playbook that was asked for runs on them.
  const story = await Story.open(scenario, { ...content, automationRules: [] }, { services: stubs });
  try {
    await story.play();
    const runs: { run: WorkflowRun; workflow: Workflow }[] = [];
    for (const incident of story.workspace.incidents) {
      const at = timeOf(request.now ?? incident.createdTimeUtc);
      runs.push({ workflow, run: await story.runPlaybook(name, incident, at) });
    }
    return runs;
  } finally {
    await story.close();
  }
}

function timeOf(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new UserError('TIME_INVALID', {
      what: `'${text}' is not a time`,
      remedy: 'Write ISO 8601, such as 2026-11-23T08:30:00Z.',
    });
  return time;
}
