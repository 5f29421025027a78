/** Logging in: the identity that the tool acts as. */
import type { TokenCredential } from '@azure/core-auth';
import { UserError } from '../diagnostics/errors.ts';
import type { Cloud } from './cloud.ts';

export interface Identity {
  /** User principal name, else application id, else object id. */
  name: string;
  objectId: string;
  tenant: string;
  kind: 'person' | 'application' | 'managed identity';
  expires: Date;
}

/**
 * `DefaultAzureCredential`: environment variables, workload identity, managed identity, then the developer's own tools
 * (Azure CLI, azd, PowerShell). Nothing is stored.
 */
export async function defaultCredential(cloud: Cloud, tenant: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential({
    authorityHost: cloud.authority,
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  });
}

/** Who the token for Azure Resource Manager stands for. @throws whatever the credential throws. */
export async function identityOf(credential: TokenCredential, cloud: Cloud): Promise<Identity> {
  const token = await credential.getToken(`${cloud.armAudience}/.default`);
  if (token === null) {
    throw new UserError('not-logged-in', { what: 'no token was issued', remedy: 'log in: az login', exitCode: 1 });
  }
  const claims = claimsOf(token.token);
  const text = (name: string): string | undefined =>
    typeof claims[name] === 'string' ? (claims[name] as string) : undefined;
  const person = text('upn') ?? text('unique_name') ?? text('preferred_username');
  const managed = text('xms_mirid');
  return {
    name:
      person ??
      managed?.split('/').at(-1) ??
      text('app_displayname') ??
      text('appid') ??
      text('oid') ??
      'unknown identity',
    objectId: text('oid') ?? '',
    tenant: text('tid') ?? '',
    kind: person ? 'person' : managed ? 'managed identity' : 'application',
    expires: new Date(token.expiresOnTimestamp),
  };
}

/** The claims of a JSON web token, unverified: only Azure may judge it; here they name the caller to its own user. */
function claimsOf(token: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
