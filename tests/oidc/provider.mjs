// An OpenID provider for tests: everybody may log in as anybody. node provider.mjs ALG --port-file FILE
// POST /rotate gives it new keys.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const [alg] = process.argv.slice(2);
const portFile = process.argv[process.argv.indexOf('--port-file') + 1];
const redirect = 'http://127.0.0.1:9/api/v1/login/oidc/callback';

function newKey() {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...pair.privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg, use: 'sig' };
}

const groups = { root: ['platform-admins', 'devs'], dan: ['devs'] };

function newProvider(issuer) {
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'penstock',
        client_secret: 'secret-of-the-client',
        redirect_uris: [redirect],
        id_token_signed_response_alg: alg,
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    jwks: { keys: [newKey()] },
    cookies: { keys: ['only-for-tests'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: id.toUpperCase(),
        email: `${id}@example.com`,
        email_verified: id !== 'unverified',
        groups: groups[id] ?? [],
      }),
    }),
  });
}

let provider;
const server = createServer((request, response) => {
  if (request.url === '/rotate') {
    provider = newProvider(`http://127.0.0.1:${server.address().port}`);
    response.end();
    return;
  }
  provider.callback()(request, response);
});
server.listen(0, '127.0.0.1', () => {
  provider = newProvider(`http://127.0.0.1:${server.address().port}`);
  writeFileSync(portFile, String(server.address().port));
});
