/**
 * A whole story offline: recorded rows -> analytics rules -> incidents -> automation rules -> playbooks -> comments, tasks,
 * messages and watchlist rows, on one simulated workspace.
 */
import { watchlistRows, watchlistTable } from '../content/catalog.ts';
import type { Content } from '../content/model.ts';
import { LocalEngine } from '../engines/local-engine.ts';
import { scenarioCatalog, scenarioTables } from '../scenarios/open-scenario.ts';
import { testedRules } from '../scenarios/run-scenarios.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Incident } from '../sentinel/incident.ts';
import { simulateRule } from '../sentinel/simulate-rule.ts';
import { applyAutomationRules } from './automation-rules.ts';
import { logsService } from './connectors/logs.ts';
import { type MessagesOptions, messagesService, type OutgoingMessage } from './connectors/messages.ts';
import { sentinelService } from './connectors/sentinel.ts';
import { deployedPlaybook } from './deployed-playbook.ts';
import type { Value, ValueObject } from './value.ts';
import type { Service, Workflow, WorkflowRun } from './workflow/model.ts';
import { runWorkflow } from './workflow/run.ts';
import { findTrigger } from './workflow/trigger.ts';
import { incidentTriggerBody, SentinelWorkspace, type WorkspaceIncident } from './workspace.ts';

export interface StoryOptions extends MessagesOptions {
  /** Values of template parameters, the same for every playbook that has them. */
  parameters?: ValueObject;
  /** Asked before everything else: failures to inject, recordings, other services. */
  services?: readonly Service[];
}

export interface PlaybookRun {
  playbook: string;
  incident: number;
  run: WorkflowRun;
}

/** The workspace of a scenario with this package deployed, on which incidents happen and playbooks run. */
export class Story {
  readonly workspace = new SentinelWorkspace();
  readonly sent: OutgoingMessage[] = [];
  readonly runs: PlaybookRun[] = [];
  readonly content: Content;
  readonly scenario: Scenario;
  readonly #engine: LocalEngine;
  readonly #options: StoryOptions;
  readonly #workflows = new Map<string, Workflow>();
  readonly #services: readonly Service[];
  #written = '';

  private constructor(scenario: Scenario, content: Content, engine: LocalEngine, options: StoryOptions) {
    this.scenario = scenario;
    this.content = content;
    this.#engine = engine;
    this.#options = options;
    for (const { value } of content.watchlists) {
      const replaced = Object.entries(scenario.watchlists).find(
        ([alias]) => alias.toLowerCase() === value.watchlistAlias.toLowerCase(),
      );
      this.workspace.setWatchlist(value.watchlistAlias, replaced?.[1] ?? value.rows);
    }
    this.#written = this.#watchlistState();
    this.#services = [
      ...(options.services ?? []),
      sentinelService(this.workspace),
      logsService(engine, (at) => this.#syncWatchlists(at)),
      messagesService(this.sent, options),
    ];
  }

  /** Opens the workspace; the caller closes it. */
  static async open(scenario: Scenario, content: Content, options: StoryOptions = {}): Promise<Story> {
    // The rows as the scenario read them, with their times of ingestion, not the files that they came from.
    const tables = scenarioTables(scenario, content).map(({ name, columns, rows }) => ({ name, columns, rows }));
    const engine = await LocalEngine.open({ catalog: scenarioCatalog(scenario, content), tables });
    return new Story(scenario, content, engine, options);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  /**
   * Runs analytics rules over the rows, and on each incident, in the order of creation, what the automation rules say.
   * @param rules slugs; default: those that the scenario expects.
   */
  async play(rules?: readonly string[]): Promise<void> {
    const wanted = rules ?? this.scenario.expect.map(({ rule }) => rule);
    const catalog = scenarioCatalog(this.scenario, this.content);
    const raised: Incident[] = [];
    for (const rule of testedRules(this.content)) {
      if (!wanted.includes(rule.slug)) continue;
      const { incidents } = await simulateRule(rule, this.#engine, catalog, {
        clock: this.scenario.clock,
        tasks: rule.tasks,
      });
      raised.push(...incidents);
    }
    raised.sort((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt));
    for (const incident of raised)
      await this.raise(workspaceIncident(this.workspace, incident, this.workspace.incidents.length + 1));
  }

  /** Puts an incident into the workspace and runs the automation rules for it. */
  async raise(incident: WorkspaceIncident): Promise<void> {
    this.workspace.advanceTo(Date.parse(incident.createdTimeUtc));
    this.workspace.incidents.push(incident);
    const at = new Date(incident.createdTimeUtc);
    for (const step of applyAutomationRules(this.content, this.workspace, incident, 'Created', at)) {
      if (step.kind === 'playbook') await this.runPlaybook(step.playbook, incident, at);
    }
  }

  /** Runs a playbook on an incident, as an automation rule or an analyst does. */
  async runPlaybook(slug: string, incident: WorkspaceIncident, at: Date): Promise<WorkflowRun> {
    this.workspace.advanceTo(at.getTime());
    return this.start(slug, { headers: {}, body: incidentTriggerBody(this.workspace, incident) }, at, incident.number);
  }

  /** Runs a playbook with the outputs of its trigger. */
  async start(slug: string, outputs: Value, at: Date, incident = 0): Promise<WorkflowRun> {
    const workflow = this.#workflow(slug);
    const run = await runWorkflow(workflow, {
      services: this.#services,
      trigger: { name: findTrigger(workflow.definition)?.name ?? 'manual', outputs },
      now: at,
    });
    this.runs.push({ playbook: slug, incident, run });
    return run;
  }

  #workflow(slug: string): Workflow {
    const known = this.#workflows.get(slug);
    if (known) return known;
    const workflow = deployedPlaybook(this.content, slug, this.#options.parameters);
    this.#workflows.set(slug, workflow);
    return workflow;
  }

  #watchlistState(): string {
    return JSON.stringify(
      [...this.workspace.watchlists.values()].map(({ alias, items }) => [alias, items.map(({ values }) => values)]),
    );
  }

  /** What playbooks wrote into watchlists is what later queries read. */
  async #syncWatchlists(at: number): Promise<void> {
    this.workspace.advanceTo(at);
    const state = this.#watchlistState();
    if (state === this.#written) return;
    this.#written = state;
    for (const { value } of this.content.watchlists) {
      const rows = this.workspace.findWatchlist(value.watchlistAlias)?.items.map(({ values }) => values) ?? [];
      const { name } = watchlistTable(value.watchlistAlias, [value]);
      await this.#engine.setTable(name, watchlistRows(value, rows, new Date(at)));
    }
  }
}

/** An incident of the simulator as the workspace keeps it. */
export function workspaceIncident(workspace: SentinelWorkspace, incident: Incident, number: number): WorkspaceIncident {
  const times = incident.alerts.flatMap((alert) => [alert.startTime, alert.endTime]).sort();
  return {
    name: incident.id,
    number,
    title: incident.title,
    description: incident.description,
    severity: incident.severity,
    status: 'New',
    labels: [],
    owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
    relatedAnalyticRuleIds: [workspace.ruleArmId(incident.rule.id)],
    tactics: [...incident.tactics],
    createdTimeUtc: incident.createdAt,
    lastModifiedTimeUtc: incident.createdAt,
    firstActivityTimeUtc: times[0] ?? incident.createdAt,
    lastActivityTimeUtc: times.at(-1) ?? incident.createdAt,
    entities: incident.entities.map(({ type, identifiers }) => ({
      kind: type === 'IP' ? 'Ip' : type,
      properties: { ...identifiers },
    })),
    alerts: incident.alerts.map((alert) => ({
      id: alert.id,
      displayName: alert.title,
      severity: alert.severity,
      customDetails: alert.customDetails,
      timeGenerated: alert.raisedAt,
    })),
    comments: [],
    tasks: [],
  };
}
