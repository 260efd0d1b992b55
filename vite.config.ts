/** How the renderer is bundled: into dist/renderer, for the browser host and the Electron window alike. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // Two pages: the console, and the radiator for a wall, of which the host gives away just what that page needs.
    rollupOptions: { input: ['renderer/index.html', 'renderer/radiator.html'] },
    manifest: 'bundle.json',
    target: 'chrome140',
    // Monaco is one large piece by nature; the whole download is measured by the benchmark.
    chunkSizeWarningLimit: 4_000,
    modulePreload: { polyfill: false },
  },
});
