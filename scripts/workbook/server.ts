/** The local web server of the preview: loopback only, one page, a strict content security policy. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { WorkbookEnvironment } from './environment.ts';
import type { WorkbookModel } from './model.ts';
import { renderDocument } from './page/document.ts';
import { INITIAL_STATE, readState } from './state.ts';
import type { ItemView } from './view/item-view.ts';

export interface PreviewSubject {
  model: WorkbookModel;
  /** What the queries run on, and how that is called; the page does not wait for it. */
  data: Promise<{ environment: WorkbookEnvironment; source: string }>;
  name: string;
  /** Parameters given on the command line. */
  values: Readonly<Record<string, unknown>>;
}

export interface PreviewServer {
  readonly url: string;
  /** Shows another workbook, or a changed one; open pages load again. */
  show(subject: PreviewSubject): void;
  /** Told of each item of each rendering. */
  onView?: (view: ItemView) => void;
  close(): Promise<void>;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const require = createRequire(import.meta.url);
const local = (path: string) => readFileSync(new URL(path, import.meta.url));
const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** Files of the page by path; read when first asked for. */
const ASSETS: Readonly<Record<string, { type: string; read: () => string | Buffer | Promise<string> }>> = {
  '/assets/preview.mjs': { type: JAVASCRIPT, read: () => local('./client/preview.mjs') },
  '/assets/tables.mjs': { type: JAVASCRIPT, read: () => local('./client/tables.mjs') },
  '/assets/theme.mjs': { type: JAVASCRIPT, read: () => local('./client/theme.mjs') },
  '/assets/preview.css': { type: 'text/css; charset=utf-8', read: () => local('./client/preview.css') },
  '/assets/echarts.mjs': {
    type: JAVASCRIPT,
    read: () => readFileSync(require.resolve('echarts/dist/echarts.esm.min.mjs')),
  },
  '/assets/purify.mjs': {
    type: JAVASCRIPT,
    read: () => readFileSync(join(dirname(require.resolve('dompurify')), 'purify.es.mjs')),
  },
  '/assets/world.json': {
    type: 'application/json',
    read: async () => JSON.stringify((await import('./view/world.ts')).worldOutlines()),
  },
};
const MAX_BODY = 8 * 1024 * 1024;

/** Listens on a free port of 127.0.0.1. `onAsked` is called whenever a page asks for its items. */
export async function startPreviewServer(first: PreviewSubject, onAsked?: () => void): Promise<PreviewServer> {
  let subject = first;
  const listeners = new Set<ServerResponse>();
  const assets = new Map<string, string | Buffer>();
  const hooks: { onView?: (view: ItemView) => void } = {};

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('cache-control', 'no-store');
    const port = (server.address() as AddressInfo).port;
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    const origin = request.headers.origin;
    // A name that someone else resolves to this machine, or a page of another site, gets nothing.
    if (
      !hosts.includes(request.headers.host ?? '') ||
      (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    ) {
      response.writeHead(403).end();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && url.pathname === '/render') return renderItems(request, response);
    if (request.method === 'POST' && url.pathname === '/export')
      return exportItem(url.searchParams.get('item') ?? '', request, response);
    if (request.method !== 'GET') {
      response.writeHead(405).end();
    } else if (url.pathname === '/') {
      const { model, name } = subject;
      const key = createHash('sha256').update(name).digest('hex').slice(0, 12);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      const asked = url.searchParams.get('state');
      const state = asked === null ? { ...INITIAL_STATE, values: subject.values } : readState(parseJson(asked));
      const fixed = asked !== null || Object.keys(subject.values).length > 0;
      response.end(renderDocument(model, name, key, state, fixed).text);
    } else if (url.pathname === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('\n');
      listeners.add(response);
      request.on('close', () => listeners.delete(response));
    } else await sendAsset(url.pathname, response);
  }

  async function sendAsset(path: string, response: ServerResponse): Promise<void> {
    const asset = Object.hasOwn(ASSETS, path) ? ASSETS[path] : undefined;
    if (!asset) {
      response.writeHead(404).end();
      return;
    }
    const body = assets.get(path) ?? (await asset.read());
    assets.set(path, body);
    response.writeHead(200, { 'content-type': asset.type }).end(body);
  }

  async function renderItems(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const state = readState(await readBody(request));
    onAsked?.();
    const { model } = subject;
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
    const write = (message: unknown) => response.write(`${JSON.stringify(message)}\n`);
    try {
      const { renderState } = await import('./render-state.ts');
      const { environment, source } = await subject.data;
      write({ type: 'data', source, now: environment.now.getTime() });
      const emit = (view: ItemView, message: Record<string, unknown>) => {
        hooks.onView?.(view);
        write(message);
      };
      await renderState(model, state, environment, emit, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      const text = `The workbook cannot be shown: ${error instanceof Error ? error.message : String(error)}`;
      write({ type: 'failure', text });
    }
    response.end();
  }

  async function exportItem(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const state = readState(await readBody(request));
    const { itemCsv } = await import('./render-state.ts');
    const { environment } = await subject.data;
    const csv = await itemCsv(subject.model, state, environment, id);
    if (!csv) {
      response.writeHead(404).end();
      return;
    }
    const headers = { 'content-type': 'text/csv; charset=utf-8', 'x-file-name': encodeURIComponent(csv.name) };
    response.writeHead(200, headers).end(csv.text);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    set onView(hook: (view: ItemView) => void) {
      hooks.onView = hook;
    },
    show(next) {
      subject = next;
      for (const listener of listeners) listener.write('event: reload\ndata: 1\n\n');
    },
    async close() {
      for (const listener of listeners) listener.end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new Error('the request is too large');
    chunks.push(chunk as Buffer);
  }
  return parseJson(Buffer.concat(chunks).toString('utf8'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
