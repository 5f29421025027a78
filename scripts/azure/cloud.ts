/** The Azure clouds that Microsoft Sentinel runs in, and the endpoints that the tool talks to in each. */

export type CloudName = 'public' | 'usgovernment' | 'china';

export interface Cloud {
  name: CloudName;
  /** Azure Resource Manager. */
  arm: string;
  /** The audience of a token for Azure Resource Manager; stays the cloud's own behind a private endpoint. */
  armAudience: string;
  /** Log Analytics query API, without version. */
  logs: string;
  logsAudience: string;
  /** Microsoft Entra's token authority. */
  authority: string;
  portal: string;
}

/**
 * Endpoints per cloud: learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure,
 * learn.microsoft.com/azure/china/resources-developer-guide, and the audiences of `@azure/monitor-query-logs`.
 */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  public: {
    name: 'public',
    arm: 'https://management.azure.com',
    armAudience: 'https://management.azure.com',
    logs: 'https://api.loganalytics.io',
    logsAudience: 'https://api.loganalytics.io',
    authority: 'https://login.microsoftonline.com',
    portal: 'https://portal.azure.com',
  },
  usgovernment: {
    name: 'usgovernment',
    arm: 'https://management.usgovcloudapi.net',
    armAudience: 'https://management.usgovcloudapi.net',
    logs: 'https://api.loganalytics.us',
    logsAudience: 'https://api.loganalytics.us',
    authority: 'https://login.microsoftonline.us',
    portal: 'https://portal.azure.us',
  },
  china: {
    name: 'china',
    arm: 'https://management.chinacloudapi.cn',
    armAudience: 'https://management.chinacloudapi.cn',
    logs: 'https://api.loganalytics.azure.cn',
    logsAudience: 'https://api.loganalytics.azure.cn',
    authority: 'https://login.chinacloudapi.cn',
    portal: 'https://portal.azure.cn',
  },
};
