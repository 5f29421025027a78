/** Recorded rows of each table, in the shapes in which the services write them. Empty columns are left out. */
import type { Random } from './random.ts';
import { APPLICATIONS, type Person, type Tenant } from './tenant.ts';

export type RecordedRow = Record<string, unknown> & { TimeGenerated: string; _IngestionTime: string };

const MINUTE = 60_000;

/** Writes rows of one tenant; `time` is always in milliseconds since 1970. */
export class Rows {
  readonly tables = new Map<string, RecordedRow[]>();
  readonly #random: Random;
  readonly #tenant: Tenant;

  constructor(random: Random, tenant: Tenant) {
    this.#random = random;
    this.#tenant = tenant;
  }

  /** A sign-in, interactive or not. `result` other than 0 is a failure. */
  signIn(
    time: number,
    person: Person,
    options: {
      interactive?: boolean;
      result?: string;
      application?: { id: string; name: string; resource: string };
      address?: string;
      country?: string;
      singleFactor?: boolean;
    } = {},
  ): void {
    const { interactive = true, result = '0', country = 'US', singleFactor = false } = options;
    const application = options.application ?? this.#random.pick(APPLICATIONS);
    const address = options.address ?? person.address;
    const success = result === '0';
    const device = success || this.#random.chance(0.5) ? person.device : undefined;
    const [required] = this.#tenant.policies;
    const policies = [
      {
        id: required!.id,
        displayName: required!.name,
        enforcedGrantControls: ['Mfa'],
        result: success ? 'success' : 'notApplied',
      },
    ];
    const steps = [
      {
        authenticationMethod: interactive ? 'Password' : 'Previously satisfied',
        succeeded: result !== '50126',
        authenticationStepResultDetail: result === '50126' ? 'Incorrect password' : 'Correct password',
        authenticationStepRequirement: 'Primary authentication',
      },
    ];
    // The token log holds as text what the interactive log holds as dynamic.
    const dynamic = (value: unknown): unknown => (interactive ? value : JSON.stringify(value));
    this.#add(interactive ? 'SigninLogs' : 'AADNonInteractiveUserSignInLogs', time, {
      OperationName: 'Sign-in activity',
      Category: interactive ? 'SignInLogs' : 'NonInteractiveUserSignInLogs',
      ResultType: result,
      ResultDescription: RESULTS[result] ?? '',
      CorrelationId: this.#random.guid(),
      Location: country,
      AppDisplayName: application.name,
      AppId: application.id,
      AuthenticationDetails: interactive ? JSON.stringify(steps) : '[]',
      AuthenticationRequirement: singleFactor ? 'singleFactorAuthentication' : 'multiFactorAuthentication',
      ClientAppUsed: interactive ? 'Browser' : 'Mobile Apps and Desktop clients',
      ConditionalAccessPolicies: dynamic(policies),
      ConditionalAccessStatus: success ? 'success' : 'notApplied',
      CreatedDateTime: iso(time - this.#random.between(0, 4) * 1000),
      DeviceDetail: dynamic(
        device
          ? { deviceId: device.id, displayName: device.name, operatingSystem: device.system, browser: device.browser }
          : { deviceId: '' },
      ),
      Id: this.#random.guid(),
      IPAddress: address,
      IsInteractive: interactive,
      LocationDetails: dynamic({ countryOrRegion: country }),
      ResourceDisplayName: application.resource,
      RiskLevelDuringSignIn: 'none',
      RiskState: 'none',
      SessionId: this.#random.guid(),
      Status: dynamic({ errorCode: Number(result), ...(success ? {} : { failureReason: RESULTS[result] }) }),
      UserDisplayName: person.name,
      UserId: person.id,
      UserPrincipalName: person.upn,
      UserType: 'Member',
    });
  }

  /** An audit event. The initiator is a person or the name of an application. */
  audit(
    time: number,
    operation: string,
    initiator: Person | string,
    targets: readonly object[],
    options: {
      service?: string;
      category?: string;
      type?: string;
      reason?: string;
      result?: string;
      address?: string;
    } = {},
  ): void {
    const { service = 'Core Directory', category = 'UserManagement', type = 'Update', result = 'success' } = options;
    const by =
      typeof initiator === 'string'
        ? { app: { appId: null, displayName: initiator, servicePrincipalId: null, servicePrincipalName: null } }
        : {
            user: {
              id: initiator.id,
              displayName: null,
              userPrincipalName: initiator.upn,
              ipAddress: options.address ?? initiator.address,
              roles: [],
            },
          };
    this.#add('AuditLogs', time, {
      OperationName: operation,
      Category: category,
      CorrelationId: this.#random.guid(),
      Id: `Directory_${this.#random.guid()}`,
      InitiatedBy: by,
      LoggedByService: service,
      Result: result,
      ...(options.reason ? { ResultReason: options.reason, ResultDescription: options.reason } : {}),
      TargetResources: targets,
      ActivityDisplayName: operation,
      ActivityDateTime: iso(time),
      AADOperationType: type,
    });
  }

  /** An operation on Azure: a start row and an end row with the same correlation. */
  azure(time: number, operation: string, caller: Person | string, resource: string, address?: string): void {
    const correlation = this.#random.guid();
    const actor = typeof caller === 'string' ? caller : caller.upn;
    const claims = typeof caller === 'string' ? {} : { [OBJECT_ID_CLAIM]: caller.id, name: caller.name };
    for (const [offset, status] of [
      [0, 'Start'],
      [this.#random.between(1, 20) * 1000, 'Success'],
    ] as const) {
      this.#add('AzureActivity', time + offset, {
        OperationNameValue: operation.toUpperCase(),
        ActivityStatusValue: status,
        CategoryValue: 'Administrative',
        Caller: actor,
        ...(address ? { CallerIpAddress: address } : {}),
        Claims: JSON.stringify(claims),
        Claims_d: claims,
        CorrelationId: correlation,
        Level: 'Informational',
        ResourceGroup: 'RG-APPS',
        ResourceProviderValue: operation.split('/')[0]!.toUpperCase(),
        SubscriptionId: this.#tenant.subscription,
        _ResourceId:
          `/subscriptions/${this.#tenant.subscription}/resourcegroups/rg-apps/providers/${resource}`.toLowerCase(),
      });
    }
  }

  /** An event of Exchange, SharePoint or Teams. */
  office(
    time: number,
    operation: string,
    workload: string,
    person: Person,
    fields: Record<string, unknown> = {},
  ): void {
    this.#add('OfficeActivity', time, {
      Operation: operation,
      OfficeWorkload: workload,
      RecordType: workload === 'Exchange' ? 'ExchangeItem' : 'SharePointFileOperation',
      UserId: person.upn,
      UserKey: person.id,
      UserType: 'Regular',
      ClientIP: workload === 'Exchange' ? `${person.address}:${this.#random.between(20_000, 60_000)}` : person.address,
      ResultStatus: 'Succeeded',
      OfficeId: this.#random.guid(),
      ...fields,
    });
  }

  /** Any other row. */
  row(table: string, time: number, fields: Record<string, unknown>): void {
    this.#add(table, time, fields);
  }

  #add(table: string, time: number, fields: Record<string, unknown>): void {
    const rows = this.tables.get(table) ?? [];
    this.tables.set(table, rows);
    // Minutes for most rows; now and then half an hour.
    const delay = this.#random.chance(0.01)
      ? this.#random.between(20, 40) * MINUTE
      : this.#random.between(90, 540) * 1000;
    rows.push({ TimeGenerated: iso(time), _IngestionTime: iso(time + delay), ...fields });
  }
}

export const OBJECT_ID_CLAIM = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

const RESULTS: Readonly<Record<string, string>> = {
  '50126': 'Invalid username or password.',
  '50074': 'Strong Authentication is required.',
  '500121': 'Authentication failed during strong authentication request.',
  '50053': 'The account is locked.',
  '53003': 'Access has been blocked by Conditional Access policies.',
  '50140': 'Keep me signed in interrupt.',
};

export function iso(time: number): string {
  return new Date(time).toISOString().replace(/\.(\d{3})Z$/, '.$10000Z');
}

/** A user as the target of an audit event. */
export function userTarget(person: { id: string; upn: string }, properties: readonly object[] = []): object {
  return {
    id: person.id,
    displayName: null,
    type: 'User',
    userPrincipalName: person.upn,
    modifiedProperties: properties,
  };
}

/** A modified property: values are JSON text of their own. */
export function modified(name: string, oldValue: unknown, newValue: unknown): object {
  const text = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  return { displayName: name, oldValue: text(oldValue), newValue: text(newValue) };
}
