/** ATT&CK techniques and tactics, data connectors and requirement tags say what is true of the query. */
import { checkDiagnostic } from '../../diagnostics/checks.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { techniques } from '../attack.ts';
import { closest } from '../closest.ts';
import type { AnalyticsRule, HuntingQuery, Item } from '../model.ts';
import { requirementIds, requirementTags } from '../requirements.ts';
import type { CheckContext } from './check-context.ts';
import { binds } from './kql.ts';

type Detection = Item<AnalyticsRule | HuntingQuery>;

/** Tables by the connector that fills them. Source: connectors of the Azure-Sentinel repository. */
const connectors: Record<string, readonly string[]> = {
  AzureActiveDirectory: [
    'SigninLogs',
    'AuditLogs',
    'AADNonInteractiveUserSignInLogs',
    'AADServicePrincipalSignInLogs',
    'AADManagedIdentitySignInLogs',
    'AADProvisioningLogs',
    'ADFSSignInLogs',
    'AADUserRiskEvents',
    'AADRiskyUsers',
    'AADRiskyServicePrincipals',
    'AADServicePrincipalRiskEvents',
    'MicrosoftGraphActivityLogs',
    'NetworkAccessTraffic',
    'EnrichedMicrosoft365AuditLogs',
  ],
  AzureActiveDirectoryIdentityProtection: ['SecurityAlert'],
  AzureActivity: ['AzureActivity'],
  Office365: ['OfficeActivity'],
  BehaviorAnalytics: ['IdentityInfo', 'BehaviorAnalytics', 'UserPeerAnalytics'],
  MicrosoftThreatProtection: [
    'SecurityAlert',
    'CloudAppEvents',
    'IdentityLogonEvents',
    'IdentityInfo',
    'AlertInfo',
    'AlertEvidence',
  ],
  MicrosoftCloudAppSecurity: ['SecurityAlert'],
  AzureAdvancedThreatProtection: ['SecurityAlert'],
  OfficeATP: ['SecurityAlert'],
  SecurityEvents: ['SecurityEvent'],
};

export function checkClassification(context: CheckContext): Diagnostic[] {
  const detections: Detection[] = [...context.content.rules, ...context.content.huntingQueries];
  return detections.flatMap((item) => [
    ...checkTechniques(context, item),
    ...checkConnectors(context, item),
    ...checkRequirements(context, item),
  ]);
}

function checkTechniques(context: CheckContext, { source, value }: Detection): Diagnostic[] {
  const covered = new Set<string>();
  const findings = value.relevantTechniques.flatMap((technique, index): Diagnostic[] => {
    const place = context.place(source, ['relevantTechniques', index]);
    const known = techniques()[technique];
    if (known === undefined) return [checkDiagnostic('attack-technique-unknown', place, { technique })];
    for (const tactic of known.tactics) covered.add(tactic);
    if (known.tactics.some((tactic) => value.tactics.includes(tactic))) return [];
    return [
      checkDiagnostic('attack-mismatch', place, { technique, name: known.name, tactics: known.tactics.join(', ') }),
    ];
  });
  if (findings.length > 0) return findings;
  return value.tactics.flatMap((tactic, index) =>
    covered.has(tactic)
      ? []
      : [checkDiagnostic('attack-tactic-unused', context.place(source, ['tactics', index]), { tactic })],
  );
}

function checkConnectors(context: CheckContext, { source, value }: Detection): Diagnostic[] {
  const findings: Diagnostic[] = [];
  const declared = new Map<string, (string | number)[]>();
  value.requiredDataConnectors.forEach(({ connectorId, dataTypes }, index) => {
    if (!(connectorId in connectors)) {
      const suggestion = closest(connectorId, Object.keys(connectors));
      const place = context.place(source, ['requiredDataConnectors', index, 'connectorId']);
      const parameters = { connector: connectorId, ...(suggestion === undefined ? {} : { suggestion }) };
      findings.push(checkDiagnostic('connector-unknown', place, parameters));
    }
    dataTypes.forEach((table, at) => {
      declared.set(table.replace(/ \(.*\)$/, ''), ['requiredDataConnectors', index, 'dataTypes', at]);
    });
  });
  if (!binds(context, value.query)) return findings;
  const { tables } = context.factsOf(value.query);
  for (const table of tables) {
    const connector = Object.keys(connectors).find((id) => connectors[id]?.includes(table));
    if (connector === undefined || declared.has(table)) continue;
    const place = context.place(source, ['requiredDataConnectors'], 'key');
    findings.push(checkDiagnostic('connector-missing', place, { table, connector }));
  }
  for (const [table, path] of declared) {
    if (tables.has(table)) continue;
    findings.push(checkDiagnostic('connector-unused', context.place(source, path), { table }));
  }
  return findings;
}

function checkRequirements(context: CheckContext, { source, value }: Detection): Diagnostic[] {
  const known = requirementIds();
  return requirementTags(value.tags).flatMap(({ id, index }) =>
    known.includes(id)
      ? []
      : [
          checkDiagnostic('requirement-unknown', context.place(source, ['tags', index]), {
            id,
            known: known.join(', '),
          }),
        ],
  );
}
