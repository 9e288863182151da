import { defineConfig, type Plugin } from 'vite';
import react from '@vitejs/plugin-react';
import { licences } from './licences.ts';
import { createMockServer } from './tests/mock_server.ts';

/** Answers the API from the mock, in `npm run dev:mock` and in the browser tests; never part of a build. */
function mockApi(): Plugin {
  return {
    name: 'penstock-mock-api',
    configureServer: (server) => void server.middlewares.use(createMockServer().handle),
    configurePreviewServer: (server) => void server.middlewares.use(createMockServer().handle),
  };
}

/** `npm run dev` talks to a running `penstock serve`; PENSTOCK_URL says where. */
function serverProxy() {
  const target = process.env.PENSTOCK_URL ?? 'http://127.0.0.1:8080';
  // The server answers only pages of its own origin.
  const route = { target, changeOrigin: true, headers: { origin: target } };
  return { '/api': route, '/ajax-api': route, '/get-artifact': route, '/v1': route };
}

export default defineConfig(({ mode }) => ({
  plugins: [react(), licences(), ...(mode === 'mock' ? [mockApi()] : [])],
  server: { host: '127.0.0.1', proxy: mode === 'mock' ? {} : serverProxy() },
  // The server's own policy, so that the browser tests fail on what it would block.
  preview: {
    host: '127.0.0.1',
    headers: {
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'",
    },
  },
  build: {
    outDir: process.env.PENSTOCK_UI_DIST ?? 'dist',
    emptyOutDir: true,
    // Fonts and pictures stay files: the server's content policy allows no data: fonts.
    assetsInlineLimit: 0,
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
}));
