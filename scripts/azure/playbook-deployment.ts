/** Deploys a playbook's ARM template and waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../diagnostics/errors.ts';
import type { ArmClient } from './arm-client.ts';
import type { DesiredItem } from './desired.ts';
import { ArmError } from './errors.ts';
import { at, fingerprint, type Json } from './json.ts';
import { apiVersions } from './kinds.ts';
import { paths, type Scope } from './scope.ts';

/** A deployment that a cut-off run left active is waited for this often. */
const waits = 200;

/** @throws UserError where an environment variable of a secret is not set, ArmError where Azure refuses. */
export async function deployPlaybook(client: ArmClient, scope: Scope, item: DesiredItem): Promise<void> {
  const { template, parameters, secrets } = item.deployment!;
  const values: Record<string, { value: Json }> = {};
  for (const [name, value] of Object.entries(parameters)) values[name] = { value };
  for (const [name, variable] of Object.entries(secrets)) values[name] = { value: secretOf(variable, item.slug) };
  const path = paths.deployment(scope, `breakglass-${item.slug}-${fingerprint(item.body)}`.slice(0, 64));
  const body = { properties: { mode: 'Incremental', template, parameters: values } };
  for (let wait = 0; ; wait++) {
    try {
      await client.put(path, apiVersions.deployment, body);
      return;
    } catch (error) {
      if (!(error instanceof ArmError && error.code === 'DeploymentActive') || wait === waits) throw error;
      await sleep(client.timing.poll);
      const state = at(await client.get(path, apiVersions.deployment), 'properties.provisioningState');
      if (/^succeeded$/i.test(String(state))) return;
    }
  }
}

/** @throws UserError where the variable is not set. */
export function secretOf(variable: string, slug: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') {
    throw new UserError('secret-missing', {
      what: `the playbook ${slug} needs the environment variable ${variable}, which is not set`,
      remedy: `set ${variable} where the tool runs (in a pipeline: from its secret store)`,
    });
  }
  return value;
}
