/** What the `report` command does. */
import { engineEnvironment } from './engine-environment.ts';
import { parseWorkbook } from './model.ts';
import { ownWorkbook, parameterValues, titleOf } from './preview.ts';
import { openPreviewData, type PreviewDataOptions } from './preview-data.ts';
import { readWorkbook } from './read-workbook.ts';
import { workbookReport, writeReport } from './report.ts';

export interface MakeReportOptions extends PreviewDataOptions {
  param: Readonly<Record<string, string>>;
  workbook?: string;
  out: string;
}

/** Opens the data, evaluates every tab and writes the file. */
export async function makeReport(options: MakeReportOptions): Promise<void> {
  const workbook = await readWorkbook(options.workbook ?? ownWorkbook());
  const data = await openPreviewData({ ...options, keepTranslations: true, kinds: ['rules'] });
  try {
    const text = await workbookReport({
      model: parseWorkbook(workbook.json),
      environment: engineEnvironment(data.engine, data.now, data.workspace),
      name: titleOf(workbook),
      version: workbook.version,
      source: data.source,
      values: parameterValues(options.param),
      content: data.content,
    });
    await writeReport(text, options.out);
  } finally {
    await data.engine.close();
  }
}
