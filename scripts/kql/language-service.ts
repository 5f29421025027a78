/**
 * Microsoft's Kusto language service behind one small wrapper: the only file that touches the globals `Kusto`, `Bridge`
 * and `System`. The package is a Bridge.NET script without exports, so it is run in this context on first use.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import type { Column, KustoType } from '../engines/query-engine.ts';
import type { Catalog } from './catalog.ts';
import { codeCacheFile, readCodeCache, writeCodeCache } from './code-cache.ts';
import { type KqlDiagnostic, KqlUnsupported, rangeAt } from './errors.ts';
import type {
  Analysis,
  CalledParameter,
  LiteralValue,
  ReferencedSymbol,
  ResultType,
  SymbolKind,
  SyntaxNode,
} from './syntax.ts';

// biome-ignore lint/suspicious/noExplicitAny: the package's own typings are 1.7 MB of overloads that the compiler would read on every check
type Bridged = any;

interface Library {
  Kusto: Bridged;
  Bridge: Bridged;
  System: Bridged;
  /** SyntaxKind by number. */
  kinds: readonly string[];
}

let library: Library | undefined;
/** Set until the first analysis of the process: afterwards the compiled functions are worth caching. */
let saveCodeCache: (() => void) | undefined;

function load(): Library {
  if (library) return library;
  // A process that began with a snapshot has it already (launch/snapshot.mjs).
  if (!('Kusto' in globalThis)) runScripts();
  const { Kusto, Bridge, System } = globalThis as Bridged;
  // A catalog's state has a cache, and the library's translation to JavaScript makes what goes into a cache twice. A state
  // without one makes the grammar once (0.4 s), and the library keeps the grammar that was made last for every state.
  Kusto.Language.Parsing.QueryGrammar.From(Kusto.Language.GlobalState.Default);
  const kinds: string[] = [];
  for (const [name, value] of Object.entries(Kusto.Language.Syntax.SyntaxKind)) {
    if (typeof value === 'number') kinds[value] = name;
  }
  library = { Kusto, Bridge, System, kinds };
  return library;
}

/** Defines the globals. */
function runScripts(): void {
  const folder = dirname(createRequire(import.meta.url).resolve('@kusto/language-service-next/package.json'));
  const files = ['bridge.min.js', 'Kusto.Language.Bridge.min.js'].map((name) => join(folder, name));
  // Both are ASCII, which is read as Latin-1 in a quarter of the time.
  const source = files.map((file) => readFileSync(file, 'latin1')).join('\n;\n');
  const cacheFile = codeCacheFile(folder, files);
  const cachedData = readCodeCache(cacheFile);
  const script = new Script(source, { filename: 'kusto-language-service.js', ...(cachedData && { cachedData }) });
  script.runInThisContext();
  if (!cachedData || script.cachedDataRejected) {
    saveCodeCache = () => writeCodeCache(cacheFile, () => script.createCachedData());
  }
}

const globalsOf = new WeakMap<Catalog, Bridged>();

/** The binder's picture of a catalog, made once for each. */
function globals(catalog: Catalog): Bridged {
  const known = globalsOf.get(catalog);
  if (known) return known;
  const { Kusto } = load();
  const { Symbols, GlobalState } = Kusto.Language;
  const symbols = [
    ...catalog.tables.map((table) => tableSymbol(table.name, table.columns)),
    ...catalog.functions.map((f) => new Symbols.FunctionSymbol.$ctor16(f.name, f.parameters, `{ ${f.body}\n }`, null)),
    ...catalog.tableFunctions.map(
      (f) =>
        new Symbols.FunctionSymbol.$ctor1(
          f.name,
          (info: Bridged) => {
            const table = f.resolve(constantArguments(info));
            return table ? tableSymbol(table.name, table.columns) : Symbols.TableSymbol.Empty;
          },
          Symbols.Tabularity.Tabular,
          f.parameters.map((name) => new Symbols.Parameter.$ctor2(name, Symbols.ScalarTypes.String)),
        ),
    ),
  ];
  // The cache keeps bound bodies of stored functions from query to query: 10 times faster where they call each other.
  const database = new Symbols.DatabaseSymbol.ctor('workspace', symbols);
  const made = GlobalState.Default.WithDatabase(database).WithCache();
  globalsOf.set(catalog, made);
  return made;
}

function tableSymbol(name: string, columns: readonly Column[]): Bridged {
  const { Symbols } = load().Kusto.Language;
  const made = columns.map(
    (column) =>
      new Symbols.ColumnSymbol(column.name, Symbols.ScalarTypes.GetSymbol(column.type), null, null, null, null),
  );
  return new Symbols.TableSymbol.$ctor4(name, made);
}

function constantArguments(info: Bridged): string[] {
  const args: string[] = [];
  for (let i = 0; i < info.Arguments.Count; i++) {
    const value = info.Arguments.getItem(i).ConstantValue;
    if (typeof value === 'string') args.push(value);
  }
  return args;
}

/**
 * Parses and binds a query.
 * @returns the bound tree with all findings; a query that does not parse has a tree as well.
 * @throws KqlUnsupported where the library itself fails
 */
export function analyze(query: string, catalog: Catalog): Analysis {
  const known = recent.find((one) => one.query === query && one.catalog === catalog);
  if (known) return known.analysis;
  const analysis = parseAndAnalyze(query, catalog);
  recent.unshift({ query, catalog, analysis });
  recent.length = Math.min(recent.length, RECENT);
  return analysis;
}

/** The queries that were bound last: what is checked or translated is often rewritten next. A tree may have megabytes. */
const RECENT = 4;
const recent: { query: string; catalog: Catalog; analysis: Analysis }[] = [];

function parseAndAnalyze(query: string, catalog: Catalog): Analysis {
  const { Kusto } = load();
  const state = globals(catalog);
  let code: Bridged;
  try {
    code = Kusto.Language.KustoCode.ParseAndAnalyze(query, state);
  } catch (error) {
    // The library fails on some wrong queries, such as datetime_diff() with a timespan for its part. What it throws is
    // often no Error, and Node would print its whole source for it.
    const message = String((error as Bridged)?.message ?? error).slice(0, 500);
    throw new KqlUnsupported(
      'this query',
      rangeAt(query, 0, query.length),
      `Microsoft's binder fails on it (${message})`,
    );
  }
  const root = nodeOf(code.Syntax, query) as SyntaxNode;
  const result = code.ResultType ? resultOf(code.ResultType) : undefined;
  const diagnostics = readDiagnostics(code.GetDiagnostics(), query);
  if (saveCodeCache) {
    saveCodeCache();
    saveCodeCache = undefined;
  }
  return { text: query, root, diagnostics, columns: result?.kind === 'table' ? result.columns : undefined };
}

/** Whether a text is one KQL query without syntax errors; binds nothing. */
export function parseDiagnostics(query: string): KqlDiagnostic[] {
  return readDiagnostics(load().Kusto.Language.KustoCode.Parse(query).GetDiagnostics(), query);
}

/**
 * Names of the built-in scalar functions, aggregates and plugins that the binder knows, for the support table.
 * @throws Error where the library has none: its code was not loaded as it is
 */
export function builtIns(): { functions: string[]; aggregates: string[]; plugins: string[] } {
  const { Kusto } = load();
  const names = (list: Bridged[]): string[] => {
    const shown = new Set(list.filter((symbol) => !symbol.IsHidden).map((symbol) => String(symbol.Name)));
    if (shown.size === 0) throw new Error('the Kusto language service was loaded without its built-in functions');
    return [...shown];
  };
  return {
    functions: names(Kusto.Language.Functions.All),
    aggregates: names(Kusto.Language.Aggregates.All),
    plugins: names(Kusto.Language.PlugIns.All),
  };
}

function readDiagnostics(list: Bridged, text: string): KqlDiagnostic[] {
  const out: KqlDiagnostic[] = [];
  for (let i = 0; i < list.Count; i++) {
    const d = list.getItem(i);
    out.push({
      code: d.Code,
      severity: String(d.Severity).toLowerCase() as KqlDiagnostic['severity'],
      message: d.Message,
      ...rangeAt(text, d.Start, d.Length),
    });
  }
  return out;
}

const resultCache = new WeakMap<object, ResultType>();

function resultOf(type: Bridged): ResultType {
  const known = resultCache.get(type);
  if (known) return known;
  const made = readResult(type);
  resultCache.set(type, made);
  return made;
}

function readResult(type: Bridged): ResultType {
  const { Kusto } = load();
  const S = Kusto.Language.Symbols;
  const is = (symbol: Bridged): boolean => type instanceof symbol;
  if (is(S.TableSymbol) || is(S.TupleSymbol)) {
    const columns: Column[] = [];
    for (let i = 0; i < type.Columns.Count; i++) {
      const column = type.Columns.getItem(i);
      columns.push({ name: column.Name, type: scalarName(column.Type) ?? 'dynamic' });
    }
    return { kind: is(S.TableSymbol) ? 'table' : 'tuple', columns };
  }
  const scalar = scalarName(type);
  return scalar ? { kind: 'scalar', type: scalar } : { kind: 'other', name: String(type.Name) };
}

const scalarTypes: ReadonlySet<string> = new Set<KustoType>([
  'bool',
  'datetime',
  'decimal',
  'dynamic',
  'guid',
  'int',
  'long',
  'real',
  'string',
  'timespan',
]);

function scalarName(type: Bridged): KustoType | undefined {
  const S = load().Kusto.Language.Symbols;
  if (type instanceof S.DynamicSymbol) return 'dynamic';
  return scalarTypes.has(type.Name) ? (type.Name as KustoType) : undefined;
}

const nodes = new WeakMap<object, KustoNode>();

function nodeOf(raw: Bridged, text: string): KustoNode | undefined {
  if (!raw) return undefined;
  let node = nodes.get(raw);
  if (!node) {
    node = new KustoNode(raw, text);
    nodes.set(raw, node);
  }
  return node;
}

class KustoNode implements SyntaxNode {
  readonly #raw: Bridged;
  readonly #text: string;
  #children: readonly KustoNode[] | undefined;

  constructor(raw: Bridged, text: string) {
    this.#raw = raw;
    this.#text = text;
  }

  get kind(): string {
    return load().kinds[this.#raw.Kind] ?? String(this.#raw.Kind);
  }

  get isToken(): boolean {
    return this.#raw instanceof load().Kusto.Language.Syntax.SyntaxToken;
  }

  get start(): number {
    return this.#raw.TextStart;
  }

  get end(): number {
    return this.#raw.End;
  }

  get text(): string {
    return this.isToken ? this.#raw.Text : this.#raw.ToString(load().Kusto.Language.Syntax.IncludeTrivia.Interior);
  }

  get parent(): SyntaxNode | undefined {
    return nodeOf(this.#raw.Parent, this.#text);
  }

  get children(): readonly KustoNode[] {
    if (!this.#children) {
      const out: KustoNode[] = [];
      for (let i = 0; i < this.#raw.ChildCount; i++) {
        const child = nodeOf(this.#raw.GetChild(i), this.#text);
        if (child) out.push(child);
      }
      this.#children = out;
    }
    return this.#children;
  }

  field(name: string): KustoNode | undefined {
    for (let i = 0; i < this.#raw.ChildCount; i++) {
      if (this.#raw.GetName(i) === name) return nodeOf(this.#raw.GetChild(i), this.#text);
    }
    return undefined;
  }

  items(name: string): readonly KustoNode[] {
    return this.field(name)?.elements ?? [];
  }

  get elements(): readonly KustoNode[] {
    return this.children.map((child) => (child.kind === 'SeparatedElement' ? (child.children[0] as KustoNode) : child));
  }

  get result(): ResultType | undefined {
    const type = this.#raw.ResultType;
    return type ? resultOf(type) : undefined;
  }

  get symbol(): ReferencedSymbol | undefined {
    const symbol = this.#raw.ReferencedSymbol;
    if (!symbol) return undefined;
    return { kind: symbolKind(symbol), name: symbol.Name, identity: symbol };
  }

  get isConstant(): boolean {
    return Boolean(this.#raw.IsConstant);
  }

  get constant(): LiteralValue | undefined {
    // The default of a stored function's parameter is parsed but not bound: only its literal says what it is.
    const value = this.#raw.IsConstant ? this.#raw.ConstantValue : this.#raw.LiteralValueInfo?.Value;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return this.#raw.IsConstant || value !== null ? value : undefined;
    }
    return value instanceof load().System.Int64 ? BigInt(value.toString()) : undefined;
  }

  get columnName(): string | undefined {
    const { Binder } = load().Kusto.Language.Binding;
    return Binder.GetExpressionResultName(this.#raw, '', null) || undefined;
  }

  calledBody(): SyntaxNode | undefined {
    const body = this.#raw.GetCalledFunctionBody?.();
    return body ? nodeOf(body, this.#text) : undefined;
  }

  parameters(): readonly CalledParameter[] {
    const parameters = this.#raw.ReferencedSignature?.Parameters;
    const out: CalledParameter[] = [];
    for (let i = 0; i < (parameters?.Count ?? 0); i++) {
      const parameter = parameters.getItem(i);
      const types: KustoType[] = [];
      for (let k = 0; k < (parameter.DeclaredTypes?.Count ?? 0); k++) {
        const type = scalarName(parameter.DeclaredTypes.getItem(k));
        if (type) types.push(type);
      }
      out.push({ name: parameter.Name, types, defaultValue: nodeOf(parameter.DefaultValue, this.#text) });
    }
    return out;
  }
}

function symbolKind(symbol: Bridged): SymbolKind {
  const S = load().Kusto.Language.Symbols;
  if (symbol instanceof S.ColumnSymbol) return 'column';
  if (symbol instanceof S.VariableSymbol) return 'variable';
  if (symbol instanceof S.ParameterSymbol) return 'parameter';
  if (symbol instanceof S.FunctionSymbol) return 'function';
  if (symbol instanceof S.TableSymbol) return 'table';
  if (symbol instanceof S.OperatorSymbol) return 'operator';
  if (symbol instanceof S.TupleSymbol) return 'tuple';
  if (symbol instanceof S.DatabaseSymbol) return 'database';
  return 'other';
}
