import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { guidOf } from '../../scripts/azure/json.ts';
import { retiredItems } from '../../scripts/azure/package-content.ts';

it('reads what was retired from the version lock, playbooks by their slug', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'breakglass-lock-'));
  expect(retiredItems(root)).toEqual(new Map());
  mkdirSync(path.join(root, 'detections'));
  const retired = {
    'rules/old': { id: 'ABCDEF00-0000-4000-8000-000000000000', version: '1.0.0', reason: 'merged' },
    'playbooks/gone': { id: 'gone', version: '1.0.0', reason: 'not used' },
    'rules/silent': { id: 'x', version: '1.0.0', reason: ' ' },
  };
  writeFileSync(path.join(root, 'detections/content.lock.json'), JSON.stringify({ items: {}, retired }));
  expect(retiredItems(root)).toEqual(
    new Map([
      ['abcdef00-0000-4000-8000-000000000000', 'merged'],
      [guidOf('playbook', 'gone'), 'not used'],
    ]),
  );
});
