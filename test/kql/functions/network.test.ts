import { test } from 'vitest';
import { answers, useEngine } from './evaluate.ts';

useEngine();

test('IPv4 addresses and prefixes', async () => {
  await answers([
    ['parse_ipv4("192.0.2.1")', 3221225985],
    ['parse_ipv4("192.0.2.1/24")', 3221225984],
    ['parse_ipv4("192.0.2.256")', null],
    ['parse_ipv4("")', null],
    ['parse_ipv4_mask("192.0.2.77", 24)', 3221225984],
    ['ipv4_compare("192.0.2.1", "192.0.2.2")', -1],
    ['ipv4_compare("192.0.2.1/24", "192.0.2.255")', 0],
    ['ipv4_compare("192.0.2.1", "192.0.2.0", 31)', 0],
    ['ipv4_is_match("192.0.2.1", "192.0.2.255/24")', true],
    ['ipv4_is_match("192.0.2.1", "not an address")', null],
    ['ipv4_is_in_range("192.0.2.77", "192.0.2.0/24")', true],
    ['ipv4_is_in_range("198.51.100.1", "192.0.2.0/24")', false],
    ['ipv4_is_in_any_range("192.0.2.77", "198.51.100.0/24", "192.0.2.0/24")', true],
    ['ipv4_is_in_any_range("192.0.2.77", dynamic(["198.51.100.0/24", "203.0.113.0/24"]))', false],
    ['ipv4_is_private("10.1.2.3")', true],
    ['ipv4_is_private("172.32.0.1")', false],
    ['ipv4_is_private("127.0.0.1")', false],
    ['ipv4_is_private("")', null],
    ['ipv4_netmask_suffix("192.0.2.1/24")', 24],
    ['ipv4_netmask_suffix("192.0.2.1")', 32],
    ['format_ipv4("192.0.2.255", 24)', '192.0.2.0'],
    ['format_ipv4(3221225985)', '192.0.2.1'],
    ['format_ipv4_mask("192.0.2.255", 24)', '192.0.2.0/24'],
    ['format_ipv4("x")', ''],
    ['ipv4_range_to_cidr_list("192.0.2.0", "192.0.2.5")', ['192.0.2.0/30', '192.0.2.4/31']],
  ]);
});

test('IPv6 addresses; IPv4 ones are the mapped ones', async () => {
  await answers([
    ['parse_ipv6("192.0.2.1")', '0000:0000:0000:0000:0000:ffff:c000:0201'],
    ['parse_ipv6("2001:db8::1")', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    ['parse_ipv6(":::")', ''],
    ['parse_ipv6_mask("2001:db8::ff", 120)', '2001:0db8:0000:0000:0000:0000:0000:0000'],
    ['parse_ipv6_mask("192.168.255.255/24", 124)', '0000:0000:0000:0000:0000:ffff:c0a8:ff00'],
    ['ipv6_compare("2001:db8::1", "2001:db8::2")', -1],
    ['ipv6_compare("2001:db8::1/120", "2001:db8::2")', 0],
    ['ipv6_is_match("192.0.2.1", "::ffff:c000:0201")', true],
    ['ipv6_is_match("2001:db8::1", "2001:db8::2", 127)', false],
    ['ipv6_is_in_range("2001:db8::1", "2001:db8::/32")', true],
    ['ipv6_is_in_any_range("2001:db8::1", dynamic(["2001:db9::/32", "2001:db8::/32"]))', true],
  ]);
});

test('addresses inside of a text', async () => {
  const line = '"05:04:54 127.0.0.1 GET /favicon.ico 404"';
  await answers([
    [`has_ipv4(${line}, "127.0.0.1")`, true],
    ['has_ipv4("05:04:54127.0.0.1 GET", "127.0.0.1")', false],
    ['has_ipv4("127.0.0.1.5", "127.0.0.1")', false],
    [`has_any_ipv4(${line}, dynamic(["127.0.0.1", "192.0.2.1"]))`, true],
    [`has_ipv4_prefix(${line}, "127.0.")`, true],
    [`has_any_ipv4_prefix(${line}, "127.0")`, false],
    [`has_any_ipv4_prefix(${line}, dynamic(["192.", "127."]))`, true],
  ]);
});

test('URLs, paths, CSV, command lines, XML', async () => {
  await answers([
    [
      'parse_url("https://user:pass@contoso.com:8443/a/b?k1=v1&k2=#top")',
      {
        Scheme: 'https',
        Host: 'contoso.com',
        Port: '8443',
        Path: '/a/b',
        Username: 'user',
        Password: 'pass',
        'Query Parameters': { k1: 'v1', k2: '' },
        Fragment: 'top',
      },
    ],
    ['tostring(parse_url("https://contoso.com/x").Host)', 'contoso.com'],
    ['parse_urlquery("k1=v1&k2=v2")', { 'Query Parameters': { k1: 'v1', k2: 'v2' } }],
    [
      'parse_path(@"C:\\temp\\file.txt")',
      {
        Scheme: '',
        RootPath: 'C:\\',
        DirectoryPath: 'C:\\temp',
        DirectoryName: 'temp',
        Filename: 'file.txt',
        Extension: 'txt',
        AlternateDataStreamName: '',
      },
    ],
    ['parse_csv("aa,\\"b,b\\",\\"say \\"\\"hi\\"\\"\\"")', ['aa', 'b,b', 'say "hi"']],
    ['parse_csv("a,b\\nc,d")', ['a', 'b']],
    ['parse_command_line(@"echo ""hello world"" x", "windows")', ['echo', 'hello world', 'x']],
    ['parse_xml("<a x=\\"1\\"><b>t</b><b/></a>")', { a: { '@x': '1', b: ['t', null] } }],
    ['parse_xml("<a>t &amp; u</a>")', { a: 't & u' }],
    ['parse_xml("no xml")', null],
  ]);
});

test('encodings', async () => {
  await answers([
    ['base64_encode_tostring("Kusto")', 'S3VzdG8='],
    ['base64_decode_tostring("S3VzdG8=")', 'Kusto'],
    ['base64_decode_tostring("S3VzdG8")', ''],
    ['base64_decode_tostring("U3RyaW5n0KHR0tGA0L7Rh9C60LA=")', ''],
    ['base64_decode_toarray("S3VzdG8=")', [75, 117, 115, 116, 111]],
    ['base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))', 'S3VzdG8='],
    ['base64_encode_fromguid(toguid("ae3133f2-6e22-49ae-b06a-16e6a9b212eb"))', '8jMxriJurkmwahbmqbIS6w=='],
    ['base64_decode_toguid("8jMxriJurkmwahbmqbIS6w==")', 'ae3133f2-6e22-49ae-b06a-16e6a9b212eb'],
    [
      'gzip_decompress_from_base64_string("H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==")',
      '1234567890qwertyuiop',
    ],
    ['zlib_decompress_from_base64_string("eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=")', 'Test string 123'],
    ['gzip_decompress_from_base64_string("x0x0x0")', ''],
    ['url_encode("https://contoso.com/hello world")', 'https%3a%2f%2fcontoso.com%2fhello+world'],
    ['url_decode("https%3a%2f%2fcontoso.com%2f%C3%A9")', 'https://contoso.com/é'],
    ['punycode_from_string("académie-française")', 'acadmie-franaise-npb1a'],
    ['punycode_to_string("acadmie-franaise-npb1a")', 'académie-française'],
    ['punycode_domain_from_string("艺术.com")', 'xn--cqv902d.com'],
  ]);
});

test('hashes', async () => {
  await answers([
    ['hash("World")', '1846988464401551951'],
    ['hash("World", 100)', 51],
    ['hash(datetime(2015-01-01))', '1380966698541616202'],
    ['hash_md5("World")', 'f5a7924e621e84c9280a9a27e1bcb7f6'],
    ['hash_sha1("World")', '70c07ec18ef89c5309bbb0937f3a6342411e1fdd'],
    ['hash_sha256("World")', '78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524'],
    ['hash_sha1(datetime(2020-01-01))', 'e903e533f4d636b4fc0dcf3cf81e7b7f330de776'],
  ]);
});

test('points on the sphere', async () => {
  await answers([
    ['round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056), 3)', 1546754.352],
    ['geo_distance_2points(300, 1, 1, 1)', null],
    ['geo_point_in_circle(-122.317404, 47.609119, -122.3, 47.6, 18000)', true],
    ['geo_point_in_circle(-122.137575, 47.630683, -122.100896, 47.527351, 3500)', false],
    ['geo_point_to_geohash(-122.303404, 47.570482)', 'c23n8'],
    ['geo_geohash_to_central_point("sunny")', { type: 'Point', coordinates: [42.47314453125, 23.70849609375] }],
  ]);
});
