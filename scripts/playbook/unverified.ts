/**
 * What the runner takes to be so without proof: no run of Azure was at hand to compare with. Each entry says what is
 * assumed, and what a difference would mean. Tests of these carry no more weight than this list.
 */
export interface Assumption {
  area: 'expressions' | 'functions' | 'actions' | 'connectors' | 'templates';
  assumed: string;
  /** What to look at in Azure to settle it. */
  check: string;
}

export const assumptions: readonly Assumption[] = [
  {
    area: 'expressions',
    assumed:
      'Names of functions, actions, parameters, variables and properties are found without regard to case; an exact name comes first.',
    check: "Compose @triggerBody()?['OBJECT'] on an incident.",
  },
  {
    area: 'expressions',
    assumed: 'if() evaluates only the chosen branch; and(), or() and coalesce() evaluate all arguments.',
    check: "Compose @if(true, 'x', int('y')) and @or(true, equals(int('y'), 1)).",
  },
  {
    area: 'expressions',
    assumed:
      'true and false print as True and False inside text, null as nothing, objects as compact JSON without escapes of < and >.',
    check: 'Compose \'@{true} @{null} @{json(\'{"a":"<"}\')}\'.',
  },
  {
    area: 'expressions',
    assumed: 'The body of a skipped action, and of one that has not run, is null.',
    check: 'Read the body of an action in a branch that was not taken.',
  },
  {
    area: 'functions',
    assumed:
      'Division of integers truncates towards zero, the remainder has the sign of the dividend, integers have 64 bits and overflow is refused.',
    check: 'Compose @div(-11, 5), @mod(-7, 2), @add(9223372036854775807, 1).',
  },
  {
    area: 'functions',
    assumed:
      'A number counts as real when it was written with a point or made by float() or decimal(); a whole number that came as 2.0 in JSON counts as an integer.',
    check: "Compose @div(json('2.0'), 4).",
  },
  {
    area: 'functions',
    assumed:
      'int(), length(), split(), replace() and the other text functions refuse null; empty(null) is true; first() and last() of nothing are null.',
    check: 'Compose each with null.',
  },
  {
    area: 'functions',
    assumed:
      'A timestamp without zone counts as UTC and prints with Z, except the results of convertFromUtc() and convertTimeZone(), which print without.',
    check: "Compose @addDays('2026-01-01', 1).",
  },
  {
    area: 'functions',
    assumed:
      'Formats of dates and numbers follow .NET; names of months and days come from the browser standard, which differs from .NET in a few languages.',
    check: "Compose @formatDateTime(utcNow(), 'D', 'fr-FR').",
  },
  {
    area: 'functions',
    assumed: 'contains() of a text minds case, indexOf(), startsWith() and endsWith() do not.',
    check: "Compose @contains('abc', 'B').",
  },
  {
    area: 'functions',
    assumed:
      'xml() answers binary content of type application/xml, xpath() a list of texts or of such contents; XML becomes JSON by the rules of JSON.NET.',
    check: "Compose @xpath(xml('<a><b>1</b></a>'), '/a/b').",
  },
  {
    area: 'functions',
    assumed: 'addProperty() refuses a property that is there; setProperty() makes one that is not.',
    check: 'Compose both.',
  },
  {
    area: 'actions',
    assumed:
      'A failed, timed out or cancelled end of a branch fails its scope; an Until has the status of its last iteration, and succeeds when it reaches its limits unless operationOptions say FailWhenLimitsReached.',
    check: 'An Until whose condition never holds.',
  },
  {
    area: 'actions',
    assumed:
      'A Foreach runs 20 iterations at a time; an Until repeats 60 times within an hour unless it says otherwise.',
    check: 'The run history of a loop over 100 items with a Wait.',
  },
  {
    area: 'actions',
    assumed: 'The limit of an action counts for each attempt of a call, not for all of them together.',
    check: 'A call with limit PT10S and retries against a slow address.',
  },
  {
    area: 'actions',
    assumed:
      'Default retries wait 7.5, 15, 30 and 45 seconds; the random part is left out. Webhooks are not tried again.',
    check: 'The run history of a call that answers 500.',
  },
  {
    area: 'actions',
    assumed: 'ParseJson accepts what a broken schema says nothing about, reads text as JSON, and ignores formats.',
    check: 'A schema of type "nonsense".',
  },
  {
    area: 'actions',
    assumed: 'An HTML table encodes its values; a condition with the text "true" holds.',
    check: 'A Table over [{"a": "<b>"}].',
  },
  {
    area: 'actions',
    assumed: 'A workflow without Response answers its caller 202 at once; only the first Response of a run counts.',
    check: 'A Workflow action that calls such a workflow.',
  },
  {
    area: 'connectors',
    assumed:
      'Operations and fields of azuresentinel are those of the facts about the connector; classification takes the four words with their reasons.',
    check: 'Run close-use on an incident of a test workspace.',
  },
  {
    area: 'connectors',
    assumed:
      'Incident tasks and watchlist items can be read and written with the REST API, version 2025-09-01, by an identity with Microsoft Sentinel Responder.',
    check: 'Run open-tasks and close-use in a test workspace.',
  },
  {
    area: 'connectors',
    assumed:
      'Answers to approval mails carry SelectedOption and UserEmailAddress; azuremonitorlogs takes the time range "Set in query".',
    check: 'Run declare-activation and notify-responders in a test workspace.',
  },
  {
    area: 'connectors',
    assumed:
      'Application permissions of Microsoft Graph do not reach accounts with an administrative role without a directory role.',
    check: 'Run contain-administrator against a test administrator.',
  },
  {
    area: 'templates',
    assumed: 'uniqueString() and guid() need not match Azure; reference() and listKeys() stand for texts.',
    check: 'Nothing: no playbook depends on their values.',
  },
];
