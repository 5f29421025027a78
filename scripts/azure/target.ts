/** Where a command works: one workspace of one tenant in one cloud, named on the command line. There is no default. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '../content/source-map.ts';
import { formatPlace } from '../diagnostics/diagnostic.ts';
import { UserError } from '../diagnostics/errors.ts';
import { type Cloud, type CloudName, clouds } from './cloud.ts';

export interface RuleOverlay {
  severity?: 'High' | 'Medium' | 'Low' | 'Informational';
  enabled?: boolean;
  triggerThreshold?: number;
}

export type ParameterValue = string | number | boolean | unknown[] | { env: string };

export interface Overlays {
  rules?: Record<string, RuleOverlay>;
  automationRules?: Record<string, { enabled?: boolean; order?: number }>;
  watchlists?: Record<string, { rows?: string }>;
  playbooks?: Record<string, { parameters?: Record<string, ParameterValue> }>;
}

export interface Target {
  /** Name in the configuration, or `subscription/resource group/workspace` of the flags. */
  name: string;
  tenant: string | undefined;
  subscription: string;
  resourceGroup: string;
  workspace: string;
  cloud: Cloud;
  location: string | undefined;
  playbookResourceGroup: string;
  securityInsightsPrincipalId: string | undefined;
  exclude: readonly string[];
  overlays: Overlays;
  /** Folder that relative paths of the configuration count from. */
  folder: string;
}

/** The flags that every command with a target takes, as commander hands them over. */
export interface TargetFlags {
  target?: string;
  config?: string;
  tenant?: string;
  subscription?: string;
  resourceGroup?: string;
  workspace?: string;
  cloud?: string;
  armEndpoint?: string;
  logsEndpoint?: string;
}

interface ConfiguredTarget {
  tenant?: string;
  subscription: string;
  resourceGroup: string;
  workspace: string;
  cloud?: CloudName;
  location?: string;
  playbookResourceGroup?: string;
  securityInsightsPrincipalId?: string;
  armEndpoint?: string;
  logsEndpoint?: string;
  authorityHost?: string;
  exclude?: string[];
  overlays?: Overlays;
}

export const defaultConfigFile = 'breakglass.config.yaml';
const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * The targets that flags, environment and configuration name: one, or with `--target all` every one of the
 * configuration, or with a list (`a,b`) those.
 * @throws UserError where nothing or something unknown is named, or a value is malformed.
 */
export async function resolveTargets(
  flags: TargetFlags,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Target[]> {
  const named = flags.target ?? environment.BREAKGLASS_TARGET;
  const direct = {
    subscription: flags.subscription ?? environment.AZURE_SUBSCRIPTION_ID,
    resourceGroup: flags.resourceGroup ?? environment.BREAKGLASS_RESOURCE_GROUP,
    workspace: flags.workspace ?? environment.BREAKGLASS_WORKSPACE,
  };
  if (named === undefined) {
    const lacking = Object.entries({
      '--subscription': direct.subscription,
      '--resource-group': direct.resourceGroup,
      '--workspace': direct.workspace,
    })
      .filter(([, value]) => !value)
      .map(([name]) => name);
    if (lacking.length > 0) {
      throw new UserError('target-missing', {
        what: `no target: ${lacking.join(', ')} not given (and there is no default, so that nothing is deployed by accident)`,
        remedy:
          'name one of breakglass.config.yaml with --target NAME, or give --subscription, --resource-group and --workspace',
      });
    }
    const { subscription, resourceGroup, workspace } = direct as Record<string, string>;
    return [
      build(`${subscription}/${resourceGroup}/${workspace}`, process.cwd(), flags, environment, {
        subscription: subscription!,
        resourceGroup: resourceGroup!,
        workspace: workspace!,
      }),
    ];
  }
  const file = path.resolve(flags.config ?? environment.BREAKGLASS_CONFIG ?? defaultConfigFile);
  const configured = await readConfiguration(file);
  const names = named === 'all' ? Object.keys(configured) : named.split(',').map((name) => name.trim());
  return names.map((name) => {
    const target = configured[name];
    if (target === undefined) {
      throw new UserError('target-unknown', {
        what: `no target "${name}" in ${path.basename(file)}`,
        place: file,
        remedy: `name one of: ${Object.keys(configured).join(', ')}, or all`,
      });
    }
    const merged: ConfiguredTarget = {
      ...target,
      ...(flags.subscription === undefined ? {} : { subscription: flags.subscription }),
      ...(flags.resourceGroup === undefined ? {} : { resourceGroup: flags.resourceGroup }),
      ...(flags.workspace === undefined ? {} : { workspace: flags.workspace }),
    };
    return build(name, path.dirname(file), flags, environment, merged);
  });
}

function build(
  name: string,
  folder: string,
  flags: TargetFlags,
  environment: NodeJS.ProcessEnv,
  configured: ConfiguredTarget,
): Target {
  const cloudName = flags.cloud ?? configured.cloud ?? environment.BREAKGLASS_CLOUD ?? 'public';
  if (!Object.hasOwn(clouds, cloudName)) {
    throw new UserError('cloud-unknown', {
      what: `no cloud "${cloudName}"`,
      remedy: `one of: ${Object.keys(clouds).join(', ')}`,
    });
  }
  const tenant = flags.tenant ?? configured.tenant ?? environment.AZURE_TENANT_ID;
  for (const [what, value] of Object.entries({ subscription: configured.subscription, tenant })) {
    if (value !== undefined && !guid.test(value)) {
      throw new UserError('target-malformed', {
        what: `${what} "${value}" is not a GUID`,
        remedy: `give the ${what}'s id, not its name: az account show --query "{tenant:tenantId, subscription:id}"`,
      });
    }
  }
  if (!/^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/i.test(configured.workspace)) {
    throw new UserError('target-malformed', {
      what: `"${configured.workspace}" cannot be the name of a workspace (4 to 63 letters, digits, hyphens)`,
      remedy: 'give the name of the Log Analytics workspace, not its id',
    });
  }
  if (!/^[-\w.()]{1,90}$/.test(configured.resourceGroup) || configured.resourceGroup.endsWith('.')) {
    throw new UserError('target-malformed', {
      what: `"${configured.resourceGroup}" cannot be the name of a resource group`,
      remedy: 'give the resource group of the workspace (1 to 90 letters, digits, - _ . and parentheses)',
    });
  }
  const base = clouds[cloudName as CloudName];
  const cloud: Cloud = {
    ...base,
    arm:
      endpoint('--arm-endpoint', flags.armEndpoint ?? configured.armEndpoint ?? environment.BREAKGLASS_ARM_ENDPOINT) ??
      base.arm,
    logs:
      endpoint(
        '--logs-endpoint',
        flags.logsEndpoint ?? configured.logsEndpoint ?? environment.BREAKGLASS_LOGS_ENDPOINT,
      ) ?? base.logs,
    authority: configured.authorityHost ?? environment.AZURE_AUTHORITY_HOST ?? base.authority,
  };
  return {
    name,
    tenant,
    subscription: configured.subscription.toLowerCase(),
    resourceGroup: configured.resourceGroup,
    workspace: configured.workspace,
    cloud,
    location: configured.location,
    playbookResourceGroup: configured.playbookResourceGroup ?? configured.resourceGroup,
    securityInsightsPrincipalId: configured.securityInsightsPrincipalId,
    exclude: configured.exclude ?? [],
    overlays: configured.overlays ?? {},
    folder,
  };
}

/** A checked https origin without a trailing slash; tokens are never sent over anything else. */
function endpoint(flag: string, value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  let url: URL | undefined;
  try {
    url = new URL(value);
  } catch {
    url = undefined;
  }
  if (url?.protocol !== 'https:' || url.username !== '' || url.search !== '') {
    throw new UserError('endpoint-malformed', {
      what: `${flag} "${value}" is not an https address`,
      remedy:
        'give an address such as https://management.contoso.example; trust its authority with NODE_EXTRA_CA_CERTS',
    });
  }
  return value.replace(/\/+$/, '');
}

/** Reads and checks the configuration. @throws UserError with the place of the first mistake. */
export async function readConfiguration(file: string): Promise<Record<string, ConfiguredTarget>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UserError('config-unreadable', {
      what: `cannot read the configuration ${file}`,
      remedy: 'copy schemas/breakglass.config.example.yaml to breakglass.config.yaml, or give --config FILE',
    });
  }
  const parsed = parseYaml(file, text);
  const first = parsed.diagnostics[0];
  if (first)
    throw new UserError('config-invalid', {
      what: first.message,
      place: formatPlace(first.place),
      remedy: first.remedy,
    });
  const { Ajv } = await import('ajv');
  const schema: object = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../schemas/breakglass.config.schema.json', import.meta.url)), 'utf8'),
  );
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
  if (!validate(parsed.value)) {
    const error = validate.errors?.find((candidate) => candidate.keyword !== 'anyOf') ?? validate.errors?.[0];
    const steps = (error?.instancePath ?? '').split('/').slice(1);
    const extra = error?.params as { additionalProperty?: string } | undefined;
    const where = extra?.additionalProperty ? [...steps, extra.additionalProperty] : steps;
    throw new UserError('config-invalid', {
      what: `${where.join('.') || 'the configuration'} ${error?.message ?? 'is not valid'}`,
      place: formatPlace(parsed.place(where)),
      remedy:
        'schemas/breakglass.config.schema.json describes the file; schemas/breakglass.config.example.yaml is an example',
    });
  }
  return (parsed.value as { targets: Record<string, ConfiguredTarget> }).targets;
}
