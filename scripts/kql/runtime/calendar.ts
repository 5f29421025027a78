/** Making datetimes and timespans of their parts. */
import { TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, ticksOf } from './datetime.ts';

/** `make_datetime()`; null where a part is out of its range. Seconds may have a fraction. */
export function makeDatetime(
  year: bigint,
  month: bigint,
  day: bigint,
  hour = 0n,
  minute = 0n,
  seconds = 0,
): bigint | undefined {
  const ticks = Math.round(seconds * 1e7);
  return ticksOf({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Math.floor(ticks / 1e7),
    fraction: ticks % 1e7,
  });
}

/** `make_timespan(hours, minutes, seconds?)` or `make_timespan(days, hours, minutes, seconds)`. */
export function makeTimespan(first: bigint, second: bigint, third = 0, fourth?: number): bigint {
  const [days, hours, minutes, seconds] =
    fourth === undefined ? [0n, first, second, third] : [first, second, BigInt(Math.trunc(third)), fourth];
  const whole = days * TICKS_PER_DAY + hours * TICKS_PER_HOUR + minutes * TICKS_PER_MINUTE;
  return whole + BigInt(Math.round(seconds * 1e7));
}
