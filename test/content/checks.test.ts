import { describe, expect, test } from 'vitest';
import { applyIgnoreComments } from '../../scripts/content/ignore-comments.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { checkContent, contentSources } from '../../scripts/content/validate.ts';
import { checkDiagnostic } from '../../scripts/diagnostics/checks.ts';
import {
  accountsFunction,
  automationRule,
  guide,
  hunting,
  packageWith,
  rule,
  signInsFunction,
  watchlist,
} from './package.ts';

const rulePath = 'detections/rules/signed-in.yaml';
const guidePath = 'detections/rules/signed-in.md';
const huntingPath = 'detections/hunting/sign-ins.yaml';
const watchlistPath = 'detections/watchlists/BreakGlassAccounts.yaml';
const csvPath = 'detections/watchlists/BreakGlassAccounts.csv';
const accountsPath = 'detections/functions/BreakGlassAccounts.yaml';
const signInsPath = 'detections/functions/BreakGlassSignIns.yaml';

/** Findings as `code file:line:column`. */
async function findings(changes: Record<string, string | undefined>): Promise<string[]> {
  const { content, diagnostics } = await readContent(await packageWith(changes));
  const found = applyIgnoreComments([...diagnostics, ...checkContent(content)], contentSources(content));
  for (const finding of found) expect(finding.remedy, finding.code).toMatch(/\S/);
  return found.map(
    ({ code, place }) =>
      `${code} ${place.file.split('/').at(-1)}:${place.start?.line ?? ''}:${place.start?.column ?? ''}`,
  );
}

const changed = (from: string | RegExp, to: string, text = rule): string => {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`the fixture has no ${from}`);
  return result;
};
const query = (text: string): string => changed(/query: \|\n( {2}.*\n)+/, `query: |\n${text.replace(/^/gm, '  ')}\n`);
const extra = (yaml: string): string => `${rule}${yaml}\n`;
const nrt = changed(/queryFrequency[\s\S]*triggerThreshold: 0\n/, '', changed('kind: Scheduled', 'kind: NRT'));
const grouped = (rest: string): string =>
  extra(`incidentConfiguration:
  createIncident: true
  groupingConfiguration:
    enabled: true
    reopenClosedIncident: false
    lookbackDuration: 5h
${rest.replace(/^/gm, '    ')}`);
const mapped = (type: string, ...fields: [string, string][]): string =>
  changed(
    /entityMappings:[\s\S]*columnName: UserId\n/,
    `entityMappings:\n  - entityType: ${type}\n    fieldMappings:\n${fields
      .map(([identifier, column]) => `      - identifier: ${identifier}\n        columnName: ${column}\n`)
      .join('')}`,
  );

test('the package of the fixtures has no findings', async () => {
  expect(await findings({})).toEqual([]);
});

type Case = [code: string, what: string, changes: Record<string, string | undefined>, expected: string[]];

const cases: Case[] = [
  [
    'kql-error',
    'unknown column, inside the block of the query',
    { [rulePath]: query('SigninLogs\n| where UserIdd == "x"\n| where ingestion_time() > ago(5m)') },
    ['kql-error signed-in.yaml:18:11'],
  ],
  [
    'kql-error',
    'syntax',
    { [rulePath]: query('SigninLogs\n| where (UserId == "x"') },
    ['kql-error signed-in.yaml:18:25'],
  ],
  [
    'kql-error',
    'a function that does not bind is told once, not in each rule',
    { [accountsPath]: changed('tolower(UserObjectId)', 'tolower(UserObjectIdd)', accountsFunction) },
    ['kql-error BreakGlassAccounts.yaml:11:36'],
  ],
  [
    'kql-error',
    'an unknown table under isfuzzy',
    { [rulePath]: query('union isfuzzy=true SigninLogs, SiginLogs\n| where ingestion_time() > ago(5m)') },
    ['kql-error signed-in.yaml:17:34'],
  ],
  [
    'kql-warning',
    'an unknown table that is near none',
    { [rulePath]: query('union isfuzzy=true SigninLogs, Contoso_CL\n| where ingestion_time() > ago(5m)') },
    ['kql-warning signed-in.yaml:17:34'],
  ],
  ['kql-no-table', 'a let and nothing else', { [rulePath]: query('let x = 1;') }, ['kql-no-table signed-in.yaml:16:1']],
  [
    'function-cycle',
    'two functions that call each other',
    {
      [huntingPath]: undefined,
      [accountsPath]: changed(
        /FunctionQuery: \|\n( {2}.*\n)+/,
        'FunctionQuery: |\n  union BreakGlassSignIns(), SigninLogs\n',
        accountsFunction,
      ),
    },
    ['function-cycle signed-in.yaml:16:1'],
  ],
  [
    'query-too-long',
    'as deployed',
    {
      [rulePath]: query(
        `SigninLogs\n| where ingestion_time() > ago(5m)\n| where AppId !in (${Array.from({ length: 1100 }, (_, i) => `"app-${i}"`).join(', ')})`,
      ),
    },
    ['query-too-long signed-in.yaml:16:1'],
  ],
  [
    'column-unknown',
    'an entity of a column that is not there',
    { [rulePath]: changed('columnName: UserId', 'columnName: UsrId') },
    ['column-unknown signed-in.yaml:25:21'],
  ],
  [
    'column-unknown',
    'a custom detail',
    { [rulePath]: extra('customDetails:\n  Who: Nobody') },
    ['column-unknown signed-in.yaml:28:8'],
  ],
  [
    'column-unknown',
    'a placeholder',
    { [rulePath]: extra("alertDetailsOverride:\n  alertDisplayNameFormat: '{{Nobody}} signed in'") },
    ['column-unknown signed-in.yaml:28:27'],
  ],
  [
    'column-type',
    'an entity of a dynamic column',
    { [rulePath]: changed('columnName: UserId', 'columnName: DeviceDetail') },
    ['column-type signed-in.yaml:25:21'],
  ],
  [
    'column-type',
    'a severity that is a number',
    { [rulePath]: extra('alertDetailsOverride:\n  alertSeverityColumnName: DurationMs') },
    ['column-type signed-in.yaml:28:28'],
  ],
  [
    'placeholder-limit',
    'four placeholders',
    {
      [rulePath]: extra("alertDetailsOverride:\n  alertDisplayNameFormat: '{{UserId}} {{Id}} {{AppId}} {{IPAddress}}'"),
    },
    ['placeholder-limit signed-in.yaml:28:27'],
  ],
  [
    'placeholder-syntax',
    'one brace',
    { [rulePath]: extra("alertDetailsOverride:\n  alertDisplayNameFormat: '{UserId} signed in'") },
    ['placeholder-syntax signed-in.yaml:28:27'],
  ],
  [
    'entity-identifier',
    'of another type',
    { [rulePath]: changed('identifier: AadUserId', 'identifier: ObjectId') },
    ['entity-identifier signed-in.yaml:24:21'],
  ],
  [
    'entity-identifier-twice',
    '',
    { [rulePath]: mapped('Account', ['AadUserId', 'UserId'], ['AadUserId', 'Id']) },
    ['entity-identifier-twice signed-in.yaml:26:21'],
  ],
  [
    'entity-incomplete',
    'a domain without a name',
    { [rulePath]: mapped('Account', ['UPNSuffix', 'UserId']) },
    ['entity-incomplete signed-in.yaml:22:17'],
  ],
  [
    'entity-weak',
    'a name without a domain',
    { [rulePath]: mapped('Account', ['Name', 'UserId']) },
    ['entity-weak signed-in.yaml:22:17'],
  ],
  [
    'entity-account-name',
    'no object id',
    { [rulePath]: mapped('Account', ['Name', 'UserId'], ['UPNSuffix', 'Id']) },
    ['entity-account-name signed-in.yaml:22:17'],
  ],
  [
    'entity-mappings-many',
    'six',
    {
      [rulePath]: changed(
        'version: 1.0.0',
        `${'  - entityType: IP\n    fieldMappings:\n      - identifier: Address\n        columnName: IPAddress\n'.repeat(5)}version: 1.0.0`,
      ),
    },
    ['entity-mappings-many signed-in.yaml:21:1'],
  ],
  [
    'entity-legacy-column',
    '',
    {
      [rulePath]: query(
        'BreakGlassSignIns(2h)\n| where ingestion_time() > ago(5m)\n| extend AccountCustomEntity = UserId',
      ),
    },
    ['entity-legacy-column signed-in.yaml:19:12'],
  ],
  [
    'schedule-range',
    'every minute',
    { [rulePath]: changed('queryFrequency: 5m', 'queryFrequency: 1m') },
    ['schedule-range signed-in.yaml:10:17'],
  ],
  [
    'schedule-range',
    'grouping over eight days',
    { [rulePath]: grouped('matchingMethod: AnyAlert').replace('lookbackDuration: 5h', 'lookbackDuration: 8d') },
    ['schedule-range signed-in.yaml:32:23'],
  ],
  [
    'schedule-gap',
    '',
    { [rulePath]: changed('queryFrequency: 5m', 'queryFrequency: 3h') },
    ['schedule-gap signed-in.yaml:11:14'],
  ],
  [
    'schedule-long-period',
    '',
    { [rulePath]: changed('queryPeriod: 2h', 'queryPeriod: 2d') },
    ['schedule-long-period signed-in.yaml:10:17'],
  ],
  [
    'schedule-late-rows',
    '',
    { [rulePath]: changed('queryPeriod: 2h', 'queryPeriod: 1h') },
    ['schedule-late-rows signed-in.yaml:11:14'],
  ],
  ['schedule-overlap', '', { [rulePath]: query('BreakGlassSignIns(2h)') }, ['schedule-overlap signed-in.yaml:11:14']],
  [
    'nrt-time-filter',
    '',
    { [rulePath]: changed('  | where ResultType == "0"', '  | where TimeGenerated > ago(10m)', nrt) },
    ['nrt-time-filter signed-in.yaml:15:11'],
  ],
  [
    'nrt-cross-workspace',
    '',
    { [rulePath]: changed('  | where ResultType == "0"', '  | union (workspace("other").SigninLogs)', nrt) },
    ['kql-error signed-in.yaml:15:12', 'nrt-cross-workspace signed-in.yaml:15:12'],
  ],
  [
    'query-forbidden',
    'search',
    { [rulePath]: query('search in (SigninLogs) "x"\n| where ingestion_time() > ago(5m)') },
    ['query-forbidden signed-in.yaml:17:3'],
  ],
  [
    'suppression-without-duration',
    '',
    { [rulePath]: extra('suppressionEnabled: true') },
    ['suppression-without-duration signed-in.yaml:27:1'],
  ],
  [
    'suppression-on-sign-ins',
    '',
    { [rulePath]: extra('suppressionEnabled: true\nsuppressionDuration: 1h') },
    ['suppression-on-sign-ins signed-in.yaml:27:1'],
  ],
  [
    'grouping-selected-empty',
    '',
    { [rulePath]: grouped('matchingMethod: Selected') },
    ['grouping-selected-empty signed-in.yaml:33:21'],
  ],
  [
    'grouping-ignored',
    '',
    { [rulePath]: grouped('matchingMethod: AnyAlert\ngroupByEntities: [Account]') },
    ['grouping-ignored signed-in.yaml:34:5'],
  ],
  [
    'grouping-entity',
    '',
    { [rulePath]: grouped('matchingMethod: Selected\ngroupByEntities: [Account, IP]') },
    ['grouping-entity signed-in.yaml:34:32'],
  ],
  [
    'grouping-detail',
    '',
    { [rulePath]: grouped('matchingMethod: Selected\ngroupByCustomDetails: [Who]') },
    ['grouping-detail signed-in.yaml:34:28'],
  ],
  [
    'grouping-without-incident',
    '',
    { [rulePath]: grouped('matchingMethod: AnyAlert').replace('createIncident: true', 'createIncident: false') },
    ['grouping-without-incident signed-in.yaml:29:3'],
  ],
  [
    'attack-technique-unknown',
    '',
    { [rulePath]: changed('[T1078]', '[T9999]') },
    ['attack-technique-unknown signed-in.yaml:15:22'],
  ],
  [
    'attack-mismatch',
    '',
    { [rulePath]: changed('[T1078]', '[T1078, T1110]') },
    ['attack-mismatch signed-in.yaml:15:29'],
  ],
  [
    'attack-tactic-unused',
    '',
    { [rulePath]: changed('[InitialAccess]', '[InitialAccess, Impact]') },
    ['attack-tactic-unused signed-in.yaml:14:26'],
  ],
  [
    'connector-missing',
    '',
    {
      [rulePath]: changed('  // sign-ins', '  AuditLogs | take 0 | project UserId = Id, ResultType | union'),
    },
    ['connector-missing signed-in.yaml:7:1'],
  ],
  [
    'connector-unused',
    '',
    { [rulePath]: changed('[SigninLogs]', '[SigninLogs, AuditLogs]') },
    ['connector-unused signed-in.yaml:9:29'],
  ],
  [
    'connector-unknown',
    '',
    { [rulePath]: changed('AzureActiveDirectory', 'AzureActivDirectory') },
    ['connector-unknown signed-in.yaml:8:18'],
  ],
  [
    'watchlist-unknown',
    '',
    {
      [accountsPath]: changed(
        "_GetWatchlist('BreakGlassAccounts')\n  | project UserObjectId = tolower(UserObjectId)",
        "_GetWatchlist('BreakGlasAccounts')\n  | project UserObjectId = tolower(SearchKey)",
        accountsFunction,
      ),
    },
    ['watchlist-unknown BreakGlassAccounts.yaml:10:17'],
  ],
  [
    'search-key-unknown',
    '',
    { [watchlistPath]: changed('itemsSearchKey: UserObjectId', 'itemsSearchKey: ObjectId', watchlist) },
    ['search-key-unknown BreakGlassAccounts.yaml:6:17'],
  ],
  [
    'rule-unknown',
    '',
    { 'playbooks/automation-rules/notify.yaml': changed('[signed-in]', '[signed-on]', automationRule) },
    ['rule-unknown notify.yaml:9:18'],
  ],
  [
    'playbook-unknown',
    '',
    { 'playbooks/automation-rules/notify.yaml': changed('playbook: notify', 'playbook: notfy', automationRule) },
    ['playbook-unknown notify.yaml:12:15'],
  ],
  [
    'requirement-unknown',
    '',
    { [rulePath]: extra('tags: [Requirement:M1, Requirement:Z9]') },
    ['requirement-unknown signed-in.yaml:27:24'],
  ],
  [
    'id-duplicate',
    '',
    { [huntingPath]: changed('000000000005', '000000000001', hunting) },
    ['id-duplicate sign-ins.yaml:1:5'],
  ],
  [
    'name-duplicate',
    '',
    { 'detections/hunting/other.yaml': changed('000000000005', '000000000099', hunting) },
    ['name-duplicate sign-ins.yaml:2:7'],
  ],
  [
    'name-mismatch',
    '',
    { [accountsPath]: changed('FunctionName: BreakGlassAccounts', 'FunctionName: Accounts', accountsFunction) },
    ['name-mismatch BreakGlassAccounts.yaml:7:15'],
  ],
  ['name-style', '', { [rulePath]: changed('signed in\n', 'signed in.\n') }, ['name-style signed-in.yaml:2:7']],
  [
    'function-parameter-order',
    '',
    {
      [signInsPath]: changed(
        '    Default: 1d\n',
        '    Default: 1d\n  - Name: who\n    Type: string\n',
        signInsFunction,
      ),
      [rulePath]: query('BreakGlassSignIns(2h, "x")\n| where ingestion_time() > ago(5m)'),
      [huntingPath]: undefined,
    },
    ['function-parameter-order BreakGlassSignIns.yaml:13:11'],
  ],
  ['guide-missing', '', { [guidePath]: undefined }, ['guide-missing signed-in.yaml::']],
  [
    'guide-section',
    '',
    { [guidePath]: changed('## Decide', '## Decision', guide) },
    ['guide-section signed-in.md:1:1'],
  ],
  [
    'guide-order',
    '',
    { [guidePath]: changed('## Check', '## Close', guide.replace('## Close', '## Check')) },
    ['guide-order signed-in.md:9:1', 'guide-order signed-in.md:15:1'],
  ],
  [
    'guide-task',
    '',
    { [guidePath]: changed('1. **Call the owner.**', '1. Call the owner.', guide) },
    ['guide-task signed-in.md:13:1'],
  ],
  [
    'cost-no-time-filter',
    '',
    { [huntingPath]: changed(/query: \|\n( {2}.*\n)+/, 'query: |\n  SigninLogs\n', hunting) },
    ['cost-no-time-filter sign-ins.yaml:12:1'],
  ],
  [
    'cost-contains',
    '',
    { [rulePath]: changed('  | where ResultType == "0"', '  | where UserAgent contains "python"') },
    ['cost-contains signed-in.yaml:19:11'],
  ],
  [
    'cost-search',
    '',
    {
      [huntingPath]: changed(
        /query: \|\n( {2}.*\n)+/,
        'query: |\n  search in (SigninLogs) TimeGenerated > ago(1d) and "x"\n  | where TimeGenerated > ago(1d)\n',
        hunting,
      ),
    },
    ['cost-search sign-ins.yaml:13:3'],
  ],
  [
    'join-kind',
    '',
    {
      [rulePath]: changed(
        '  | where ResultType == "0"',
        '  | join (BreakGlassAccounts()) on $left.UserId == $right.UserObjectId',
      ),
    },
    ['join-kind signed-in.yaml:19:5'],
  ],
  [
    'text-not-ascii',
    '',
    { [rulePath]: changed('a sign-in of', 'a sign\u2013in of') },
    ['text-not-ascii signed-in.yaml:4:20'],
  ],
  [
    'fixture-address',
    '',
    { [csvPath]: 'UserObjectId,Label\nx,20.0.113.9\n' },
    ['fixture-address BreakGlassAccounts.csv:2:3'],
  ],
  [
    'fixture-domain',
    '',
    { [csvPath]: 'UserObjectId,Label\nx,who@corp.invalid.com\n' },
    ['fixture-domain BreakGlassAccounts.csv:2:7'],
  ],
  [
    'fixture-tenant',
    '',
    { [csvPath]: 'UserObjectId,Label\nx,/subscriptions/11111111-2222-4333-8444-555555555555\n' },
    ['fixture-tenant BreakGlassAccounts.csv:2:3'],
  ],
  [
    'ignore-without-reason',
    '',
    { [rulePath]: changed('queryPeriod: 2h', '# breakglass-ignore schedule-late-rows\nqueryPeriod: 1h') },
    ['ignore-without-reason signed-in.yaml:11:1'],
  ],
  [
    'ignore-stale',
    '',
    {
      [rulePath]: changed(
        'queryPeriod: 2h',
        'queryPeriod: 2h # breakglass-ignore schedule-late-rows: state, not events',
      ),
    },
    ['ignore-stale signed-in.yaml:11:17'],
  ],
  [
    'ignore-unknown',
    '',
    {
      [rulePath]: changed(
        'queryPeriod: 2h',
        'queryPeriod: 2h # breakglass-ignore schedule-late-row: state, not events',
      ),
    },
    ['ignore-unknown signed-in.yaml:11:17'],
  ],
];

describe('each mistake is told by its code, at its place', () => {
  test.each(cases)('%s %s', async (_code, _what, changes, expected) => {
    expect(await findings(changes)).toEqual(expected);
  });

  test('every code of the checks has a case', () => {
    const covered = new Set(cases.map(([code]) => code));
    expect(Object.keys(checkDiagnostic.catalogue).filter((code) => !covered.has(code))).toEqual([]);
  });
});

describe('a finding is silenced', () => {
  const comment = 'breakglass-ignore schedule-late-rows: looks at state, not at events';
  const short = (replacement: string): string => changed('queryPeriod: 2h', replacement);
  test.each([
    ['on its line', short(`queryPeriod: 1h # ${comment}`)],
    ['from the line above', short(`# ${comment}\nqueryPeriod: 1h`)],
    ['from the head of the file', `# ${comment}\n${short('queryPeriod: 1h')}`],
  ])('%s', async (_, text) => {
    expect(await findings({ [rulePath]: text })).toEqual([]);
  });

  test('in KQL with its own comments', async () => {
    const text = changed(
      '  | where ResultType == "0"',
      '  // breakglass-ignore cost-contains: agents glue words together\n  | where UserAgent contains "python"',
    );
    expect(await findings({ [rulePath]: text })).toEqual([]);
  });
});

test('Chrome versions and assembly versions are no addresses; documentation and private ones are allowed', async () => {
  const row = 'x,Chrome/120.0.0.0 1.0.0.0 203.0.113.7:443 10.1.2.3 2001:db8::1 fe80::1 ::1 12:30:45\n';
  expect(await findings({ [csvPath]: `UserObjectId,Label\n${row}` })).toEqual([]);
});
