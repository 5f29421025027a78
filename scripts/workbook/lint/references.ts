/** Parameters: declared before they are used, used at all, in formats that exist; tabs and conditions that meet. */
import { closest } from '../../content/closest.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { workbookDiagnostic } from '../../diagnostics/workbook.ts';
import { isRecord, listOf, recordOf, textOf } from '../lenient.ts';
import { declaredBy, type Item, isParameterLink, walkItems } from '../model.ts';
import { isKnownFormat } from '../parameter-value.ts';
import { itemLabel, type LintSubject } from './lint-workbook.ts';

type Path = (string | number)[];

export function lintReferences(subject: LintSubject): Diagnostic[] {
  const { model } = subject;
  const globals = new Set<string>();
  for (const item of walkItems(model.items)) {
    if (item.kind === 'parameters') for (const one of item.parameters) if (one.isGlobal) globals.add(one.name);
  }
  const walker = new Walker(subject, globals);
  walker.items(model.items, new Set(globals));
  return [...walker.found, ...walker.unused(), ...tabFindings(subject)];
}

/** Walks the document in order with the names that are in scope. */
class Walker {
  readonly found: Diagnostic[] = [];
  readonly #subject: LintSubject;
  readonly #globals: ReadonlySet<string>;
  readonly #used = new Set<string>();
  readonly #timeNames = new Set<string>();

  constructor(subject: LintSubject, globals: ReadonlySet<string>) {
    this.#subject = subject;
    this.#globals = globals;
    for (const item of walkItems(subject.model.items)) {
      if (item.kind === 'parameters')
        for (const one of item.parameters) if (one.type === 4) this.#timeNames.add(one.name);
      if (item.kind === 'query' && item.timeBrushParameterName) this.#timeNames.add(item.timeBrushParameterName);
    }
  }

  items(items: readonly Item[], scope: Set<string>): void {
    for (const item of items) {
      const path = this.#subject.path(item);
      const label = itemLabel(item);
      for (const condition of item.conditions) {
        this.#name(condition.parameterName, scope, path, `The condition of "${label}"`);
      }
      if (item.kind === 'parameters') this.#parameters(item, path, scope);
      else if (item.kind === 'group') {
        this.#text(item.title, scope, [...path, 'content', 'title'], `The title of "${label}"`);
        const inner = new Set(scope);
        this.items(item.items, inner);
        if (item.exportParameters) for (const name of inner) scope.add(name);
      } else {
        const content = recordOf(recordOf(at(this.#subject.json, path)).content);
        this.#texts(content, scope, [...path, 'content'], `"${label}"`);
        if (item.kind === 'query') this.#timeContext(item.timeContextFromParameter, label, scope, path);
        for (const name of declaredBy(item)) scope.add(name);
      }
    }
  }

  #parameters(item: Extract<Item, { kind: 'parameters' }>, path: Path, scope: Set<string>): void {
    const raw = listOf(recordOf(recordOf(at(this.#subject.json, path)).content).parameters);
    item.parameters.forEach((parameter, index) => {
      const own = [...path, 'content', 'parameters', index];
      const use = `The parameter ${parameter.name}`;
      this.#texts(recordOf(raw[index]), scope, own, use);
      for (const criterion of parameter.criteria) {
        const left = textOf(criterion.leftOperand);
        if (left && criterion.operator !== 'Default')
          this.#name(left.replace(/^\{|\}$/g, '').split(':')[0] ?? '', scope, own, `A criterion of ${parameter.name}`);
      }
      this.#timeContext(parameter.timeContextFromParameter, parameter.name, scope, own);
      scope.add(parameter.name);
    });
  }

  #timeContext(name: string | undefined, label: string, scope: ReadonlySet<string>, path: Path): void {
    if (name === undefined) return;
    const place = [...path, ...(path.includes('parameters') ? [] : ['content']), 'timeContextFromParameter'];
    this.#name(name, scope, place, `The time context of "${label}"`);
    if (this.#subject.model.declared.has(name) && !this.#timeNames.has(name)) {
      this.found.push(
        workbookDiagnostic('workbook-time-parameter', this.#subject.parsed.place(place), { item: label, name }),
      );
    }
  }

  /** Every text below a value, but for nested items. */
  #texts(value: unknown, scope: ReadonlySet<string>, path: Path, use: string): void {
    if (typeof value === 'string') this.#text(value, scope, path, use);
    else if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) this.#texts(one, scope, [...path, index], use);
    } else if (isRecord(value)) {
      for (const [key, one] of Object.entries(value)) {
        if (key !== 'items' && key !== 'timeContextFromParameter') this.#texts(one, scope, [...path, key], use);
      }
    }
  }

  #text(text: string, scope: ReadonlySet<string>, path: Path, use: string): void {
    for (const match of text.matchAll(/\{([A-Za-z_]\w{1,60})(?::([^{}\s"']{1,80}))?\}/g)) {
      const [token, name = '', format = ''] = match;
      const declared = this.#subject.model.declared.has(name);
      // Other templates use braces too: a name that nothing declares counts only with the form of a parameter.
      if (!declared && !/[A-Z]/.test(name) && !isKnownFormat(format || 'none')) continue;
      this.#name(name, scope, path, use);
      if (declared && !isKnownFormat(format)) {
        this.found.push(workbookDiagnostic('workbook-format-unknown', this.#subject.parsed.place(path), { token }));
      }
    }
  }

  #name(name: string, scope: ReadonlySet<string>, path: Path, use: string): void {
    if (name === '') return;
    this.#used.add(name);
    if (scope.has(name) || this.#globals.has(name)) return;
    const place = this.#subject.parsed.place(path);
    if (this.#subject.model.declared.has(name)) {
      this.found.push(workbookDiagnostic('workbook-parameter-order', place, { name, use }));
      return;
    }
    const suggestion = closest(name, [...this.#subject.model.declared]);
    this.found.push(
      workbookDiagnostic('workbook-parameter-undeclared', place, { name, use, ...(suggestion ? { suggestion } : {}) }),
    );
  }

  unused(): Diagnostic[] {
    const found: Diagnostic[] = [];
    for (const item of walkItems(this.#subject.model.items)) {
      if (item.kind === 'links') continue;
      for (const name of new Set(declaredBy(item))) {
        if (name === '' || this.#used.has(name)) continue;
        found.push(
          workbookDiagnostic('workbook-parameter-unused', this.#subject.parsed.place(this.#subject.path(item)), {
            name,
          }),
        );
      }
    }
    return found;
  }
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (parent, key) =>
      typeof parent === 'object' && parent !== null ? (parent as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}

/** Tabs that show nothing, and conditions that no tab fulfils. */
function tabFindings(subject: LintSubject): Diagnostic[] {
  const items = [...walkItems(subject.model.items)];
  const values = new Map<string, Set<string>>();
  const otherwise = new Set<string>();
  for (const item of items) {
    if (item.kind === 'links') {
      for (const link of item.links.filter(isParameterLink)) {
        values.set(link.cellValue, (values.get(link.cellValue) ?? new Set()).add(link.subTarget));
      }
    } else for (const name of declaredBy(item)) otherwise.add(name);
  }
  const found: Diagnostic[] = [];
  const conditions = items.flatMap((item) => item.conditions.map((condition) => ({ item, condition })));
  for (const { item, condition } of conditions) {
    const known = values.get(condition.parameterName);
    if (!known || otherwise.has(condition.parameterName) || condition.comparison !== 'isEqualTo') continue;
    if (known.has(condition.value)) continue;
    const place = subject.parsed.place([...subject.path(item), 'conditionalVisibility']);
    found.push(
      workbookDiagnostic('workbook-condition-dead', place, {
        item: itemLabel(item),
        name: condition.parameterName,
        value: condition.value,
      }),
    );
  }
  for (const item of items) {
    if (item.kind !== 'links' || item.layout !== 'tabs') continue;
    item.links.forEach((link, index) => {
      if (!isParameterLink(link)) return;
      const about = conditions.filter(({ condition }) => condition.parameterName === link.cellValue);
      const shows = about.some(
        ({ condition }) => (condition.value === link.subTarget) === (condition.comparison === 'isEqualTo'),
      );
      if (shows) return;
      const place = subject.parsed.place([...subject.path(item), 'content', 'links', index]);
      found.push(
        workbookDiagnostic('workbook-tab-dead', place, {
          label: link.label,
          name: link.cellValue,
          value: link.subTarget,
        }),
      );
    });
  }
  return found;
}
