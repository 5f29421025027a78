/** The findings of `drift`: how a workspace differs from what was deployed to it. */
import { defineDiagnostics } from './diagnostic.ts';

export const azureDiagnostic = defineDiagnostics({
  'drift-changed': {
    severity: 'error',
    message: (p: { target: string; item: string; field: string; before: string; after: string }) =>
      `${p.target}: ${p.item} was changed in the workspace: ${p.field} is ${p.before}, deployed was ${p.after}.`,
    remedy: 'Find out who changed it (AzureActivity, SentinelAudit); `breakglass deploy` sets it back.',
  },
  'drift-deleted': {
    severity: 'error',
    message: (p: { target: string; item: string }) => `${p.target}: ${p.item} was deleted in the workspace.`,
    remedy: 'Find out who deleted it (AzureActivity); `breakglass deploy` makes it again.',
  },
  'drift-auto-disabled': {
    severity: 'error',
    message: (p: { target: string; item: string }) =>
      `${p.target}: Microsoft Sentinel switched ${p.item} off because its query kept failing.`,
    remedy: 'Read the reason in the description of the rule, mend what it names, then `breakglass deploy`.',
  },
  'drift-tuned': {
    severity: 'info',
    message: (p: { target: string; item: string; field: string; before: string; after: string }) =>
      `${p.target}: ${p.item} is tuned in the workspace: ${p.field} is ${p.before}, the repository says ${p.after}.`,
    remedy:
      'Kept as it is; move it into the overlays of the target, or set it back with `breakglass deploy --overwrite`.',
  },
  'drift-not-deployed': {
    severity: 'info',
    message: (p: { target: string; item: string; action: string }) =>
      `${p.target}: the repository is ahead: ${p.item} is to be ${p.action}.`,
    remedy: '`breakglass deploy` brings it there.',
  },
  'drift-unknown-item': {
    severity: 'warning',
    message: (p: { target: string; item: string }) =>
      `${p.target}: ${p.item} was deployed from here and is no longer in the repository.`,
    remedy: '`breakglass bump --retire ... --reason ...`, then `breakglass prune`.',
  },
});
