import { defineConfig } from 'vite'
import { precompress } from './build/precompress.ts'

export default defineConfig({
  // `web/dist` is served by KnowBot itself; `npm run dev` passes the API on to one that runs on its usual address.
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'baseline-widely-available',
    // Every reference to a file must be a file: the content security policy allows no data: URL and no inline script.
    assetsInlineLimit: 0,
    // The licences of what the page contains ask to come along.
    license: { fileName: 'licences.txt' },
    modulePreload: { polyfill: false },
  },
  plugins: [precompress()],
})
