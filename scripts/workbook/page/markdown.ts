/**
 * Markdown of text items to HTML that can run nothing: raw HTML is reduced to a few tags without attributes, links open
 * http, https and mailto only, images are never fetched. In the live page DOMPurify goes over the result once more.
 */
import MarkdownIt from 'markdown-it';
import { safeUrl } from '../view/cell.ts';
import { escapeHtml, raw, type SafeHtml } from './html.ts';

const ALLOWED = new Set(
  'b strong i em u s sub sup br hr p center code pre ul ol li h1 h2 h3 h4 h5 h6 blockquote table thead tbody tr th td small mark'.split(
    ' ',
  ),
);
const VOID = new Set(['br', 'hr']);
/** Tags of HTML that go without a trace; anything else in angle brackets, such as `<unset>`, is text. */
const DROPPED = new Set(
  'a abbr article audio base body button canvas details div font footer form frame head header html img input label link main meta nav object option picture section select source span style summary textarea title video script iframe svg math template'.split(
    ' ',
  ),
);

const renderer = make();

function make() {
  const markdown = new MarkdownIt({ html: true, linkify: false, breaks: false });
  markdown.validateLink = (url) => safeUrl(url) !== undefined || url.startsWith('#');
  const { rules } = markdown.renderer;
  rules.html_block = (tokens, at) => reduceTags(tokens[at]?.content ?? '');
  rules.html_inline = (tokens, at) => reduceTags(tokens[at]?.content ?? '');
  rules.image = (tokens, at) => {
    const text = tokens[at]?.content ?? '';
    return text === '' ? '' : `<span class="image">${escapeHtml(text)}</span>`;
  };
  rules.link_open = (tokens, at, options, _environment, self) => {
    const token = tokens[at];
    const href = String(token?.attrGet('href') ?? '');
    if (token && !href.startsWith('#')) {
      token.attrSet('target', '_blank');
      token.attrSet('rel', 'noopener noreferrer');
    }
    return self.renderToken(tokens, at, options);
  };
  // Headings of the page's own outline stay above those of the text.
  rules.heading_open = (tokens, at) => `<${lower(tokens[at]?.tag)}>`;
  rules.heading_close = (tokens, at) => `</${lower(tokens[at]?.tag)}>`;
  return markdown;
}

function lower(tag: string | undefined): string {
  return `h${Math.min(6, Number(tag?.slice(1) ?? 2) + 1)}`;
}

/** Keeps allowed tags without their attributes, drops the rest with comments, and what scripts and styles hold. */
function reduceTags(text: string): string {
  const bare = text
    .replace(/<!--[\s\S]*?(-->|$)/g, '')
    .replace(/<(script|style|svg|iframe|object|template|math)\b[\s\S]*?(<\/\1\s*>|$)/gi, '');
  return bare
    .split(/(<[^>]*>)/)
    .map((part) => {
      if (!part.startsWith('<') || !part.endsWith('>'))
        return escapeHtml(part.replace(/&(\w{2,8}|#\d{1,6});/g, decodeEntity));
      const match = /^<(\/?)\s*([a-zA-Z][a-zA-Z0-9]*)/.exec(part);
      const name = match?.[2]?.toLowerCase() ?? '';
      if (!ALLOWED.has(name)) return DROPPED.has(name) ? '' : escapeHtml(part);
      const tag = name === 'center' ? 'div' : name;
      if (VOID.has(tag)) return `<${tag}>`;
      return match?.[1] === '/' ? `</${tag}>` : `<${tag}>`;
    })
    .join('');
}

function decodeEntity(entity: string, name: string): string {
  const known: Record<string, string> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return known[name.toLowerCase()] ?? entity;
}

export function renderMarkdown(text: string): SafeHtml {
  return raw(renderer.render(text));
}
