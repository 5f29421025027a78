/** The query engine of a target that is logged in to. */
import type { TokenCredential } from '@azure/core-auth';
import { LogAnalyticsEngine } from '../engines/log-analytics-engine.ts';
import { clouds } from './cloud.ts';
import type { AskTable } from './doctor.ts';
import { defaultCredential } from './identity.ts';
import type { Session } from './session.ts';

export function logsOf(session: Session, credential: TokenCredential): LogAnalyticsEngine {
  const { logs, logsAudience } = session.target.cloud;
  return new LogAnalyticsEngine({
    workspaceId: session.workspace.customerId,
    credential,
    endpoint: logs,
    audience: logsAudience,
  });
}

/** A workspace of the public cloud by its GUID, with whatever login DefaultAzureCredential finds. */
export async function publicWorkspace(workspaceId: string): Promise<LogAnalyticsEngine> {
  const cloud = clouds.public;
  return new LogAnalyticsEngine({
    workspaceId,
    credential: await defaultCredential(cloud, undefined),
    endpoint: cloud.logs,
    audience: cloud.logsAudience,
  });
}

/** Rows of the last seven days; a table that is not there is no error. */
export function tableQuestion(engine: LogAnalyticsEngine): AskTable {
  return async (table) => {
    const query = `union isfuzzy=true (datatable(TimeGenerated:datetime)[]), (${table} | where TimeGenerated > ago(7d)) | summarize Rows = count(), Last = max(TimeGenerated)`;
    const week = { from: new Date(Date.now() - 7 * 86_400_000) };
    try {
      const { rows } = await engine.query(query, { visibility: { timeGenerated: week } });
      const [count, last] = rows[0] ?? [0, null];
      return { rows: Number(count), last: typeof last === 'string' ? last : undefined };
    } catch (error) {
      if (/resolve table|failed to resolve|could not be found/i.test(String(error))) return 'absent';
      throw error;
    }
  };
}
