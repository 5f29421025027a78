/** Templates in the many styles in which public playbooks are written. All names are invented. */
import type { Value, ValueObject } from '../../scripts/playbook/value.ts';

const connection = (name: string): ValueObject => ({
  connection: { name: `@parameters('$connections')['${name}']['connectionId']` },
});

export function action(type: string, inputs: Value, runAfter: string[] = [], more: ValueObject = {}): ValueObject {
  return { type, inputs, runAfter: Object.fromEntries(runAfter.map((name) => [name, ['Succeeded']])), ...more };
}

export const api = (
  name: string,
  method: string,
  path: string,
  body?: Value,
  runAfter: string[] = [],
  more: ValueObject = {},
): ValueObject =>
  action(
    'ApiConnection',
    { host: connection(name), method, path, ...(body === undefined ? {} : { body }) },
    runAfter,
    more,
  );

export const trigger = {
  incident: {
    When_Azure_Sentinel_incident_creation_rule_was_triggered: {
      type: 'ApiConnectionWebhook',
      inputs: {
        body: { callback_url: '@{listCallbackUrl()}' },
        host: connection('azuresentinel'),
        path: '/incident-creation',
      },
    },
  },
  alert: {
    When_a_response_to_an_Azure_Sentinel_alert_is_triggered: {
      type: 'ApiConnectionWebhook',
      inputs: { body: { callback_url: '@{listCallbackUrl()}' }, host: connection('azuresentinel'), path: '/subscribe' },
    },
  },
  recurrence: { Recurrence: { type: 'Recurrence', recurrence: { frequency: 'Hour', interval: 1 } } },
  request: { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } },
} as const;

export function workflow(triggers: ValueObject, actions: ValueObject, more: ValueObject = {}): ValueObject {
  return {
    type: 'Microsoft.Logic/workflows',
    apiVersion: '2017-07-01',
    name: "[parameters('PlaybookName')]",
    location: '[resourceGroup().location]',
    identity: { type: 'SystemAssigned' },
    properties: {
      state: 'Enabled',
      definition: {
        $schema:
          'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
        contentVersion: '1.0.0.0',
        parameters: { $connections: { defaultValue: {}, type: 'Object' } },
        triggers,
        actions,
        outputs: {},
      },
      parameters: {
        $connections: {
          value: {
            azuresentinel: {
              connectionId: "[resourceId('Microsoft.Web/connections', variables('AzureSentinelConnectionName'))]",
              connectionName: "[variables('AzureSentinelConnectionName')]",
              id: "[concat('/subscriptions/', subscription().subscriptionId, '/providers/Microsoft.Web/locations/', resourceGroup().location, '/managedApis/azuresentinel')]",
            },
          },
        },
      },
    },
    ...more,
  };
}

export function template(resources: Value[], more: ValueObject = {}): ValueObject {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: { PlaybookName: { defaultValue: 'Synthetic', type: 'String' }, UserName: { type: 'string' } },
    variables: { AzureSentinelConnectionName: "[concat('azuresentinel-', parameters('PlaybookName'))]" },
    resources,
    ...more,
  };
}

/** Name -> template, and the end state that the dry run must reach. */
export const synthetic: Record<string, { template: ValueObject; status: string; failed?: string[] }> = {
  'alert of 2016 with the old case operations': {
    status: 'Succeeded',
    template: template([
      workflow(
        trigger.alert,
        {
          'Alert_-_Get_incident': api(
            'azuresentinel',
            'get',
            "/Cases/@{encodeURIComponent(triggerBody()?['SystemAlertId'])}/@{encodeURIComponent(triggerBody()?['WorkspaceSubscriptionId'])}/@{encodeURIComponent(triggerBody()?['WorkspaceId'])}/@{encodeURIComponent(triggerBody()?['WorkspaceResourceGroup'])}",
          ),
          'Alert_-_Get_accounts': api('azuresentinel', 'post', '/entities/account', "@triggerBody()?['Entities']", [
            'Alert_-_Get_incident',
          ]),
          For_each: {
            type: 'Foreach',
            foreach: "@body('Alert_-_Get_accounts')?['Accounts']",
            actions: {
              Add_comment: api(
                'azuresentinel',
                'put',
                "/Case/@{encodeURIComponent(triggerBody()?['WorkspaceSubscriptionId'])}/@{encodeURIComponent(triggerBody()?['WorkspaceId'])}/@{encodeURIComponent(triggerBody()?['WorkspaceResourceGroup'])}/@{encodeURIComponent('Incident')}/@{encodeURIComponent(body('Alert_-_Get_incident')?['properties']?['CaseNumber'])}/Comment",
                { Value: "@{concat(items('For_each')?['Name'], '@', items('for_each')?['UPNSuffix'])}" },
              ),
            },
            runAfter: { 'Alert_-_Get_accounts': ['Succeeded'] },
          },
        },
        { apiVersion: '2016-06-01' },
      ),
    ]),
  },
  'entities looked up at a reputation service, in nested loops': {
    status: 'Succeeded',
    template: template([
      workflow(trigger.incident, {
        'Entities_-_Get_IPs': api(
          'azuresentinel',
          'post',
          '/entities/ip',
          "@triggerBody()?['object']?['properties']?['relatedEntities']",
        ),
        For_each: {
          type: 'Foreach',
          foreach: "@body('Entities_-_Get_IPs')?['IPs']",
          runAfter: { 'Entities_-_Get_IPs': ['Succeeded'] },
          actions: {
            HTTP: action(
              'Http',
              {
                method: 'GET',
                uri: "https://reputation.contoso.example/v3/@{items('For_each')?['Address']}",
                headers: { 'x-key': "@body('Get_secret')?['value']" },
                retryPolicy: { type: 'fixed', interval: 'PT10S', count: 2 },
              },
              ['Get_secret'],
            ),
            Get_secret: api('keyvault', 'get', "/secrets/@{encodeURIComponent('Key')}/value"),
            Parse_JSON: action(
              'ParseJson',
              {
                content: "@body('HTTP')",
                schema: {
                  type: 'object',
                  properties: {
                    data: {
                      type: 'array',
                      items: {
                        type: 'object',
                        properties: { score: { type: 'integer' }, names: { type: 'array' } },
                        required: ['score'],
                      },
                    },
                  },
                },
              },
              ['HTTP'],
            ),
            For_each_2: {
              type: 'Foreach',
              foreach: "@body('Parse_JSON')?['data']",
              runAfter: { Parse_JSON: ['Succeeded'] },
              actions: {
                Condition: {
                  type: 'If',
                  expression: {
                    and: [
                      { greater: ["@items('For_each_2')?['score']", 50] },
                      { not: { equals: ["@length(items('For_each_2')?['names'])", 0] } },
                    ],
                  },
                  actions: {
                    Note: api('azuresentinel', 'post', '/Incidents/Comment', {
                      incidentArmId: "@triggerBody()?['object']?['id']",
                      message: "<p>@{items('For_each')?['Address']}: @{items('For_each_2')?['score']}</p>",
                    }),
                  },
                  else: { actions: { Nothing: action('Compose', 'low') } },
                  runAfter: {},
                },
              },
            },
          },
        },
      }),
    ]),
  },
  'expressions that the template makes': {
    status: 'Succeeded',
    template: template(
      [
        workflow(trigger.incident, {
          Compose: action(
            'Compose',
            "[concat('@{triggerBody()?[''object'']?[''properties'']?[''title'']} for ', parameters('UserName'))]",
          ),
          Compose_2: action('Compose', "[concat('@parameters(''', '$connections', ''')')]", ['Compose']),
          Literal: action('Compose', '[[not an expression]', ['Compose_2']),
        }),
      ],
      {},
    ),
  },
  'paging with Until, variables and a data collector': {
    status: 'Succeeded',
    template: template([
      workflow(trigger.recurrence, {
        Initialize_next: action('InitializeVariable', {
          variables: [
            {
              name: 'NextLink',
              type: 'string',
              value: "https://api.contoso.example/items?since=@{addDays(utcNow(), -1, 'yyyy-MM-dd')}",
            },
          ],
        }),
        Initialize_all: action('InitializeVariable', { variables: [{ name: 'All', type: 'Array' }] }, [
          'Initialize_next',
        ]),
        Until: {
          type: 'Until',
          expression: "@equals(empty(variables('NextLink')), true)",
          limit: { count: 5, timeout: 'PT1H' },
          runAfter: { Initialize_all: ['Succeeded'] },
          actions: {
            Get: action('Http', {
              method: 'GET',
              uri: "@variables('NextLink')",
              authentication: { type: 'ManagedServiceIdentity', audience: 'https://api.contoso.example' },
            }),
            Merge: action('Compose', "@union(variables('All'), body('Get')?['value'])", ['Get']),
            Set_all: action('SetVariable', { name: 'All', value: "@outputs('Merge')" }, ['Merge']),
            Set_next: action('SetVariable', { name: 'NextLink', value: "@{body('Get')?['@odata.nextLink']}" }, [
              'Set_all',
            ]),
          },
        },
        Send: {
          type: 'Foreach',
          foreach: "@variables('All')",
          actions: {
            Send_Data: action('ApiConnection', {
              body: "@{items('Send')}",
              headers: { 'Log-Type': 'Contoso', 'time-generated-field': "@items('Send')?['created']" },
              host: connection('azureloganalyticsdatacollector'),
              method: 'post',
              path: '/api/logs',
            }),
          },
          runAfter: { Until: ['Succeeded'] },
          operationOptions: 'Sequential',
        },
      }),
    ]),
  },
  'approval by mail and by adaptive card': {
    status: 'Succeeded',
    template: template([
      workflow(trigger.incident, {
        Send_approval_email: action('ApiConnectionWebhook', {
          body: {
            Message: {
              To: 'duty@contoso.example',
              Options: 'Block, Ignore',
              Subject: "@triggerBody()?['object']?['properties']?['title']",
            },
            NotificationUrl: '@{listCallbackUrl()}',
          },
          host: connection('office365'),
          path: '/approvalmail/$subscriptions',
        }),
        Card: action(
          'ApiConnectionWebhook',
          {
            body: {
              body: {
                messageBody:
                  '{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"@{triggerBody()?[\'object\']?[\'properties\']?[\'severity\']}"}]}',
                recipient: { channelId: '19:x' },
              },
              notificationUrl: '@{listCallbackUrl()}',
            },
            host: connection('teams'),
            path: "/v1.0/teams/conversation/gatherinput/poster/Flow bot/location/@{encodeURIComponent('Channel')}/$subscriptions",
          },
          ['Send_approval_email'],
        ),
        Switch: {
          type: 'Switch',
          expression: "@body('Card')?['data']?['choice']",
          cases: {
            Case: {
              case: 'close',
              actions: {
                Close: api('azuresentinel', 'put', '/Incidents', {
                  incidentArmId: "@triggerBody()?['object']?['id']",
                  status: 'Closed',
                  classification: {
                    ClassificationAndReason: 'TruePositive - SuspiciousActivity',
                    ClassificationReasonText: '',
                  },
                }),
              },
            },
          },
          default: { actions: {} },
          runAfter: { Card: ['Succeeded'] },
        },
        Condition: {
          type: 'If',
          expression: "@equals(body('Send_approval_email')?['SelectedOption'], 'Block')",
          actions: { Stop: action('Terminate', { runStatus: 'Succeeded' }) },
          runAfter: { Switch: ['Succeeded', 'Failed', 'Skipped', 'TimedOut'] },
        },
      }),
    ]),
  },
  'function app, automation runbook, custom connector and inline code': {
    status: 'Succeeded',
    template: template([
      {
        type: 'Microsoft.Web/customApis',
        apiVersion: '2016-06-01',
        name: 'contoso',
        location: 'westeurope',
        properties: {},
      },
      workflow(trigger.alert, {
        Function: action('Function', {
          body: "@triggerBody()?['ExtendedProperties']",
          function: { id: "[concat(resourceId('Microsoft.Web/sites', 'contoso-app'), '/functions/Enrich')]" },
        }),
        Create_job: action(
          'ApiConnection',
          {
            body: { properties: { parameters: { Host: "@body('Function')?['host']" } } },
            host: connection('azureautomation'),
            method: 'put',
            path: "@concat('/subscriptions/', encodeURIComponent('11111111'), '/providers/Microsoft.Automation/automationAccounts/', encodeURIComponent('contoso'), '/jobs')",
            queries: { wait: true, 'x-ms-api-version': '2015-10-31' },
          },
          ['Function'],
        ),
        Output: api(
          'azureautomation',
          'get',
          "@concat('/jobs/', encodeURIComponent(body('Create_job')?['properties']?['jobId']), '/output')",
          undefined,
          ['Create_job'],
        ),
        Custom: api('contoso', 'post', '/devices/query', { fql: "hostname:'@{body('Output')}'" }, ['Output']),
        Code: action('JavaScriptCode', { code: 'return workflowContext.trigger.outputs;' }, ['Custom']),
        Many: {
          type: 'Foreach',
          foreach: "@body('Code')?['items']",
          actions: { Item: action('Compose', "@item()?['name']") },
          runAfter: { Code: ['Succeeded'] },
        },
      }),
    ]),
  },
  'a playbook that calls another of the same template': {
    status: 'Succeeded',
    template: template([
      workflow(trigger.incident, {
        Base: action('Workflow', {
          host: { triggerName: 'manual', workflow: { id: "[resourceId('Microsoft.Logic/workflows', 'Base')]" } },
          body: { ip: '192.0.2.1' },
        }),
        Found: {
          type: 'Foreach',
          foreach: "@body('Base')?['results']",
          actions: { Item: action('Compose', "@items('Found')") },
          runAfter: { Base: ['Succeeded'] },
        },
      }),
      workflow(
        trigger.request,
        {
          Response: action('Response', { statusCode: 200, body: { results: ["@triggerBody()?['ip']"] } }, [], {
            kind: 'Http',
          }),
        },
        { name: 'Base' },
      ),
    ]),
  },
  'copy loops, nested deployments and child resources': {
    status: 'Succeeded',
    template: template([
      {
        type: 'Microsoft.Resources/deployments',
        apiVersion: '2019-10-01',
        name: 'nested',
        properties: {
          mode: 'Incremental',
          expressionEvaluationOptions: { scope: 'inner' },
          parameters: { Names: { value: ['a', 'b'] } },
          template: {
            parameters: { Names: { type: 'Array' }, PlaybookName: { type: 'string', defaultValue: 'Inner' } },
            variables: { AzureSentinelConnectionName: 'azuresentinel-inner' },
            resources: [
              {
                ...workflow(trigger.recurrence, { Compose: action('Compose', '@utcNow()') }),
                name: "[concat('copy-', parameters('Names')[copyIndex()])]",
                copy: { name: 'loop', count: "[length(parameters('Names'))]" },
              },
            ],
          },
        },
      },
      {
        type: 'Microsoft.OperationalInsights/workspaces',
        apiVersion: '2020-08-01',
        name: 'ws',
        location: 'westeurope',
        resources: [{ type: 'providers/alertRules', name: 'x', apiVersion: '2020-01-01', properties: {} }],
      },
    ]),
  },
  'failures that are handled': {
    status: 'Succeeded',
    failed: [
      `Bad: int() takes an integer, not "no number"`,
      `Try: the action 'Bad' failed: int() takes an integer, not "no number"`,
    ],
    template: template([
      workflow(trigger.request, {
        Try: { type: 'Scope', actions: { Bad: action('Compose', "@int('no number')") }, runAfter: {} },
        Catch: action('Query', { from: "@result('Try')", where: "@equals(item()?['status'], 'Failed')" }, [], {
          runAfter: { Try: ['Failed', 'TimedOut'] },
        }),
        Names: action(
          'Select',
          { from: "@body('Catch')", select: { name: "@item()['name']", "@{item()['status']}": '@{item()}' } },
          ['Catch'],
        ),
        Table: action(
          'Table',
          { from: "@body('Names')", format: 'HTML', columns: [{ header: 'Name', value: "@item()?['name']" }] },
          ['Names'],
        ),
        Joined: action('Join', { from: "@createArray('a', 'b')", joinWith: ', ' }, ['Table']),
        Response: action('Response', { statusCode: 200, body: "@{body('Table')}@{body('Joined')}" }, ['Joined'], {
          kind: 'Http',
        }),
      }),
    ]),
  },
  'batches and workflows of other groups': {
    status: 'Succeeded',
    template: template([
      workflow(
        {
          Batch_messages: {
            type: 'Batch',
            inputs: { configurations: { b: { releaseCriteria: { messageCount: 10 } } }, mode: 'Inline' },
          },
        },
        {
          Each: {
            type: 'Foreach',
            foreach: "@triggerBody()['items']",
            actions: {
              Send: action('SendToBatch', {
                batchName: 'b',
                content: "@items('Each')['content']",
                host: {
                  triggerName: 'Batch_messages',
                  workflow: { id: '/subscriptions/x/providers/Microsoft.Logic/workflows/other' },
                },
              }),
            },
            runAfter: {},
          },
          Other: action(
            'Workflow',
            {
              body: {},
              host: {
                triggerName: 'manual',
                workflow: {
                  id: "[concat('/subscriptions/', subscription().subscriptionId, '/resourceGroups/', resourceGroup().name, '/providers/Microsoft.Logic/workflows/', parameters('UserName'))]",
                },
              },
            },
            ['Each'],
          ),
        },
      ),
    ]),
  },
  'XML answers': {
    status: 'Succeeded',
    template: template([
      workflow(trigger.recurrence, {
        Get: action('Http', { method: 'GET', uri: 'https://feed.contoso.example/rss' }),
        Items: action('Compose', "@xpath(xml(body('Get')), '//item')", ['Get']),
        Json: action('Compose', "@json(xml(body('Get')))", ['Items']),
        Title: action('Compose', "@xpath(xml('<a><b>1</b></a>'), 'string(/a/b)')", ['Json']),
      }),
    ]),
  },
  'text taken apart': {
    status: 'Succeeded',
    template: template([
      workflow(trigger.incident, {
        Part: action('Compose', "@split(triggerBody()?['object']?['id'], '/')[8]"),
        Rule: action(
          'Compose',
          "@last(split(first(triggerBody()?['object']?['properties']?['relatedAnalyticRuleIds']), '/'))",
          ['Part'],
        ),
        Http: action('Http', { method: 'POST', uri: 'https://api.contoso.example' }, ['Rule']),
        Fourth: action('Compose', "@split(body('Http')?['path'], '-')[3]", ['Http']),
        Cut: action('Compose', "@substring(body('Http')?['text'], 0, 100)", ['Fourth']),
        Parsed: action('Compose', "@json(body('Http')?['inner'])?['list'][0]['deep']", ['Cut']),
        Ticks: action('Compose', "@div(sub(ticks(body('Http')?['end']), ticks(body('Http')?['start'])), 10000000)", [
          'Parsed',
        ]),
        Decoded: action('Compose', "@base64ToString(body('Http')?['content'])", ['Ticks']),
        Case: action('Compose', "@ToUpper(TriggerBody()?['Object']?['Properties']?['Title'])", ['Decoded']),
      }),
    ]),
  },
};
