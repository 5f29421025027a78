/** A playbook of the package as it is deployed to the sample workspace. */
import type { Content } from '../content/model.ts';
import { UserError } from '../diagnostics/errors.ts';
import { readPlaybook } from './read-playbook.ts';
import { isObject, type Value, type ValueObject } from './value.ts';
import type { Workflow } from './workflow/model.ts';
import { sampleWorkspace } from './workspace.ts';

/** Values of template parameters where nothing else is given: every channel is on. */
export const sampleParameters: ValueObject = {
  WorkspaceName: sampleWorkspace.workspaceName,
  TeamsGroupId: '12121212-1212-4212-8212-121212121212',
  TeamsChannelId: '19:duty@thread.tacv2',
  MailRecipients: 'duty@contoso.example',
  WebhookUri: 'https://alarm.contoso.example/hook',
  Approvers: 'morgan.hale@contoso.example',
};

/** @throws UserError when there is no such playbook or its template makes no workflow */
export function deployedPlaybook(
  content: Pick<Content, 'playbooks'>,
  slug: string,
  parameters: ValueObject = {},
): Workflow {
  const item = content.playbooks.find(({ source }) => source.slug === slug);
  if (item === undefined) {
    throw new UserError('PLAYBOOK_UNKNOWN', {
      what: `there is no playbook '${slug}'`,
      remedy: `Use one of: ${content.playbooks.map(({ source }) => source.slug).join(', ') || '(none)'}`,
    });
  }
  const template = item.value.template as Value;
  const declared = isObject(template) && isObject(template.parameters) ? template.parameters : {};
  const given: ValueObject = {};
  for (const [name, value] of Object.entries({ ...sampleParameters, ...parameters }))
    if (name in declared) given[name] = value;
  const context = {
    subscriptionId: sampleWorkspace.subscriptionId,
    resourceGroup: sampleWorkspace.resourceGroup,
    tenantId: sampleWorkspace.tenantId,
  };
  const [workflow] = readPlaybook(JSON.stringify(template), { parameters: given, context }).workflows;
  if (workflow === undefined) {
    throw new UserError('PLAYBOOK_WITHOUT_WORKFLOW', {
      what: 'the template makes no Microsoft.Logic/workflows',
      place: item.source.file,
      remedy: 'A playbook is the ARM template of one Logic App.',
    });
  }
  return workflow;
}
