/** Triage guides: Markdown beside each rule, with the same sections in every one. */
import type { Position } from '../diagnostics/diagnostic.ts';

/** The sections that every guide has, in this order. */
export const guideSections = ['What happened', 'Check', 'Decide', 'Tasks', 'Close'] as const;

export interface GuideTask {
  title: string;
  /** Markdown; empty where the task needs no words beside its title. */
  description: string;
  place: Position;
}

export interface TriageGuide {
  title: string;
  sections: { name: string; text: string; line: number }[];
  /** The numbered items of "Tasks": the bold text that begins an item is its title. */
  tasks: GuideTask[];
  /** Items of "Tasks" that do not begin with a title in bold. */
  untitled: Position[];
}

/** Reads a guide; sections and tasks keep their line numbers. Never fails: what is missing is missing in the result. */
export function parseTriageGuide(text: string): TriageGuide {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const guide: TriageGuide = { title: '', sections: [], tasks: [], untitled: [] };
  let fenced = false;
  lines.forEach((line, index) => {
    if (/^(```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,2})\s+(.+?)\s*#*$/.exec(line);
    if (heading?.[1] === '#') guide.title ||= heading[2] as string;
    else if (heading) guide.sections.push({ name: heading[2] as string, text: '', line: index + 1 });
    else if (guide.sections.length > 0) guide.sections.at(-1)!.text += `${line}\n`;
  });
  for (const section of guide.sections) section.text = section.text.trimEnd();
  const tasks = guide.sections.find((section) => section.name === 'Tasks');
  if (tasks) readTasks(tasks.text, tasks.line + 1, guide);
  return guide;
}

function readTasks(text: string, firstLine: number, guide: TriageGuide): void {
  let current: GuideTask | undefined;
  text.split('\n').forEach((line, index) => {
    const item = /^(\d+[.)]\s+)(.*)$/.exec(line);
    const place = { line: firstLine + index, column: 1 };
    if (item) {
      const titled = /^\*\*(.+?)\*\*\s*(.*)$/.exec(item[2] as string);
      current = undefined;
      if (!titled) {
        guide.untitled.push(place);
        return;
      }
      current = {
        title: (titled[1] as string).replace(/[.:]$/, ''),
        description: titled[2]?.replace(/^[:.-]\s*/, '') ?? '',
        place,
      };
      guide.tasks.push(current);
    } else if (current && /^\s+\S/.test(line)) {
      current.description = `${current.description}${current.description ? ' ' : ''}${line.trim()}`;
    } else if (line.trim() !== '') {
      current = undefined;
    }
  });
}
