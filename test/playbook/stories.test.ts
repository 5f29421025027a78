/** Whole stories, from recorded rows over rules and automation rules to the last comment, with every message that goes out. */
import { afterAll, describe, expect, it } from 'vitest';
import { Story, type StoryOptions } from '../../scripts/playbook/story.ts';
import { readScenario } from '../../scripts/scenarios/read-scenario.ts';
import { administrator, packageContent, root } from './harness.ts';

// Whole stories run rules and queries on the local engine, which takes its time on a busy machine.
const patience = 240_000;
const open: Story[] = [];
afterAll(() => Promise.all(open.map((story) => story.close())));

/** Opens the part of a scenario between two times, with the automation rules of the package. */
async function tell(slug: string, from: string, to: string, options: StoryOptions = {}): Promise<Story> {
  const { scenario } = await readScenario(`${root}/test/scenarios/${slug}`);
  const story = await Story.open(
    { ...scenario!, clock: { from: new Date(from), to: new Date(to) } },
    await packageContent(),
    options,
  );
  open.push(story);
  return story;
}

const text = (html: string): string =>
  html
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
const messages = (story: Story): string[] =>
  story.sent.map(
    ({ channel, to, subject, body, at }) =>
      `${new Date(at).toISOString().slice(11, 16)} ${channel} ${to} ${subject} ${text(body)}`,
  );

describe('an administrator lockout, declared', () => {
  it('goes from the log line to the closed incident', { timeout: patience }, async () => {
    const story = await tell('admin-lockout', '2026-11-23T08:10:00Z', '2026-11-23T08:30:00Z');
    const { workspace } = story;
    const activations = workspace.findWatchlist('BreakGlassActivations')!.items;
    const row = activations.find(({ values }) => values.ActivationId === 'ACT-2026-005')!;
    // At the beginning of the story only the approval stands in the activation.
    const later = [
      'RetrievedTime',
      'SignedInTime',
      'AlertConfirmedTime',
      'RotatedTime',
      'HandedBackTime',
      'ClosedTime',
    ];
    for (const name of later) row.values[name] = '';
    // The analyst takes the incident after twelve minutes: the second contact has been called by then.
    workspace.schedule(new Date('2026-11-23T08:39:00Z'), () => {
      workspace.incidents[0]!.owner.assignedTo = 'Duty analyst';
      workspace.incidents[0]!.status = 'Active';
    });
    await story.play(['sign-in-succeeded']);
    const [incident] = workspace.incidents;
    expect(incident).toMatchObject({
      title: 'Emergency account EM-01 signed in (declared emergency)',
      severity: 'High',
      labels: ['BreakGlass', 'Declared'],
    });
    expect(story.runs.map(({ playbook, run }) => [playbook, run.status])).toEqual([
      ['notify-responders', 'Succeeded'],
      ['open-tasks', 'Succeeded'],
      ['escalate-unacknowledged', 'Succeeded'],
    ]);
    expect(messages(story)).toEqual([
      expect.stringMatching(
        /^08:2\d teams 19:duty@thread\.tacv2 {2}Emergency account EM-01 signed in \(declared emergency\) DECLARED emergency ACT-2026-005: .*operator priya\.nair@contoso\.com, approved by morgan\.hale@contoso\.com.*From: 192\.0\.2\.10 .*Call, in this order, by telephone: Security duty desk \(Responder\): \+1 555 0100/,
      ),
      expect.stringMatching(
        /^08:2\d mail duty@contoso\.example;morgan\.hale@contoso\.example;dana\.ortiz@contoso\.example;priya\.nair@contoso\.example;director@contoso\.example \[Declared\] incident 1: emergency account /,
      ),
      expect.stringMatching(
        /^08:2\d webhook https:\/\/alarm\.contoso\.example\/hook {2}\{"text":"\[Declared\] incident 1: emergency account\. Severity High\./,
      ),
      expect.stringMatching(
        /^08:3\d mail morgan\.hale@contoso\.example \[Escalation\] incident 1: emergency account Incident 1 about an emergency account is not acknowledged\. Morgan Hale \(Approver\)/,
      ),
      expect.stringMatching(/^08:3\d webhook .*"contact":\{"name":"Morgan Hale"/),
    ]);
    const guide = (await packageContent()).rules.find(({ source }) => source.slug === 'sign-in-succeeded')!.guide!.text;
    expect(incident!.tasks.map(({ title }) => title)).toEqual(
      [...guide.matchAll(/^\d\. \*\*(.+?)\.\*\*/gm)].map(([, title]) => title),
    );

    // While the use runs, closing says what is missing.
    await story.runPlaybook('close-use', incident!, new Date('2026-11-23T09:30:00Z'));
    expect(incident!.status).toBe('Active');
    expect(text(incident!.comments.at(-1)!.message)).toMatch(
      /Not closed\. Missing: .*it still runs .*HandedBackTime.* open tasks of this incident/,
    );

    // People finish: tasks, times of the activation. The renewal of the passkey is in the audit log.
    for (const task of incident!.tasks) task.status = 'Completed';
    Object.assign(row.values, {
      RetrievedTime: '2026-11-23T08:14:00Z',
      AlertConfirmedTime: '2026-11-23T08:26:00Z',
      HandedBackTime: '2026-11-23T10:25:00Z',
    });
    await story.runPlaybook('close-use', incident!, new Date('2026-11-23T11:00:00Z'));
    expect(text(incident!.comments.at(-1)!.message)).toMatch(
      /The use is complete\. Emergency ACT-2026-005 .* Update conditional access policy &rarr; Require compliant device/,
    );
    expect(incident).toMatchObject({
      status: 'Closed',
      classification: 'BenignPositive',
      classificationReason: 'SuspiciousButExpected',
    });
    expect(row.values).toMatchObject({
      ClosedTime: '2026-11-23T11:00:00Z',
      RotatedTime: expect.stringMatching(/^2026-11-23T10:05/),
    });
    expect(workspace.findWatchlist('BreakGlassAccounts')!.items[0]!.values.LastRotationDate).toBe('2026-11-23');
    // Closing sends nothing.
    expect(story.sent).toHaveLength(5);
  });
});

describe('a suspected compromise of an administrator', () => {
  it('is answered under a declared use, and automation contains the administrator alone', {
    timeout: patience,
  }, async () => {
    const directory: string[] = [];
    const story = await tell('administrator-compromise', '2026-11-22T21:25:00Z', '2026-11-22T21:50:00Z', {
      approve: (message) => ({ option: 'Contain', responder: message.to, delay: 'PT4M' }),
      services: [
        (call) => {
          if (!call.uri?.startsWith('https://graph.microsoft.com/')) return undefined;
          if (call.method !== 'GET') directory.push(`${call.method} ${call.path}`);
          return {
            status: 'Succeeded',
            outputs: {
              statusCode: 200,
              headers: {},
              body: { id: administrator, userPrincipalName: 'senior.admin@contoso.com' },
            },
          };
        },
      ],
    });
    const { workspace } = story;
    workspace.schedule(new Date('2026-11-22T21:45:00Z'), () => {
      workspace.incidents[0]!.owner.assignedTo = 'Duty analyst';
    });
    await story.play(['sign-in-succeeded']);
    const [incident] = workspace.incidents;
    expect(incident).toMatchObject({
      title: 'Emergency account EM-02 signed in (declared emergency)',
      labels: ['BreakGlass', 'Declared'],
    });
    expect(story.sent.map(({ channel }) => channel)).toEqual(['teams', 'mail', 'webhook']);
    expect(text(story.sent[0]!.body)).toMatch(
      /DECLARED emergency ACT-2026-006: Senior administrator account suspected compromised; operator lucas\.weber@contoso\.com, approved by dana\.ortiz@contoso\.com.*From: 2001:db8:10::25/,
    );

    // On the incident of the emergency account itself containment has nobody to act on.
    expect((await story.runPlaybook('contain-administrator', incident!, new Date('2026-11-22T21:46:00Z'))).status).toBe(
      'Cancelled',
    );
    expect(directory).toEqual([]);
    // The suspect joins the incident: only the suspect is contained.
    incident!.entities.push({
      kind: 'Account',
      properties: { AadUserId: administrator, Name: 'senior.admin', UPNSuffix: 'contoso.com' },
    });
    expect((await story.runPlaybook('contain-administrator', incident!, new Date('2026-11-22T21:47:00Z'))).status).toBe(
      'Succeeded',
    );
    expect(directory).toEqual([
      `POST /v1.0/users/${administrator}/revokeSignInSessions`,
      `PATCH /v1.0/users/${administrator}`,
    ]);
    expect(story.sent.slice(3).map(({ channel, to, body }) => [channel, to, text(body)])).toEqual([
      [
        'approval',
        'morgan.hale@contoso.example',
        `Incident 1: sessions are revoked and the accounts disabled. senior.admin@contoso.com (${administrator})`,
      ],
    ]);
    expect(text(incident!.comments.at(-1)!.message)).toBe(
      'Containment , approved by morgan.hale@contoso.example: senior.admin@contoso.com: sessions revoked, account disabled',
    );
  });
});

describe('a stolen credential, not declared', () => {
  it('is told as undeclared, raised to High, and escalated until it is written down that nobody came', {
    timeout: patience,
  }, async () => {
    const { scenario } = await readScenario(`${root}/test/scenarios/stolen-credential-at-night`);
    const expectation = scenario!.expect.find(({ rule }) => rule === 'sign-in-succeeded')!;
    const at = expectation.at.getTime();
    const story = await tell(
      'stolen-credential-at-night',
      new Date(at - 20 * 60_000).toISOString(),
      new Date(at + 2 * 60_000).toISOString(),
      { parameters: { MaximumEscalations: 2 } },
    );
    await story.play(['sign-in-succeeded']);
    const [incident] = story.workspace.incidents;
    expect(incident!.title).toMatch(/\(not declared\)$/);
    expect(incident).toMatchObject({ severity: 'High', status: 'New' });
    expect(incident!.labels).toEqual(expect.arrayContaining(['BreakGlass', 'Undeclared', 'Unacknowledged']));
    expect(story.sent.map(({ channel }) => channel)).toEqual([
      'teams',
      'mail',
      'webhook',
      'mail',
      'webhook',
      'mail',
      'webhook',
    ]);
    expect(messages(story).slice(0, 4)).toEqual([
      expect.stringMatching(/NOT DECLARED: treat as compromise until a person whom you reach by telephone explains it/),
      expect.stringMatching(/ mail .*\[Undeclared\] incident 1/),
      expect.stringMatching(/ webhook .*"state":"Undeclared"/),
      expect.stringMatching(/ mail morgan\.hale@contoso\.example \[Escalation\] incident 1/),
    ]);
    expect(story.runs.map(({ playbook, run }) => [playbook, run.status])).toEqual([
      ['notify-responders', 'Succeeded'],
      ['open-tasks', 'Succeeded'],
      ['escalate-unacknowledged', 'Failed'],
    ]);
  });
});
