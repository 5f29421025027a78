/** The coverage as Markdown and as a layer for the ATT&CK Navigator. */
import type { Coverage, CoverageEntry } from '../content/coverage.ts';

export function coverageMarkdown(coverage: Coverage): string {
  const { requirements, techniques, tables, operations, rules } = coverage;
  const gaps = [...requirements, ...techniques, ...tables, ...operations].filter((entry) => entry.gap).length;
  const proven = rules.filter((rule) => rule.scenarios.length > 0).length;
  return [
    '# Coverage',
    '',
    `${requirements.length} requirements, ${techniques.length} techniques, ${tables.length} tables and ${operations.length} operations are watched by ${rules.length} rules, ${proven} of them proven by a scenario. ${gaps} gaps.`,
    '',
    '## Requirements',
    '',
    ...table(
      ['Id', 'Requirement', 'Rules', 'Hunting queries', 'Workbook, playbooks', 'Proven by', 'Gap'],
      requirements.map((entry) => [
        entry.id,
        entry.title,
        list(entry.rules),
        list(entry.huntingQueries),
        list(entry.others),
        list(entry.scenarios, 5),
        entry.gap ?? '',
      ]),
    ),
    '',
    '## ATT&CK techniques',
    '',
    ...table(
      ['Technique', 'Name', 'Rules', 'Hunting queries', 'Proven by', 'Gap'],
      techniques.map((entry) => [entry.id, entry.title, ...columns(entry)]),
    ),
    '',
    '## Tables',
    '',
    ...table(
      ['Table', 'Rules', 'Hunting queries', 'Proven by', 'Gap'],
      tables.map((entry) => [entry.id, ...columns(entry)]),
    ),
    '',
    '## Operations',
    '',
    ...table(
      ['Operation', 'Rules', 'Hunting queries', 'Proven by', 'Gap'],
      operations.map((entry) => [`\`${entry.id}\``, ...columns(entry)]),
    ),
    '',
    '## Rules',
    '',
    ...table(
      ['Rule', 'Name', 'Fires in'],
      rules.map((rule) => [rule.rule, rule.name, list(rule.scenarios)]),
    ),
    '',
  ].join('\n');
}

function columns(entry: CoverageEntry): string[] {
  return [list(entry.rules), list(entry.huntingQueries), list(entry.scenarios, 5), entry.gap ?? ''];
}

function list(values: readonly string[], most = Number.POSITIVE_INFINITY): string {
  const shown = values.slice(0, most).join(', ');
  return values.length > most ? `${shown} and ${values.length - most} more` : shown;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)];
}

function cell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('<', '&lt;');
}

/** A layer of the ATT&CK Navigator (https://github.com/mitre-attack/attack-navigator, layer format 4.5). */
export function coverageNavigator(coverage: Coverage): string {
  const tacticName = (tactic: string): string => tactic.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  const layer = {
    name: 'Emergency access accounts',
    versions: { attack: '15', navigator: '5.0.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description:
      'Techniques watched on emergency access accounts; the score is the number of rules and hunting queries.',
    techniques: coverage.techniques.flatMap((entry) =>
      entry.tactics.map((tactic) => ({
        techniqueID: entry.id,
        tactic: tacticName(tactic),
        score: entry.rules.length + entry.huntingQueries.length,
        comment: [...entry.rules, ...entry.huntingQueries].join(', '),
        enabled: true,
        metadata: entry.scenarios.map((scenario) => ({ name: 'proven by', value: scenario })),
      })),
    ),
    gradient: {
      colors: ['#ffffff', '#66b1ff'],
      minValue: 0,
      maxValue: Math.max(1, ...coverage.techniques.map((entry) => entry.rules.length + entry.huntingQueries.length)),
    },
  };
  return `${JSON.stringify(layer, null, 2)}\n`;
}
