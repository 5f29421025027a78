/** What functions of workflows expect of their arguments, by folded name. */

/** Functions whose result holds the same items as their first argument. */
export const passing = new Set(['skip', 'take', 'sort', 'reverse', 'union', 'intersection', 'coalesce']);
export const textFunctions = new Set([
  'concat',
  'substring',
  'slice',
  'replace',
  'tolower',
  'toupper',
  'indexof',
  'lastindexof',
  'startswith',
  'endswith',
  'trim',
  'uricomponent',
  'encodeuricomponent',
  'base64',
  'string',
]);
export const numberFunctions = new Set([
  'int',
  'float',
  'add',
  'sub',
  'mul',
  'div',
  'mod',
  'min',
  'max',
  'range',
  'formatnumber',
]);
export const orderFunctions = new Set(['greater', 'greaterorequals', 'less', 'lessorequals']);
export const dateFunctions = new Set([
  'ticks',
  'adddays',
  'addhours',
  'addminutes',
  'addseconds',
  'addtotime',
  'subtractfromtime',
  'formatdatetime',
  'parsedatetime',
  'converttimezone',
  'converttoutc',
  'convertfromutc',
  'startofday',
  'startofhour',
  'startofmonth',
  'dayofweek',
  'dayofmonth',
  'dayofyear',
  'datedifference',
]);
export const base64Functions = new Set(['base64tostring', 'decodebase64', 'base64tobinary']);
