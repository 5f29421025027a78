/** The findings of checking what content means: its KQL, its contracts, its limits, its ids and versions. */
import { defineDiagnostics } from './diagnostic.ts';

export const checkDiagnostic = defineDiagnostics({
  'kql-error': {
    severity: 'error',
    message: (p: { code: string; message: string }) => `The KQL does not bind: ${p.message} (${p.code}).`,
    remedy: (p: { code: string; message: string; suggestion?: string }) =>
      p.suggestion
        ? `Did you mean ${p.suggestion}?`
        : 'Mend the query at this place; the tables and columns that exist stand in schemas/tables.',
  },
  'kql-warning': {
    severity: 'warning',
    message: (p: { code: string; message: string }) => `The KQL is doubtful: ${p.message} (${p.code}).`,
    remedy: 'Mend the query at this place.',
  },
  'kql-no-table': {
    severity: 'error',
    message: () => 'The query answers no table.',
    remedy: 'End it with a tabular expression.',
  },
  'function-cycle': {
    severity: 'error',
    message: (p: { detail: string }) => `The query cannot be deployed: ${p.detail}.`,
    remedy: 'Break the circle; Kusto has no recursion.',
  },
  'query-too-long': {
    severity: 'error',
    message: (p: { length: number; limit: number; functions: string }) =>
      `As deployed, without comments${p.functions ? ` and with ${p.functions}` : ''}, the query has ${p.length} characters; Sentinel takes ${p.limit}.`,
    remedy: 'Shorten the query, or call a smaller function.',
  },

  // What alerts take from the result of the query.
  'column-unknown': {
    severity: 'error',
    message: (p: { use: string; column: string }) =>
      `${p.use} takes the column ${p.column}, which the query does not answer.`,
    remedy: (p: { use: string; column: string; suggestion?: string; columns: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : `Project it, or take one of: ${p.columns}.`,
  },
  'column-type': {
    severity: 'error',
    message: (p: { use: string; column: string; type: string; expected: string }) =>
      `${p.use} takes the column ${p.column} of type ${p.type}; it has to be ${p.expected}.`,
    remedy: (p) => `Convert ${p.column} in the query, such as with tostring().`,
  },
  'placeholder-limit': {
    severity: 'error',
    message: (p: { field: string; count: number }) =>
      `${p.field} has ${p.count} placeholders; Sentinel replaces at most 3.`,
    remedy: 'Put the text together in a column of the query and name that one.',
  },
  'placeholder-syntax': {
    severity: 'error',
    message: (p: { field: string; text: string }) => `${p.field} holds ${p.text}, which is no placeholder.`,
    remedy: 'Write {{ColumnName}}, with two braces on both sides and nothing but the column between them.',
  },
  'entity-identifier': {
    severity: 'error',
    message: (p: { type: string; identifier: string }) =>
      `The entity type ${p.type} has no identifier ${p.identifier}.`,
    remedy: (p: { type: string; identifier: string; suggestion?: string; known: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : `Use one of: ${p.known}.`,
  },
  'entity-identifier-twice': {
    severity: 'error',
    message: (p: { identifier: string }) => `The identifier ${p.identifier} is mapped twice in the same entity.`,
    remedy: 'Keep one of the two, or make a second entity of the other.',
  },
  'entity-incomplete': {
    severity: 'error',
    message: (p: { type: string; required: string }) =>
      `The ${p.type} entity lacks an identifier that Sentinel requires: ${p.required}.`,
    remedy: (p) => `Map at least one of ${p.required}.`,
  },
  'entity-weak': {
    severity: 'warning',
    message: (p: { type: string; identifiers: string }) =>
      `${p.identifiers} alone name no ${p.type} beyond doubt, so that incidents do not group by it.`,
    remedy: (p: { type: string; identifiers: string; strong: string }) => `Map ${p.strong}.`,
  },
  'entity-account-name': {
    severity: 'warning',
    message: () =>
      'The account is mapped without its object id; Sentinel drops generic names such as admin, and the alert then has no account.',
    remedy: 'Map AadUserId as well.',
  },
  'entity-mappings-many': {
    severity: 'warning',
    message: (p: { count: number }) =>
      `The rule maps ${p.count} entities; the checks of the Azure-Sentinel repository take 5.`,
    remedy: 'Keep the five that an analyst needs.',
  },
  'entity-legacy-column': {
    severity: 'error',
    message: (p: { column: string }) =>
      `${p.column} is how entities were mapped before entityMappings; it does nothing now.`,
    remedy: 'Give the column a name of its own and map it in entityMappings.',
  },

  // Schedule and grouping.
  'schedule-range': {
    severity: 'error',
    message: (p: { key: string; value: string; minimum: string; maximum: string }) =>
      `${p.key} is ${p.value}; Sentinel takes ${p.minimum} to ${p.maximum}.`,
    remedy: (p) => `Choose a value from ${p.minimum} to ${p.maximum}.`,
  },
  'schedule-gap': {
    severity: 'error',
    message: (p: { frequency: string; period: string }) =>
      `The rule runs every ${p.frequency} and looks back ${p.period}: rows between two runs are never seen.`,
    remedy: 'Make queryPeriod at least as long as queryFrequency.',
  },
  'schedule-long-period': {
    severity: 'error',
    message: (p: { frequency: string; period: string }) =>
      `With a period of ${p.period} (two days or more) Sentinel runs a rule at most every hour, not every ${p.frequency}.`,
    remedy: 'Make queryFrequency 1h or longer, or queryPeriod shorter than 2d.',
  },
  'schedule-late-rows': {
    severity: 'error',
    message: (p: { frequency: string; period: string; tolerance: string }) =>
      `Rows that arrive ${p.tolerance} late are missed: the rule runs every ${p.frequency} and looks back only ${p.period}.`,
    remedy: (p) =>
      `Make queryPeriod at least queryFrequency and ${p.tolerance}, and take what is new by ingestion_time(), so that nothing is raised twice.`,
  },
  'schedule-overlap': {
    severity: 'warning',
    message: (p: { frequency: string; period: string }) =>
      `Every ${p.frequency} the rule looks at the last ${p.period} again; without ingestion_time() the same rows raise an alert each time.`,
    remedy: 'Take what is new since the last run by ingestion_time(), or say in a suppression why repeating is meant.',
  },
  'nrt-time-filter': {
    severity: 'warning',
    message: (p: { window: string }) =>
      `The rule sees rows by time of ingestion, but the query keeps only rows whose TimeGenerated is within ${p.window}: late rows are lost.`,
    remedy: 'Leave the filter on TimeGenerated out, or let it look back at least 12h.',
  },
  'nrt-cross-workspace': {
    severity: 'error',
    message: (p: { call: string }) => `A near-real-time rule cannot query other workspaces; it calls ${p.call}.`,
    remedy: 'Make the rule Scheduled, or deploy it to each workspace.',
  },
  'query-forbidden': {
    severity: 'error',
    message: (p: { construct: string }) => `Sentinel refuses ${p.construct} in the query of an analytics rule.`,
    remedy: 'Name the tables that the rule reads.',
  },
  'suppression-without-duration': {
    severity: 'error',
    message: () => 'suppressionEnabled is true, but there is no suppressionDuration.',
    remedy: 'Add suppressionDuration (5m to 24h).',
  },
  'suppression-on-sign-ins': {
    severity: 'warning',
    message: (p: { tables: string }) =>
      `Suppression stops the rule after its first alert; the next sign-in in ${p.tables} goes unseen.`,
    remedy: 'Turn suppression off and group alerts into one incident instead.',
  },
  'grouping-selected-empty': {
    severity: 'error',
    message: () => 'matchingMethod is Selected, but nothing is selected to group by.',
    remedy: 'Fill groupByEntities, groupByAlertDetails or groupByCustomDetails.',
  },
  'grouping-ignored': {
    severity: 'warning',
    message: (p: { key: string; method: string }) => `${p.key} has no effect while matchingMethod is ${p.method}.`,
    remedy: 'Set matchingMethod to Selected, or remove the key.',
  },
  'grouping-entity': {
    severity: 'error',
    message: (p: { type: string }) => `The rule groups by ${p.type}, which it does not map.`,
    remedy: 'Map an entity of this type, or group by another.',
  },
  'grouping-detail': {
    severity: 'error',
    message: (p: { key: string }) => `The rule groups by the custom detail ${p.key}, which it does not have.`,
    remedy: (p: { key: string; suggestion?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : 'Add it to customDetails.',
  },
  'grouping-without-incident': {
    severity: 'warning',
    message: () => 'The rule creates no incidents, so that its grouping has no effect.',
    remedy: 'Set createIncident to true, or remove groupingConfiguration.',
  },

  // ATT&CK, connectors, references.
  'attack-technique-unknown': {
    severity: 'error',
    message: (p: { technique: string }) => `The technique ${p.technique} is not in schemas/attack.json.`,
    remedy: 'Check the id on attack.mitre.org, and add it with its tactics if it is right.',
  },
  'attack-mismatch': {
    severity: 'error',
    message: (p: { technique: string; name: string; tactics: string }) =>
      `${p.technique} (${p.name}) belongs to ${p.tactics}; the rule lists none of these tactics.`,
    remedy: (p) => `Add one of ${p.tactics} to tactics, or remove the technique.`,
  },
  'attack-tactic-unused': {
    severity: 'warning',
    message: (p: { tactic: string }) => `No technique of the rule belongs to the tactic ${p.tactic}.`,
    remedy: 'Add the technique that is meant, or remove the tactic.',
  },
  'connector-missing': {
    severity: 'warning',
    message: (p: { table: string; connector: string }) =>
      `The query reads ${p.table}, which requiredDataConnectors does not name.`,
    remedy: (p) => `Add ${p.table} to the dataTypes of ${p.connector}.`,
  },
  'connector-unused': {
    severity: 'warning',
    message: (p: { table: string }) => `requiredDataConnectors names ${p.table}, which the query does not read.`,
    remedy: 'Remove it.',
  },
  'connector-unknown': {
    severity: 'error',
    message: (p: { connector: string }) => `There is no data connector ${p.connector}.`,
    remedy: (p: { connector: string; suggestion?: string }) =>
      p.suggestion
        ? `Did you mean ${p.suggestion}?`
        : 'Use the id of a connector of the Azure-Sentinel repository, such as AzureActiveDirectory.',
  },
  'watchlist-unknown': {
    severity: 'error',
    message: (p: { alias: string }) => `The package has no watchlist ${p.alias}; _GetWatchlist answers nothing for it.`,
    remedy: (p: { alias: string; suggestion?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : 'Add its definition to detections/watchlists.',
  },
  'search-key-unknown': {
    severity: 'error',
    message: (p: { column: string }) => `The search key ${p.column} is none of the columns.`,
    remedy: (p: { column: string; suggestion?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : 'Name one of the columns.',
  },
  'rule-unknown': {
    severity: 'error',
    message: (p: { slug: string }) => `There is no analytics rule ${p.slug}.`,
    remedy: (p: { slug: string; suggestion?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : 'Name a file of detections/rules without its extension.',
  },
  'playbook-unknown': {
    severity: 'error',
    message: (p: { slug: string }) => `There is no playbook ${p.slug}.`,
    remedy: (p: { slug: string; suggestion?: string }) =>
      p.suggestion ? `Did you mean ${p.suggestion}?` : 'Name a folder of playbooks.',
  },
  'requirement-unknown': {
    severity: 'error',
    message: (p: { id: string }) => `There is no requirement ${p.id}.`,
    remedy: (p: { id: string; known: string }) => `schemas/requirements.yaml has: ${p.known}.`,
  },
  // Names and ids.
  'id-duplicate': {
    severity: 'error',
    message: (p: { id: string; other: string }) => `The id ${p.id} is that of ${p.other} too.`,
    remedy: 'Give the newer of the two an id of its own, such as from `uuidgen`.',
  },
  'name-duplicate': {
    severity: 'error',
    message: (p: { name: string; other: string }) => `The name "${p.name}" is that of ${p.other} too.`,
    remedy: 'Name them apart: people tell them by their names.',
  },
  'name-mismatch': {
    severity: 'error',
    message: (p: { key: string; name: string; file: string }) => `${p.key} is ${p.name}, but the file is ${p.file}.`,
    remedy: 'Give the file the name of what it defines.',
  },
  'name-style': {
    severity: 'warning',
    message: (p: { problem: string }) => `The name ${p.problem}.`,
    remedy: 'Write it as a sentence without a full stop, in at most 100 characters.',
  },
  'function-parameter-order': {
    severity: 'error',
    message: (p: { name: string }) => `The parameter ${p.name} has no default, but one before it has.`,
    remedy: 'Put parameters with a default last.',
  },

  // Triage guides.
  'guide-missing': {
    severity: 'error',
    message: (p: { file: string }) => `The rule has no triage guide ${p.file}.`,
    remedy: (p) => `Write ${p.file} with the sections that detections/rules/README.md lists.`,
  },
  'guide-section': {
    severity: 'error',
    message: (p: { section: string }) => `The triage guide lacks the section "## ${p.section}", or it is empty.`,
    remedy: (p: { section: string; sections: string }) => `Write it; the sections are, in this order: ${p.sections}.`,
  },
  'guide-order': {
    severity: 'warning',
    message: (p: { section: string; after: string }) => `The section "${p.section}" stands after "${p.after}".`,
    remedy: (p: { section: string; after: string; sections: string }) => `Keep the order ${p.sections}.`,
  },
  'guide-task': {
    severity: 'error',
    message: (p: { problem: string }) => p.problem,
    remedy:
      'Write each task as a numbered item that begins with its title in bold: `1. **Call the owner.** By telephone.`',
  },

  // Cost and style of KQL.
  'cost-no-time-filter': {
    severity: 'warning',
    message: (p: { tables: string }) => `Nothing bounds the time over which ${p.tables} is read.`,
    remedy: 'Filter on TimeGenerated near the table.',
  },
  'cost-contains': {
    severity: 'warning',
    message: (p: { text: string }) => `contains "${p.text}" reads every character; has finds whole words by the index.`,
    remedy: 'Use has, or silence this with the reason why a part of a word is meant.',
  },
  'cost-search': {
    severity: 'warning',
    message: (p: { construct: string }) => `${p.construct} reads every table and column.`,
    remedy: 'Name the tables and filter their columns.',
  },
  'join-kind': {
    severity: 'warning',
    message: () => 'join without a kind is innerunique: of equal rows on the left it keeps any one.',
    remedy: 'Write the kind, such as kind=inner or kind=leftouter.',
  },
});
