/** Nothing in content or recorded rows could be a real tenant's: addresses, domains, tenants and subscriptions. */
import { readFileSync } from 'node:fs';
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { parse } from 'yaml';
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import { hygieneDiagnostic } from '../../diagnostics/hygiene.ts';

interface Allowed {
  domains: readonly string[];
  networks: BlockList;
  ids: ReadonlySet<string>;
}

let cache: Allowed | undefined;

function allowed(): Allowed {
  if (cache === undefined) {
    const text = readFileSync(new URL('../../../schemas/fixtures.yaml', import.meta.url), 'utf8');
    const lists = parse(text) as Record<'domains' | 'networks' | 'tenants' | 'subscriptions', string[]>;
    const networks = new BlockList();
    for (const network of lists.networks) {
      const [address = '', prefix = ''] = network.split('/');
      networks.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
    }
    cache = { domains: lists.domains, networks, ids: new Set([...lists.tenants, ...lists.subscriptions]) };
  }
  return cache;
}

// Not after a letter and a slash: Chrome/120.0.0.0 is a version.
const ipv4 = /(?<![\w.-]|[A-Za-z]\/)(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)/g;
const ipv6 =
  /(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}|:)+(?![\w:])|(?<![\w:.])(?:[0-9a-fA-F]{1,4}:)+:(?:[0-9a-fA-F]{1,4}:?)*(?![\w:])/g;
const mailDomain = /[\w.+'-]@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})/g;
const guid = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const tenantKey = new RegExp(
  `(?:\\b(\\w*Tenant_?Id|_?SubscriptionId|WorkspaceSubscriptionId)\\b\\\\?"?\\s*[:=]?\\s*\\\\?"?|/(subscriptions|tenants)/)(${guid})`,
  'gi',
);

/** Findings of one text; each distinct address, domain or id is told once a file, where it first stands. */
export function checkFixtureText(file: string, text: string): Diagnostic[] {
  const { domains, networks, ids } = allowed();
  const findings: Diagnostic[] = [];
  const seen = new Set<string>();
  const once = (key: string, offset: number, make: (place: Place) => Diagnostic): void => {
    if (seen.has(key)) return;
    seen.add(key);
    findings.push(make({ file, start: positionAt(text, offset) }));
  };
  for (const { 0: address, index } of text.matchAll(ipv4)) {
    // 1.0.0.0 is the contentVersion of templates.
    if (!isIPv4(address) || address.endsWith('.0.0.0') || networks.check(address, 'ipv4')) continue;
    once(address, index, (place) => hygieneDiagnostic('fixture-address', place, { address }));
  }
  for (const { 0: address, index } of text.matchAll(ipv6)) {
    if (!isIPv6(address) || networks.check(address, 'ipv6')) continue;
    once(address, index, (place) => hygieneDiagnostic('fixture-address', place, { address }));
  }
  for (const match of text.matchAll(mailDomain)) {
    const domain = (match[1] as string).toLowerCase();
    if (domains.some((name) => domain === name || domain.endsWith(`.${name}`))) continue;
    once(domain, match.index + 2, (place) => hygieneDiagnostic('fixture-domain', place, { domain }));
  }
  for (const match of text.matchAll(tenantKey)) {
    const [, column, segment, value = ''] = match;
    const id = value.toLowerCase();
    if (ids.has(id)) continue;
    once(id, match.index, (place) => hygieneDiagnostic('fixture-tenant', place, { key: column ?? segment ?? '', id }));
  }
  return findings;
}

/** The first character of a text that is not ASCII; one finding a file is enough to find the others. */
export function checkAscii(file: string, text: string): Diagnostic[] {
  const match = /[^\t\n\r\x20-\x7E]/u.exec(text);
  if (match === null) return [];
  const character = match[0];
  const codePoint = `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
  return [
    hygieneDiagnostic('text-not-ascii', { file, start: positionAt(text, match.index) }, { character, codePoint }),
  ];
}

function positionAt(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return { line, column: offset - text.lastIndexOf('\n', offset - 1) };
}
