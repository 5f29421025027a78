import { expect, test } from 'vitest';
import { answers, rows, useEngine } from './evaluate.ts';

useEngine();

const day = (text: string) => `${text}T00:00:00.0000000Z`;
const end = (text: string) => `${text}T23:59:59.9999999Z`;

test('starts and ends of calendar units; weeks begin on Sunday', async () => {
  await answers([
    ['startofday(datetime(2020-06-15 13:45:00))', day('2020-06-15')],
    ['startofday(datetime(2017-01-01 10:10:17), -1)', day('2016-12-31')],
    ['startofweek(datetime(2020-06-15 13:45:00))', day('2020-06-14')],
    ['startofweek(datetime(2020-06-14))', day('2020-06-14')],
    ['startofweek(datetime(2017-01-01), 1)', day('2017-01-08')],
    ['startofmonth(datetime(2017-01-01 10:10:17), -1)', day('2016-12-01')],
    ['startofyear(datetime(2017-01-01), 1)', day('2018-01-01')],
    ['endofday(datetime(2020-02-28 12:00:00), 1)', end('2020-02-29')],
    ['endofweek(datetime(2021-12-26))', end('2022-01-01')],
    ['endofmonth(datetime(2020-02-15))', end('2020-02-29')],
    ['endofmonth(datetime(2017-01-01 10:10:17), 1)', end('2017-02-28')],
    ['endofyear(datetime(9999-12-31))', end('9999-12-31')],
    ['startofday(datetime(null))', null],
  ]);
});

test('parts: weeks of the year are those of ISO 8601', async () => {
  await answers([
    ['dayofweek(datetime(2020-06-15))', '1.00:00:00'],
    ['dayofweek(datetime(1947-11-30 10:00:05))', '00:00:00'],
    ['dayofmonth(datetime(2020-06-15))', 15],
    ['dayofyear(datetime(2020-12-31))', 366],
    ['monthofyear(datetime(2015-12-14))', 12],
    ['getyear(datetime(0001-01-01 00:00:00.0000001))', 1],
    ['hourofday(datetime(2015-12-14 18:54))', 18],
    ['week_of_year(datetime(2016-01-01))', 53],
    ['week_of_year(datetime(2021-12-27))', 52],
    ['datetime_part("quarter", datetime(2017-10-30 01:02:03.7654321))', 4],
    ['datetime_part("dayOfYear", datetime(2017-10-30))', 303],
    ['datetime_part("millisecond", datetime(2017-10-30 01:02:03.7654321))', 765],
    ['datetime_part("microsecond", datetime(2017-10-30 01:02:03.7654321))', 765432],
    ['datetime_part("nanosecond", datetime(2017-10-30 01:02:03.7654321))', 765432100],
  ]);
});

test('datetime_add keeps the ticks and clips to the last day of a month', async () => {
  await answers([
    ['datetime_add("month", 1, datetime(2020-01-31 00:00:00.0000007))', '2020-02-29T00:00:00.0000007Z'],
    ['datetime_add("month", -1, datetime(2020-03-31))', day('2020-02-29')],
    ['datetime_add("year", 1, datetime(2020-02-29))', day('2021-02-28')],
    ['datetime_add("quarter", 1, datetime(2020-01-31))', day('2020-04-30')],
    ['datetime_add("week", 2, datetime(2020-06-15))', day('2020-06-29')],
    ['datetime_add("millisecond", 1500, datetime(2020-01-01))', '2020-01-01T00:00:01.5000000Z'],
    ['datetime_add("day", -1, datetime(2020-03-01))', day('2020-02-29')],
  ]);
});

test('datetime_diff counts the boundaries between', async () => {
  await answers([
    ['datetime_diff("year", datetime(2017-01-01), datetime(2000-12-31))', 17],
    ['datetime_diff("quarter", datetime(2024-03-31), datetime(2020-04-01))', 15],
    ['datetime_diff("month", datetime(2020-03-31), datetime(2020-02-29))', 1],
    ['datetime_diff("week", datetime(2020-12-31), datetime(2020-01-01))', 52],
    ['datetime_diff("day", datetime(2020-03-01), datetime(2020-02-28 23:59:59))', 2],
    ['datetime_diff("hour", datetime(2020-03-01), datetime(2020-02-28 12:00:00))', 36],
    ['datetime_diff("minute", datetime(2020-01-01 10:00), datetime(2020-01-01 10:59:59))', -59],
    ['datetime_diff("day", datetime(null), datetime(2020-01-01))', null],
  ]);
});

test('bin counts from year 1, also for negative and real values', async () => {
  await answers([
    ['bin(datetime(1955-11-05 06:15:00), 7d)', day('1955-10-31')],
    ['bin(datetime(2020-02-28 23:59:59.9999999), 1d)', day('2020-02-28')],
    ['bin(-7, 4)', -8],
    ['bin(-2.5, 1.5)', -3],
    ['bin(4.7, 1)', 4],
    ['bin(-25h, 1d)', '-2.00:00:00'],
    ['bin(16d, 7d)', '14.00:00:00'],
    ['bin(long(null), 4)', null],
    ['floor(7, 2)', 6],
    ['bin_at(1h, 1d, 12h)', '-12:00:00'],
    ['bin_at(6.5, 2.5, 7)', 4.5],
    ['bin_at(datetime(2017-05-17 10:20:00), 7d, datetime(2017-06-04))', day('2017-05-14')],
  ]);
});

test('format_datetime and format_timespan', async () => {
  await answers([
    ['format_datetime(datetime(2017-01-29 09:00:05), "yy-MM-dd [hh:mm:ss tt]")', '17-01-29 [09:00:05 AM]'],
    ['format_datetime(datetime(2017-01-29 09:00:05), "yyyy-M-dd [H:mm:ss]")', '2017-1-29 [9:00:05]'],
    ['format_datetime(datetime(2020-06-15 00:05:09), "M/d/yyyy h:mm:ss tt")', '6/15/2020 12:05:09 AM'],
    ['format_datetime(datetime(2020-01-01 00:00:00.0000001), "fffffff")', '0000001'],
    ['format_datetime(datetime(null), "yyyy")', ''],
    ['format_timespan(time(29.09:00:05.12345), "dd.hh:mm:ss:FF")', '29.09:00:05:12'],
    ['format_timespan(time(29.09:00:05.12345), "ddd.h:mm:ss [fffffff]")', '029.9:00:05 [1234500]'],
    ['format_timespan(-1d - 2h - 30m, "d.hh:mm:ss")', '-1.02:30:00'],
    ['format_timespan(25h + 61m, "h:m")', '2:1'],
  ]);
  await expect(rows('print format_datetime(now(), "MMM")')).rejects.toThrow(/specifier/);
});

test('making times; what no calendar has is null', async () => {
  await answers([
    ['make_datetime(2017, 10, 1)', day('2017-10-01')],
    ['make_datetime(2017, 10, 1, 12, 11, 0.1234567)', '2017-10-01T12:11:00.1234567Z'],
    ['make_datetime(2017, 2, 29)', null],
    ['make_datetime("2016-02-29")', day('2016-02-29')],
    ['make_timespan(1, 12)', '01:12:00'],
    ['make_timespan(1, 12, 23)', '01:12:23'],
    ['make_timespan(1, 12, 30, 55)', '1.12:30:55'],
    ['unixtime_seconds_todatetime(1546300800)', day('2019-01-01')],
    ['unixtime_seconds_todatetime(1546300800.5)', '2019-01-01T00:00:00.5000000Z'],
    ['unixtime_milliseconds_todatetime(1546300800123)', '2019-01-01T00:00:00.1230000Z'],
    ['unixtime_microseconds_todatetime(1546300800000001)', '2019-01-01T00:00:00.0000010Z'],
    ['unixtime_nanoseconds_todatetime(1546300800000000100)', '2019-01-01T00:00:00.0000001Z'],
  ]);
});

test('now and ago read the clock of the query', async () => {
  await answers([
    ['now()', '2026-11-24T12:00:00.0000000Z'],
    ['now(-1d)', '2026-11-23T12:00:00.0000000Z'],
    ['ago(90m)', '2026-11-24T10:30:00.0000000Z'],
  ]);
});

test('time zones, summer time included', async () => {
  await answers([
    ['datetime_local_to_utc(datetime(2020-02-02 20:02:20), "US/Pacific")', '2020-02-03T04:02:20.0000000Z'],
    ['datetime_local_to_utc(datetime(2020-07-02 20:02:20), "Europe/Paris")', '2020-07-02T18:02:20.0000000Z'],
    ['datetime_utc_to_local(datetime(2020-07-02 18:02:20.1234567), "Europe/Paris")', '2020-07-02T20:02:20.1234567Z'],
    ['datetime_utc_to_local(datetime(2020-01-01), "No/Where")', null],
  ]);
});

test('arithmetic of times', async () => {
  await answers([
    ['datetime(2020-06-15) - 1d - 12h', '2020-06-13T12:00:00.0000000Z'],
    ['datetime(2020-01-02) - datetime(2020-01-01)', '1.00:00:00'],
    ['-2 * 1h', '-02:00:00'],
    ['1d / 1h', 24],
    ['1d / 7', '03:25:42.8571428'],
    ['1.5 * 1h', '01:30:00'],
    ['datetime(2020-01-01) + timespan(null)', null],
    ['around(datetime(2021-01-01 01:31), datetime(2021-01-01 01:30), 1min)', true],
    ['datetime(2020-01-05) between (datetime(2020-01-01) .. 7d)', true],
  ]);
});
