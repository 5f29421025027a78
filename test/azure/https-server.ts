/** An Azure that is reached as a user reaches one: over https with a certificate of its own authority, and a managed identity endpoint. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHttpHeaders, type HttpMethods, type PipelineRequest } from '@azure/core-rest-pipeline';
import { type FakeAzure, fakeToken, world } from './fake-azure.ts';

export interface LocalAzure {
  endpoint: string;
  /** What the tool needs to find and trust it, and to log in. */
  environment: Record<string, string>;
  close: () => Promise<void>;
}

/** Whether certificates can be made here. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const secretToken = fakeToken({
  tid: world.tenant,
  oid: '55555555-5555-4555-8555-555555555555',
  appid: '88888888-8888-4888-8888-888888888888',
});

export async function serve(azure: FakeAzure): Promise<LocalAzure> {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakglass-tls-'));
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
  );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('server.key'),
    '-out',
    at('server.csr'),
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    at('server.csr'),
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-out',
    at('server.pem'),
    '-days',
    '2',
    '-copy_extensions',
    'copy',
  );
  const server = createServer(
    { key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem')) },
    async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const headers = createHttpHeaders(request.headers as Record<string, string>);
      const given = {
        method: request.method as HttpMethods,
        url: `https://localhost${request.url}`,
        headers,
        body: chunks.length > 0 ? Buffer.concat(chunks).toString() : undefined,
      };
      if (headers.get('authorization') !== `Bearer ${secretToken}`) {
        response
          .writeHead(401)
          .end(JSON.stringify({ error: { code: 'InvalidAuthenticationToken', message: 'no valid token' } }));
        return;
      }
      try {
        const answer = await azure.sendRequest(given as unknown as PipelineRequest);
        // Links of the answer name the server itself, as an Azure behind a private endpoint does.
        const own = (text: string): string =>
          text.replaceAll('https://management.azure.com', endpoint).replaceAll('https://localhost/', `${endpoint}/`);
        const answered = Object.fromEntries([...answer.headers].map(([name, value]) => [name, own(value)]));
        response.writeHead(answer.status, answered).end(own(answer.bodyAsText ?? ''));
      } catch {
        request.socket.destroy();
      }
    },
  );
  const identity = createHttpServer((request, response) => {
    const known = request.headers['x-identity-header'] === 'header-secret-value';
    const body = known
      ? {
          access_token: secretToken,
          expires_on: String(Math.floor(Date.now() / 1000) + 3600),
          expires_in: '3600',
          resource: 'https://management.azure.com',
          token_type: 'Bearer',
        }
      : { error: 'unauthorized' };
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const port = await listen(server);
  const identityPort = await listen(identity);
  const endpoint = `https://localhost:${port}`;
  return {
    endpoint,
    environment: {
      NODE_EXTRA_CA_CERTS: at('ca.pem'),
      IDENTITY_ENDPOINT: `http://127.0.0.1:${identityPort}/msi/token`,
      IDENTITY_HEADER: 'header-secret-value',
      BREAKGLASS_ARM_ENDPOINT: endpoint,
      BREAKGLASS_LOGS_ENDPOINT: endpoint,
    },
    close: async () => {
      await Promise.all([server, identity].map((one) => new Promise((resolve) => one.close(resolve))));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}
