/** A workflow definition, a run of it, and what answers its calls. */
import type { Value, ValueObject } from '../value.ts';

export type Status = 'Succeeded' | 'Failed' | 'Skipped' | 'TimedOut' | 'Cancelled';

export interface ActionDefinition extends ValueObject {
  type: string;
}

/** `definition` of a `Microsoft.Logic/workflows` resource, with the values of its parameters. */
export interface Workflow {
  /** Name of the resource. */
  name: string;
  resourceId: string;
  definition: ValueObject;
  /** `properties.parameters`: name to `{ value }`, `$connections` among them. */
  parameters: ValueObject;
  location?: string;
  tags?: ValueObject;
}

export interface RunError {
  code: string;
  message: string;
}

/** What became of one action in one iteration. */
export interface ActionResult {
  name: string;
  type: string;
  status: Status;
  code: string;
  error?: RunError;
  inputs?: Value;
  outputs?: Value;
  startTime: number;
  endTime: number;
  /** Zero-based indexes of the loops around it, outermost first. */
  iteration: readonly number[];
  /** Answers that were tried again. */
  retries?: { at: number; code: string }[];
}

/** A call that an action makes outside of the workflow. */
export interface ServiceCall {
  action: string;
  type: string;
  /** Name of the managed API (`azuresentinel`, `teams`), where the call goes through a connection. */
  connector?: string;
  /** Upper case. */
  method: string;
  /** Path of a connector operation, or of the address of an HTTP call. */
  path: string;
  /** Whole address of an HTTP call. */
  uri?: string;
  body: Value;
  queries: ValueObject;
  headers: ValueObject;
  authentication?: Value;
  /** Milliseconds since 1970 on the clock of the run. */
  at: number;
  /** 1 for the first attempt. */
  attempt: number;
  inputs: Value;
}

/**
 * An answer in the platform's own `staticResults` shape. `delay` is ours: an ISO 8601 duration until the answer comes
 * (an approval takes its time).
 */
export interface ServiceAnswer {
  status?: 'Succeeded' | 'Failed' | 'TimedOut' | 'Skipped';
  code?: string;
  error?: RunError;
  outputs?: { statusCode?: number | string; headers?: ValueObject; body?: Value };
  delay?: string;
}

/** Answers a call, or undefined when the call is not its own. */
export type Service = (call: ServiceCall) => Promise<ServiceAnswer | undefined> | ServiceAnswer | undefined;

/** A call with the answer that ended it. */
export interface RecordedCall extends ServiceCall {
  answer: ServiceAnswer;
  /** Whether its inputs are marked as secure and must not be shown. */
  secure: boolean;
}

export interface WorkflowRun {
  workflow: string;
  status: Status;
  error?: RunError;
  trigger: { name: string; outputs: Value };
  /** In the order in which they ended. */
  actions: ActionResult[];
  calls: RecordedCall[];
  response?: { statusCode: number; headers: Value; body: Value };
  variables: ValueObject;
  startTime: number;
  endTime: number;
}
