import { expect, test } from 'vitest';
import { parseTriageGuide } from '../../scripts/content/triage-guide.ts';

test('a guide has a title, sections with lines, and tasks with titles', () => {
  const guide = parseTriageGuide(`# Signed in

## What happened
Somebody used it.

\`\`\`
## not a section
\`\`\`

## Tasks
1. **Call the owner.** By telephone,
   never by mail.
2. **Read the session**
3. no title
text between

## Close
Done.
`);
  expect(guide.title).toBe('Signed in');
  expect(guide.sections.map((section) => [section.name, section.line])).toEqual([
    ['What happened', 3],
    ['Tasks', 10],
    ['Close', 17],
  ]);
  expect(guide.tasks).toEqual([
    { title: 'Call the owner', description: 'By telephone, never by mail.', place: { line: 11, column: 1 } },
    { title: 'Read the session', description: '', place: { line: 13, column: 1 } },
  ]);
  expect(guide.untitled).toEqual([{ line: 14, column: 1 }]);
});
