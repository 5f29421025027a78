/** Hashes, base64, compressed text, punycode and URL encoding. */
import * as encoding from '../runtime/encoding.ts';
import { digest, hashLong, hashText } from '../runtime/hash.ts';
import { convert } from './conversion.ts';
import { type FunctionTable, typescriptFunction } from './define.ts';
import type { ScalarLowering, SqlExpression } from './registry.ts';

const ofText = typescriptFunction('kql_hash_text', ['string', 'long?'], 'long', hashText);
const ofLong = typescriptFunction('kql_hash_long', ['long', 'long?'], 'long', hashLong);

const hash: ScalarLowering = (args, context) => {
  const { type } = args[0] as SqlExpression;
  if (type === 'string') return ofText(args, context);
  if (type === 'long' || type === 'datetime' || type === 'timespan') return ofLong(args, context);
  return context.refuse(`the hash of a ${type} is not known exactly`);
};

/** Cryptographic hashes are of the text of a value. */
function digestOf(algorithm: 'md5' | 'sha1' | 'sha256'): ScalarLowering {
  const lowering = typescriptFunction(`kql_hash_${algorithm}`, ['string'], 'string', digest(algorithm));
  return (args, context) => {
    const { type } = args[0] as SqlExpression;
    if (type === 'bool' || type === 'real' || type === 'decimal') {
      return context.refuse(`the hash of a ${type} is not known exactly`);
    }
    const text = convert(args[0] as SqlExpression, 'string', context);
    return lowering([{ sql: text, type: 'string' }], context);
  };
}

const base64Encode = typescriptFunction('kql_base64_encode', ['string'], 'string', encoding.base64Encode);
const base64Decode = typescriptFunction('kql_base64_decode', ['string'], 'string', encoding.base64Decode);

export const encodingFunctions: FunctionTable = {
  hash,
  hash_xxhash64: hash,
  hash_md5: digestOf('md5'),
  hash_sha1: digestOf('sha1'),
  hash_sha256: digestOf('sha256'),
  base64_encode_tostring: base64Encode,
  base64_encodestring: base64Encode,
  base64_decode_tostring: base64Decode,
  base64_decodestring: base64Decode,
  base64_decode_toarray: typescriptFunction('kql_base64_to_array', ['string'], 'dynamic', encoding.base64ToArray),
  base64_encode_fromarray: typescriptFunction('kql_base64_from_array', ['dynamic'], 'string', encoding.base64FromArray),
  base64_encode_fromguid: typescriptFunction('kql_base64_from_guid', ['guid'], 'string', encoding.base64FromGuid),
  base64_decode_toguid: typescriptFunction('kql_base64_to_guid', ['string'], 'guid', encoding.base64ToGuid),
  gzip_decompress_from_base64_string: typescriptFunction('kql_gunzip', ['string'], 'string', encoding.gunzipBase64),
  zlib_decompress_from_base64_string: typescriptFunction('kql_inflate', ['string'], 'string', encoding.inflateBase64),
  punycode_from_string: typescriptFunction('kql_punycode', ['string'], 'string', encoding.punycodeEncode),
  punycode_to_string: typescriptFunction('kql_from_punycode', ['string'], 'string', encoding.punycodeDecode),
  punycode_domain_from_string: typescriptFunction('kql_punycode_domain', ['string'], 'string', encoding.domainEncode),
  punycode_domain_to_string: typescriptFunction(
    'kql_from_punycode_domain',
    ['string'],
    'string',
    encoding.domainDecode,
  ),
  url_encode: typescriptFunction('kql_url_encode', ['string'], 'string', encoding.urlEncode),
  url_encode_component: typescriptFunction(
    'kql_url_encode_component',
    ['string'],
    'string',
    encoding.urlEncodeComponent,
  ),
  url_decode: typescriptFunction('kql_url_decode', ['string'], 'string', encoding.urlDecode),
};
