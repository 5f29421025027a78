/** Keeps secrets out of everything that is written down: logs, plans, journals, messages. */
import { isObject, type Json } from './json.ts';

const secretName =
  /(secret|password|passwd|pwd|token|apikey|api_key|sharedkey|accesskey|accountkey|connectionstring|callback_?url|webhook_?ur[il]|authorization|identity_header)$/i;
/** Signed addresses, bearer tokens, JSON web tokens, and key=value secrets inside longer texts. */
const secretText: readonly [RegExp, string][] = [
  [/([?&](?:sig|sv|code|token|access_token|client_secret)=)[^&\s"'<>]+/gi, '$1***'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, '***'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/\b((?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|client_secret)\s*=\s*)[^;\s"']+/gi, '$1***'],
  [/(https:\/\/[\w.-]*(?:webhook\.office\.com|logic\.azure\.[a-z]+|hooks\.slack\.com)\/)[^\s"'<>]*/gi, '$1***'],
];

/** The text with every secret that can be told from its form replaced by `***`. */
export function redactText(text: string): string {
  return secretText.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), text);
}

/** A copy without secrets: values of properties that are named like one, and secrets inside texts. */
export function redact(value: Json): Json {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (secretName.test(name) && typeof inner === 'string' && inner !== '' && !isExpression(inner))
        return [name, '***'];
      return [name, redact(inner)];
    }),
  );
}

/** ARM and workflow expressions name a secret without holding it. */
function isExpression(text: string): boolean {
  return /^\[.*\]$/s.test(text) || /^@(?:\{|[a-z]+\()/i.test(text);
}
