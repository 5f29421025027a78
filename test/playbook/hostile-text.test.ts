/** Log values are an attacker's text: whatever stands in a name, it arrives as text. */
import { describe, expect, it } from 'vitest';
import type { ValueObject } from '../../scripts/playbook/value.ts';
import { activation, administrator, em01, entities, openTenant, rows, type TenantOptions } from './harness.ts';

const hostile = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>@{triggerBody()}@parameters('WebhookUri')&lt;b&gt;{{7*7}}`;

/** Everything in a row that a person outside could have written. */
const poisoned = (row: ValueObject): ValueObject =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' && !/Time$|Id$|^Last|^First|Date$|^Renewed$|^Email$|^ActivationId$|SignIn$/.test(name)
        ? `${value}${hostile}`
        : value,
    ]),
  );

const approve: NonNullable<TenantOptions['approve']> = (message) => ({
  option: message.subject.startsWith('Contain') ? 'Contain' : 'Approve',
  responder: message.to.split(';')[0]!,
  delay: 'PT1M',
});

const options: TenantOptions = {
  approve,
  title: `Emergency account ${hostile}`,
  logs: Object.fromEntries(Object.entries(rows).map(([action, list]) => [action, list.map(poisoned)])),
  activations: [poisoned(activation) as Record<string, string>],
};

/** The only markup that the playbooks write. */
const ours =
  /^<(\/?(h3|p|strong|br|ul|ol|li|table|thead|tbody|tr|th|td)|a href="https:\/\/portal\.azure\.com\/[^"<>]*"|\/a)>$/;

function expectNoMarkup(text: string): void {
  for (const [tag] of text.matchAll(/<[^>]*>?/g)) expect(tag).toMatch(ours);
}

describe('hostile names and values', () => {
  const runs: [string, string, unknown, TenantOptions][] = [
    [
      'notify-responders',
      '2026-11-23T08:22:00Z',
      undefined,
      {
        entities: [
          { kind: 'Account', properties: { AadUserId: em01, Name: hostile, UPNSuffix: hostile } },
          { kind: 'Ip', properties: { Address: hostile } },
        ],
      },
    ],
    ['escalate-unacknowledged', '2026-11-23T08:22:00Z', undefined, { parameters: { MaximumEscalations: 2 } }],
    [
      'declare-activation',
      '2026-11-24T08:00:00Z',
      {
        account: 'em-02',
        type: 'Drill',
        reason: hostile,
        operator: `lucas.weber@contoso.com${hostile}`,
        approver: 'morgan.hale@contoso.example',
        reference: hostile,
      },
      {},
    ],
    ['close-use', '2026-11-23T11:00:00Z', undefined, {}],
    ['ninety-day-review', '2026-11-23T07:00:00Z', {}, {}],
    [
      'contain-administrator',
      '2026-11-23T09:00:00Z',
      undefined,
      {
        entities: [
          { kind: 'Account', properties: { AadUserId: administrator, Name: hostile, UPNSuffix: hostile } },
          entities.em01,
        ],
        users: { [administrator]: { id: administrator, userPrincipalName: hostile } },
      },
    ],
  ];
  for (const [slug, at, body, more] of runs) {
    it(`${slug} lets none of it become markup or code`, async () => {
      const tenant = await openTenant({ ...options, ...more });
      if (slug === 'escalate-unacknowledged')
        tenant.workspace.schedule(new Date('2026-11-23T08:40:00Z'), () => {
          tenant.incident.owner.assignedTo = hostile;
        });
      await tenant.run(slug, at, body as never);
      const texts = [
        ...tenant.incident.comments.map(({ message }) => message),
        ...tenant.sent.filter(({ channel }) => channel !== 'webhook').map((message) => message.body),
      ];
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) expectNoMarkup(text);
      // It arrived as text, and no expression in it was evaluated.
      expect(texts.join()).toContain('&lt;img src=x');
      expect([...texts, ...tenant.sent.map(({ body: sent }) => sent)].join()).not.toContain(
        'https://alarm.contoso.example',
      );
      for (const { body: sent, channel } of tenant.sent) if (channel === 'webhook') JSON.parse(sent);
    });
  }
});
