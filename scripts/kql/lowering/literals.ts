/** Literals of every form: https://learn.microsoft.com/kusto/query/scalar-data-types. */
import type { KustoType } from '../../engines/query-engine.ts';
import type { ConstantValue, SqlExpression } from '../functions/registry.ts';
import { formatDatetime, parseDatetime } from '../runtime/datetime.ts';
import { type Dynamic, dynamicToJson, parseDynamic } from '../runtime/dynamic.ts';
import { formatTimespan, parseTimespan } from '../runtime/timespan.ts';
import type { SyntaxNode } from '../syntax.ts';
import { sqlNull, sqlText, sqlTypes } from './relation.ts';
import type { Translation } from './translation.ts';

/** SQL of a constant; ticks and longs are bigint, reals number, the others text, bool boolean. */
export function constant(value: ConstantValue, type: KustoType): SqlExpression {
  return { sql: constantSql(value, type), type, constant: value };
}

function constantSql(value: ConstantValue, type: KustoType): string {
  if (value === null) return sqlNull(type);
  switch (type) {
    case 'string':
    case 'dynamic':
      return sqlText(String(value));
    case 'bool':
      return String(value);
    case 'real':
      return Number.isFinite(value) && !Object.is(value, -0) ? `${value}::DOUBLE` : `'${value}'::DOUBLE`;
    case 'decimal':
    case 'guid':
      return `'${value}'::${sqlTypes[type]}`;
    case 'long':
    case 'datetime':
    case 'timespan':
      // The smallest BIGINT has no literal: its digits overflow before the sign is seen.
      return `${value === -9223372036854775808n ? "'-9223372036854775808'" : value}::BIGINT`;
    case 'int':
      return `${value === -2147483648n ? "'-2147483648'" : value}::INTEGER`;
    default:
      return `${value}::${sqlTypes[type]}`;
  }
}

/** The text between the parentheses of a literal such as `datetime(2020-01-01)`, without quotes; the whole text otherwise. */
function inner(text: string): string {
  const match = /^\s*[a-z]+\s*\(([\s\S]*)\)\s*$/i.exec(text);
  const value = (match?.[1] ?? text).trim();
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

/** A date as a literal may have it besides: `2025, 6, 14` and `2017 - 08 - 01`. */
const LOOSE_DATE = /^(\d{4})\s*[-,]\s*(\d{1,2})\s*[-,]\s*(\d{1,2})$/;

export function literal(node: SyntaxNode, t: Translation): SqlExpression {
  const text = node.text.trim();
  switch (node.kind) {
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      if (typeof node.constant !== 'string') return t.unsupported('this text', node);
      return constant(node.constant, 'string');
    case 'BooleanLiteralExpression':
      return constant(booleanOf(node, text), 'bool');
    case 'IntLiteralExpression':
    case 'LongLiteralExpression':
      return constant(integerOf(node, text, t), node.kind.startsWith('Int') ? 'int' : 'long');
    case 'RealLiteralExpression':
      return constant(realOf(text), 'real');
    case 'DecimalLiteralExpression': {
      const value = inner(text);
      return constant(value === 'null' ? null : value, 'decimal');
    }
    case 'DateTimeLiteralExpression': {
      const value = inner(text);
      if (value === 'null') return constant(null, 'datetime');
      const ticks = parseDatetime(value) ?? parseDatetime(value.replace(LOOSE_DATE, '$1-$2-$3'));
      if (ticks === undefined) return t.fail(`'${value}' is not a datetime`, node);
      return constant(ticks, 'datetime');
    }
    case 'TimespanLiteralExpression': {
      const value = inner(text);
      if (value === 'null') return constant(null, 'timespan');
      const ticks = parseTimespan(value);
      if (ticks === undefined) return t.fail(`'${value}' is not a timespan`, node);
      return constant(ticks, 'timespan');
    }
    case 'TypeOfLiteralExpression':
      // `typeof(long)` as an argument: the binder has made it the result type of the call
      return constant(null, 'dynamic');
    case 'GuidLiteralExpression': {
      const value = inner(text);
      return constant(value === 'null' ? null : value.toLowerCase(), 'guid');
    }
    case 'NullLiteralExpression':
      return constant(null, 'dynamic');
    default:
      return t.unsupported(node.kind, node);
  }
}

function booleanOf(node: SyntaxNode, text: string): boolean | null {
  if (typeof node.constant === 'boolean') return node.constant;
  const value = inner(text).toLowerCase();
  return value === 'null' ? null : value === 'true' || value === '1';
}

function integerOf(node: SyntaxNode, text: string, t: Translation): bigint | null {
  const value = inner(text).toLowerCase();
  if (value === 'null') return null;
  if (!/^-?(\d+|0x[0-9a-f]+)$/.test(value)) return t.fail(`'${value}' is not a whole number`, node);
  const negative = value.startsWith('-');
  const digits = BigInt(negative ? value.slice(1) : value);
  const bits = node.kind.startsWith('Int') ? 32 : 64;
  // Hexadecimal digits may fill all bits.
  const number = value.includes('0x') ? BigInt.asIntN(bits, digits) : digits;
  if (number >= 1n << BigInt(bits - 1)) return t.fail(`${value} does not fit ${bits} bits`, node);
  return negative ? -number : number;
}

function realOf(text: string): number | null {
  const value = inner(text).toLowerCase();
  if (value === 'null') return null;
  if (value === 'nan') return Number.NaN;
  const infinity = /^([+-]?)inf(inity)?$/.exec(value);
  if (infinity) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(value);
}

/** `dynamic(...)`: JSON that may hold Kusto literals as well. */
export function dynamicLiteral(node: SyntaxNode, t: Translation): SqlExpression {
  const value = jsonValue(node.field('Expression') ?? node, t);
  return constant(value === null ? null : dynamicToJson(value), 'dynamic');
}

function jsonValue(node: SyntaxNode, t: Translation): Dynamic {
  switch (node.kind) {
    case 'JsonObjectExpression':
      return new Map(
        node.items('Pairs').map((pair) => {
          const name = pair.children.find((child) => child.kind === 'StringLiteralToken');
          const key = pair.field('Name') ?? name;
          return [unquote(key?.text ?? ''), jsonValue(pair.field('Value') as SyntaxNode, t)];
        }),
      );
    case 'JsonArrayExpression':
      return node.items('Values').map((item) => jsonValue(item, t));
    case 'DynamicExpression':
      return jsonValue(node.field('Expression') as SyntaxNode, t);
    case 'UnaryMinusExpression': {
      const inner = node.field('Expression') as SyntaxNode;
      // the digits of the least long are too great without their sign
      if (/^\d+$/.test(inner.text.trim())) return parseDynamic(`-${inner.text.trim()}`);
      const value = jsonValue(inner, t);
      if (typeof value === 'number' || typeof value === 'bigint') return -value;
      return t.unsupported('this dynamic literal', node);
    }
    default: {
      const value = literal(node, t);
      if (value.constant === null || value.constant === undefined) return null;
      if (value.type === 'datetime') return formatDatetime(value.constant as bigint);
      if (value.type === 'timespan') return formatTimespan(value.constant as bigint);
      return value.type === 'dynamic' ? parseDynamic(String(value.constant)) : value.constant;
    }
  }
}

/** The text of a JSON string in either quote. */
function unquote(text: string): string {
  if (text.startsWith('"')) {
    try {
      return JSON.parse(text) as string;
    } catch {
      // Kusto allows escapes that JSON does not have.
    }
  }
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}
