import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import solid from 'vite-plugin-solid';
import { manifest } from './web-manifest.ts';

/** What answers during `npm run dev`: the relay on its usual port. */
const RELAY = 'http://127.0.0.1:8787';

const yjsConsole = fileURLToPath(new URL('src/platform/yjs-console.ts', import.meta.url));

export default defineConfig({
	resolve: {
		alias: [
			// The package's own entry is its UMD build, of which no unused part can be left out.
			{ find: /^dexie$/, replacement: 'dexie/dist/modern/dexie.mjs' },
			{ find: /^lib0\/logging$/, replacement: yjsConsole },
		],
	},
	plugins: [
		solid(),
		VitePWA({
			strategies: 'injectManifest',
			srcDir: 'src/worker',
			filename: 'sw.ts',
			// main.tsx registers through workbox-window and asks the person before an update takes over.
			injectRegister: null,
			registerType: 'prompt',
			manifest,
			includeAssets: [],
			// They are in the glob below; twice would be two entries of one URL.
			includeManifestIcons: false,
			injectManifest: {
				rollupFormat: 'iife',
				globPatterns: ['**/*.{js,css,html,svg,woff2,wasm}', 'icons/*.png'],
				globIgnores: ['sw.js', 'screenshots/**'],
				maximumFileSizeToCacheInBytes: 3 * 1024 * 1024,
			},
		}),
	],
	build: {
		target: ['chrome123', 'firefox121', 'safari17.2'],
		// The size gate reads from it which files the first load takes.
		manifest: true,
		// The polyfill is an inline script in effect and the browsers above need none.
		modulePreload: { polyfill: false },
		// A data: URL would need its own word in the content security policy.
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: 700,
		sourcemap: false,
	},
	server: {
		proxy: {
			'/v1': { target: RELAY, ws: true },
			'/healthz': RELAY,
		},
	},
});
