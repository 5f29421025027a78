/** Entities of alerts and incidents, as entity mappings make them. */

export interface Entity {
  /** The entity type of the mapping: `Account`, `IP`, `AzureResource`, ... */
  readonly type: string;
  /** Identifier names of the mapping (`AadUserId`, `Name`, `UPNSuffix`, `Address`, ...) with their values, never empty. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** Whether the identifiers name the entity alone; weak ones do not group incidents by entity. */
  readonly strong: boolean;
}
