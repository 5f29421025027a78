/**
 * Findings as data. A room declares its codes once, with severity, message and remedy as functions of typed parameters;
 * checks then report a code at a place, and the reporters (text, JSON, SARIF, JUnit, GitHub) print them.
 */

export type Severity = 'error' | 'warning' | 'info';

/** One-based line and column, as editors count them. */
export interface Position {
  line: number;
  column: number;
}

/** A place in a file; `file` is relative to the working directory where that is shorter. */
export interface Place {
  file: string;
  start?: Position;
  end?: Position;
}

export interface Diagnostic {
  code: string;
  severity: Severity;
  message: string;
  remedy: string;
  place: Place;
}

/** How one code reads. `P` is what a check has to know to report it. */
export interface DiagnosticDefinition<P> {
  severity: Severity;
  message: (parameters: P) => string;
  remedy: string | ((parameters: P) => string);
}

// biome-ignore lint/suspicious/noExplicitAny: the parameter of each definition is inferred where the catalogue is written
type Catalogue = Record<string, DiagnosticDefinition<any>>;

type ParametersOf<D> = D extends DiagnosticDefinition<infer P> ? P : never;

/** Makes diagnostics of a catalogue; codes and parameters are checked by the compiler. */
export interface DiagnosticFactory<C extends Catalogue> {
  readonly catalogue: C;
  <K extends keyof C & string>(code: K, place: Place, parameters: ParametersOf<C[K]>): Diagnostic;
}

/** Declares the codes of one room. */
export function defineDiagnostics<const C extends Catalogue>(catalogue: C): DiagnosticFactory<C> {
  const create = <K extends keyof C & string>(code: K, place: Place, parameters: ParametersOf<C[K]>): Diagnostic => {
    const definition = catalogue[code] as DiagnosticDefinition<ParametersOf<C[K]>>;
    const { severity, message, remedy } = definition;
    return {
      code,
      severity,
      message: message(parameters),
      remedy: typeof remedy === 'string' ? remedy : remedy(parameters),
      place,
    };
  };
  return Object.assign(create, { catalogue });
}

/** `file:line:column`, the form that terminals and editors turn into a link. */
export function formatPlace(place: Place): string {
  return place.start ? `${place.file}:${place.start.line}:${place.start.column}` : place.file;
}
