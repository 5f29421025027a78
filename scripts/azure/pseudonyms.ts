/**
 * Takes people, places and machines out of log rows and keeps their shapes: the same original has the same pseudonym in
 * every table and inside every text, and a proof at the end looks for what was left.
 */
import { createHash } from 'node:crypto';
import { isObject, type Json } from './json.ts';

const guid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const octet = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const patterns = {
  email: /[\w.+'#-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/gi,
  guid: new RegExp(guid, 'gi'),
  sid: /\bS-1-\d+(?:-\d+){2,}/g,
  // Not the version of a product, as in `Chrome/142.0.0.0`.
  ipv4: new RegExp(`(?<![\\w.]|[A-Za-z]/)${octet}(?:\\.${octet}){3}(?![\\w.]*\\d)`, 'g'),
  ipv6: /(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}(?![\w:])|(?<![\w:.])(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4})?(?![\w:])/gi,
  // A GUID without dashes, a thumbprint, a digest.
  hex: /\b[0-9a-f]{32,128}\b/gi,
  domain: /\b[a-z0-9][a-z0-9-]*\.(?:onmicrosoft\.(?:com|us|cn)|sharepoint\.com|partner\.onmschina\.cn)\b/gi,
} as const;

/** Ids that are the same in every tenant: rules depend on them and they name nobody. */
const publicGuids = new Set([
  '00000000-0000-0000-0000-000000000000',
  // Built-in roles of Microsoft Entra (learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference).
  '62e90394-69f5-4237-9190-012177145e10',
  'fe930be7-5e62-47db-91af-98c3a49a38b1',
  'e8611ab8-c189-46e8-94e1-60213ab1f814',
  '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  '194ae4cb-b126-40b2-bd5b-6091b380977d',
  'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9',
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  '29232cdf-9323-42fd-ade2-1d097af3e4de',
  // Built-in roles of Azure: Owner, Contributor, User Access Administrator.
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  'b24988ac-6180-42a0-ab88-20f7382dd24c',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
  // Applications of Microsoft: portal, CLI, PowerShell, Azure Security Insights.
  'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  '1950a258-227b-4e31-a9cf-717495945fc2',
  '0c1307d4-29d6-4389-a11c-5cbe7f65d7fa',
  '98785600-1bb7-4fb9-b9fa-19afe2c8a360',
]);
const firstParty = /^0000000[0-9a-f]-0000-0[0-9a-f]{3}-c[0-9a-f]{3}-[0-9a-f]{12}$/i;
const publicName =
  /\b(microsoft|azure|windows|office ?365|ms-pim|exchange online|sharepoint|teams|graph|entra|intune|defender|unknown)\b/i;

const nameKeys =
  /^(.*displayname|identity|givenname|surname|firstname|lastname|owner|custodian|manager|accountname|username|label|mailnickname|name)$/i;
const hostKeys = /^(computer|hostname|devicename|machinename|workstation(name)?|clientinfostring|dnsname)$/i;
const placeKeys = /^(city|state)$/i;
const tokenKeys = /^(uniquetokenidentifier|sessionid|signinsessionid|nonce|originalrequestid|deviceid_s)$/i;
const phoneKeys = /(phone|mobile|telephone)(number)?$/i;
const coordinateKeys = /^(latitude|longitude|altitude)$/i;
/** Names under these keys are words of the product. */
const productKeys =
  /^(role\..*|appdisplayname|resourcedisplayname|operationname|category|clientappused|logname|tablename)$/i;

export interface Leftover {
  table: string;
  row: number;
  what: string;
}

type Category =
  | 'email'
  | 'guid'
  | 'sid'
  | 'ipv4'
  | 'ipv6'
  | 'hex'
  | 'domain'
  | 'name'
  | 'host'
  | 'place'
  | 'token'
  | 'phone'
  | 'resource'
  | 'application';

export class Pseudonyms {
  /** Original in lower case to its pseudonym. */
  readonly #map = new Map<string, string>();
  readonly #counts = new Map<Category, number>();
  readonly #pseudonyms = new Set<string>();
  readonly #keep: ReadonlySet<string>;
  #pattern: RegExp | undefined;

  /** @param keep further values to leave as they are, such as ids of public applications. */
  constructor(keep: readonly string[] = []) {
    this.#keep = new Set(keep.map((value) => value.toLowerCase()));
  }

  /** Learns every original in a value; to be called for all rows before the first is written. */
  learn(value: Json, key = '', parent = ''): void {
    this.#pattern = undefined;
    if (Array.isArray(value)) for (const item of value) this.learn(item, key, parent);
    else if (isObject(value)) this.#learnObject(value, key);
    else if (typeof value === 'string' && value !== '') this.#learnText(value, key, parent);
  }

  #learnObject(value: { [key: string]: Json }, key: string): void {
    // A modified property: its values belong to the property that it names.
    if (typeof value.displayName === 'string' && ('newValue' in value || 'oldValue' in value)) {
      for (const side of [value.newValue, value.oldValue])
        this.learn(unquoted(side ?? null), value.displayName, 'modifiedValue');
      return;
    }
    // The names of built-in roles are the same everywhere, and rules look for them.
    const isRole = /^role$/i.test(String(value.type ?? ''));
    for (const [name, inner] of Object.entries(value)) {
      if (isRole && name === 'displayName') continue;
      this.learn(inner, name, key);
    }
  }

  #learnText(text: string, key: string, parent: string): void {
    const json = /^\s*[[{]/.test(text) ? parsed(text) : undefined;
    if (json !== undefined) this.learn(json, key, parent);
    this.#learnIdentifiers(text);
    for (const match of text.matchAll(/\/(?:resourceGroups|providers\/[\w.]+\/[\w]+)\/([^/?\s"']+)/gi))
      this.#learnWhole('resource', match[1]!);
    if (isIdentifier(text)) return;
    if (tokenKeys.test(key)) this.#learnWhole('token', text);
    else if (phoneKeys.test(key)) this.#learnWhole('phone', text);
    else if (placeKeys.test(key)) this.#learnWhole('place', text);
    else if (hostKeys.test(key) || (/device/i.test(parent) && /displayname/i.test(key))) this.#learnWhole('host', text);
    else if (/^(appdisplayname|resourcedisplayname)$/i.test(key)) {
      if (!publicName.test(text)) this.#learnWhole('application', text);
    } else if (nameKeys.test(key) && !productKeys.test(key) && !isProductName(text, parent))
      this.#learnWhole('name', text);
  }

  #learnIdentifiers(text: string): void {
    for (const match of text.matchAll(patterns.email)) {
      const [local = '', domain = ''] = splitAddress(match[0]);
      this.#learnWhole('domain', domain);
      this.#learnWhole('email', match[0]);
      // Guests carry their home address in the local part; service names keep theirs in logs of mail.
      if (local.length >= 4) this.#learnWhole('name', local);
    }
    for (const match of text.matchAll(patterns.domain)) this.#learnWhole('domain', match[0]);
    for (const category of ['guid', 'sid', 'ipv4', 'ipv6', 'hex'] as const) {
      for (const match of text.matchAll(patterns[category])) this.#learnWhole(category, match[0]);
    }
  }

  #learnWhole(category: Category, original: string): void {
    const key = original.toLowerCase();
    if (key === '' || this.#map.has(key) || this.#pseudonyms.has(key) || this.#isPublic(key)) return;
    const pseudonym = this.#make(category, key);
    this.#map.set(key, pseudonym);
    this.#pseudonyms.add(pseudonym.toLowerCase());
  }

  #isPublic(key: string): boolean {
    if (this.#keep.has(key) || publicGuids.has(key) || firstParty.test(key)) return true;
    const dashed = key.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return publicGuids.has(dashed) || /^(127\.|0\.0\.0\.0$|255\.)/.test(key) || key === '::1' || key === '::';
  }

  #make(category: Category, key: string): string {
    const next = (this.#counts.get(category) ?? 0) + 1;
    this.#counts.set(category, next);
    switch (category) {
      case 'guid':
        // A GUID without dashes in one log is the same object as with dashes in another.
        return this.#map.has(key.replaceAll('-', ''))
          ? dashedGuid(this.#map.get(key.replaceAll('-', ''))!)
          : guidNumber(next);
      case 'hex': {
        if (key.length === 32) {
          const dashed = dashedGuid(key);
          if (!this.#map.has(dashed)) this.#learnWhole('guid', dashed);
          return this.#map.get(dashed)!.replaceAll('-', '');
        }
        return createHash('sha512').update(`hex ${next}`).digest('hex').padEnd(128, '0').slice(0, key.length);
      }
      case 'ipv4':
        return addressNumber(key, next);
      case 'ipv6':
        return `2001:db8::${next.toString(16)}`;
      case 'sid':
        return `S-1-12-1-1000000000-1000000000-1000000000-${next}`;
      case 'domain':
        if (key.endsWith('.sharepoint.com')) return `contoso${next}.sharepoint.com`;
        return /\.onmicrosoft\./.test(key) ? `contoso${next}.onmicrosoft.com` : `contoso${next}.example`;
      case 'email': {
        const [local, domain] = splitAddress(key);
        const own = this.#map.get(domain) ?? 'contoso.example';
        // A deleted user's name begins with the object id, without dashes.
        const deleted = /^([0-9a-f]{32})(.+)$/.exec(local);
        if (deleted) {
          this.#learnWhole('hex', deleted[1]!);
          this.#learnWhole('email', `${deleted[2]}@${domain}`);
          return `${this.#map.get(deleted[1]!)}${this.#map.get(`${deleted[2]}@${domain}`)}`;
        }
        return local.includes('#ext#') ? `user${next}_contoso.example#EXT#@${own}` : `user${next}@${own}`;
      }
      case 'token':
        return createHash('sha512').update(`token ${next}`).digest('base64url').repeat(4).slice(0, key.length);
      case 'phone':
        return key.replace(/\d/g, '0');
      case 'name':
        return `Person ${next}`;
      case 'host':
        return `host-${next}`;
      case 'place':
        return `Place ${next}`;
      case 'application':
        return `Application ${next}`;
      case 'resource':
        return `resource-${next}`;
    }
  }

  /** The value with every learnt original replaced, wherever it stands. */
  apply(value: Json, key = ''): Json {
    if (typeof value === 'string') return this.#applyText(value);
    if (typeof value === 'number') return coordinateKeys.test(key) ? Math.sign(value) * 10 : value;
    if (Array.isArray(value)) return value.map((item) => this.apply(item, key));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [this.#applyText(name), this.apply(inner, name)]),
    );
  }

  #applyText(text: string): string {
    const whole = this.#map.get(text.toLowerCase());
    if (whole !== undefined) return whole;
    return text.replace(this.#search(), (found) => this.#map.get(found.toLowerCase()) ?? found);
  }

  /** All originals of four characters and more, the longest first; shorter ones are replaced as whole values only. */
  #search(): RegExp {
    if (this.#pattern === undefined) {
      const originals = [...this.#map.keys()]
        .filter((original) => original.length >= 4)
        .sort((a, b) => b.length - a.length);
      const source = originals.map((original) => original.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|');
      this.#pattern = new RegExp(source === '' ? '(?!)' : `(?<![\\w])(?:${source})(?![\\w])`, 'gi');
    }
    return this.#pattern;
  }

  /**
   * The proof: what still looks like an original in rows that were written. Looks for each learnt original, and for any
   * identifier that is neither a pseudonym nor public, so that what was never learnt is found too.
   */
  leftovers(table: string, rows: readonly Json[]): Leftover[] {
    const found: Leftover[] = [];
    rows.forEach((value, index) => {
      const text = JSON.stringify(value);
      const tell = (what: string) => found.push({ table, row: index + 1, what });
      for (const match of text.matchAll(this.#search()))
        if (!this.#pseudonyms.has(match[0].toLowerCase())) tell(match[0]);
      for (const category of ['email', 'guid', 'sid', 'ipv4', 'ipv6', 'hex', 'domain'] as const) {
        for (const match of text.matchAll(patterns[category])) {
          const key = match[0].toLowerCase();
          if (!this.#pseudonyms.has(key) && !this.#isPublic(key) && !this.#isPartOfPseudonym(key)) tell(match[0]);
        }
      }
    });
    return found;
  }

  #isPartOfPseudonym(key: string): boolean {
    return (
      /^(contoso\d*\.(example|onmicrosoft\.com|sharepoint\.com))$/.test(key) ||
      (key.startsWith('2001:db8:') && this.#pseudonyms.has(key))
    );
  }

  get size(): number {
    return this.#map.size;
  }
}

function isIdentifier(text: string): boolean {
  return ['email', 'guid', 'sid', 'ipv4', 'ipv6', 'hex', 'domain'].some((category) => {
    const match = text.match(patterns[category as keyof typeof patterns]);
    return match !== null && match[0] === text.trim();
  });
}

/** `displayName` under `app` names an application, under `modifiedProperties` a property; short codes are no names. */
function isProductName(text: string, parent: string): boolean {
  return (
    text.length < 2 ||
    publicName.test(text) ||
    /^(app|application|modifiedproperties|additionaldetails|authenticationdetails|mfadetail|status)$/i.test(parent) ||
    /^[a-z0-9]+(?:\.[a-z0-9]+)+$/i.test(text)
  );
}

function splitAddress(address: string): [string, string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
}

function unquoted(value: Json): Json {
  return typeof value === 'string' ? (parsed(value) ?? value) : value;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function guidNumber(index: number): string {
  return `b1e55ed0-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function dashedGuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Documentation ranges (RFC 5737) for public addresses; private ones stay private. */
function addressNumber(original: string, index: number): string {
  const privately =
    /^(10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
      original,
    );
  if (privately) return `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const ranges = ['192.0.2', '198.51.100', '203.0.113'];
  const range = ranges[Math.floor((index - 1) / 254)];
  // Beyond 762 addresses the benchmarking range of RFC 2544 goes on, which no network uses either.
  const rest = index - 762;
  return range === undefined
    ? `198.18.${Math.floor(rest / 254) % 256}.${(rest % 254) + 1}`
    : `${range}.${((index - 1) % 254) + 1}`;
}
