/** Local time of a time zone, by the names of https://learn.microsoft.com/kusto/query/timezone (IANA), from Node's own zone data. */
import { dateParts, MAX_TICKS, TICKS_PER_MILLISECOND, ticksOf, UNIX_EPOCH_TICKS } from './datetime.ts';

const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

function formatterOf(zone: string): Intl.DateTimeFormat | undefined {
  if (!formatters.has(zone)) {
    let formatter: Intl.DateTimeFormat | undefined;
    try {
      formatter = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        era: 'short',
      });
    } catch {
      formatter = undefined;
    }
    formatters.set(zone, formatter);
  }
  return formatters.get(zone);
}

/** `datetime_utc_to_local()`; null where the zone is not known. */
export function utcToLocal(utc: bigint, zone: string): bigint | undefined {
  const formatter = formatterOf(zone);
  if (!formatter) return undefined;
  const milliseconds = Number((utc - UNIX_EPOCH_TICKS) / TICKS_PER_MILLISECOND);
  const parts = Object.fromEntries(
    formatter.formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]),
  );
  const local = ticksOf({
    year: parts.year ?? 0,
    month: parts.month ?? 1,
    day: parts.day ?? 1,
    hour: parts.hour ?? 0,
    minute: parts.minute ?? 0,
    second: parts.second ?? 0,
    fraction: dateParts(utc).fraction,
  });
  return local !== undefined && local <= MAX_TICKS ? local : undefined;
}

/**
 * `datetime_local_to_utc()`. A local time that comes twice is the earlier one's offset before the change; one that is
 * skipped is read with the offset before the gap.
 */
export function localToUtc(local: bigint, zone: string): bigint | undefined {
  const first = utcToLocal(local, zone);
  if (first === undefined) return undefined;
  const guess = local - (first - local);
  const again = utcToLocal(guess, zone);
  return again === undefined ? guess : guess - (again - local);
}
