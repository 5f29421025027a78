/** A workflow with everything that checks ask of it: its actions with their places, its expressions, its variables. */
import type { DocumentPath, ParsedText } from '../../content/source-map.ts';
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import { type Expression, ExpressionSyntaxError } from '../expression/parse.ts';
import { parseTemplateString } from '../expression/template-string.ts';
import type { PlaybookWorkflow } from '../read-playbook.ts';
import { getOwn, isObject, type Value, type ValueObject } from '../value.ts';

export interface LintedAction {
  name: string;
  type: string;
  definition: ValueObject;
  /** Path from the definition of the workflow. */
  path: DocumentPath;
  /** The group of actions that it stands in. */
  siblings: ValueObject;
  /** The action around it. */
  parent: LintedAction | undefined;
}

/** One string with expressions. */
export interface LintedString {
  action: LintedAction | undefined;
  path: DocumentPath;
  text: string;
  /** With their offset in the text unknown: expressions carry their own. */
  expressions: Expression[];
  error?: ExpressionSyntaxError;
}

export class LintedWorkflow {
  readonly workflow: PlaybookWorkflow;
  readonly definition: ValueObject;
  readonly actions: LintedAction[] = [];
  /** By folded name. */
  readonly byName = new Map<string, LintedAction>();
  readonly strings: LintedString[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #parsed: ParsedText;

  constructor(workflow: PlaybookWorkflow, parsed: ParsedText) {
    this.workflow = workflow;
    this.definition = workflow.definition;
    this.#parsed = parsed;
    const triggers = isObject(this.definition.triggers) ? this.definition.triggers : {};
    for (const [name, trigger] of Object.entries(triggers)) this.#readStrings(trigger, ['triggers', name], undefined);
    this.#readGroup(this.definition.actions, ['actions'], undefined);
  }

  /** A place in the file, of a path from the definition. */
  place(path: DocumentPath): Place {
    return this.#parsed.place([...this.workflow.path, ...path]);
  }

  #readGroup(group: Value | undefined, path: DocumentPath, parent: LintedAction | undefined): void {
    if (!isObject(group) || path.length > 200) return;
    for (const [name, definition] of Object.entries(group)) {
      if (!isObject(definition)) continue;
      const action: LintedAction = {
        name,
        type: String(definition.type ?? '').toLowerCase(),
        definition,
        path: [...path, name],
        siblings: group,
        parent,
      };
      this.actions.push(action);
      this.byName.set(name.toLowerCase(), action);
      for (const [key, value] of Object.entries(definition)) {
        if (key === 'actions') this.#readGroup(value, [...action.path, key], action);
        else if ((key === 'else' || key === 'default') && isObject(value))
          this.#readGroup(getOwn(value, 'actions'), [...action.path, key, 'actions'], action);
        else if (key === 'cases' && isObject(value)) {
          for (const [label, item] of Object.entries(value)) {
            if (!isObject(item)) continue;
            this.#readStrings(getOwn(item, 'case') ?? null, [...action.path, key, label, 'case'], action);
            this.#readGroup(getOwn(item, 'actions'), [...action.path, key, label, 'actions'], action);
          }
        } else if (key !== 'runAfter') this.#readStrings(value, [...action.path, key], action);
      }
    }
  }

  #readStrings(value: Value, path: DocumentPath, action: LintedAction | undefined): void {
    if (typeof value === 'string') this.#readString(value, path, action);
    else if (Array.isArray(value))
      for (const [index, item] of value.entries()) this.#readStrings(item, [...path, index], action);
    else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        // A schema and a description are data, not expressions.
        if ((key === 'schema' && path.at(-1) === 'inputs') || key === 'description') continue;
        if (key.includes('@{')) this.#readString(key, [...path, key], action);
        this.#readStrings(item, [...path, key], action);
      }
    }
  }

  #readString(text: string, path: DocumentPath, action: LintedAction | undefined): void {
    if (!text.includes('@')) return;
    try {
      const parsed = parseTemplateString(text);
      if (parsed.kind === 'text') return;
      const expressions =
        parsed.kind === 'expression' ? [parsed.expression] : parsed.parts.filter((part) => typeof part !== 'string');
      this.strings.push({ action, path, text, expressions });
    } catch (error) {
      if (!(error instanceof ExpressionSyntaxError)) throw error;
      this.strings.push({ action, path, text, expressions: [], error });
    }
  }
}
