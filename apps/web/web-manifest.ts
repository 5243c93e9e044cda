import type { ManifestOptions } from 'vite-plugin-pwa';

/** What an installed Pocketeer is to the system; the colours are those of the light theme's background. */
export const manifest: Partial<ManifestOptions> = {
	name: 'Pocketeer',
	short_name: 'Pocketeer',
	description: 'A personal assistant that lives in your browser, remembers in plain markdown and reminds you on time.',
	id: '/',
	start_url: '/',
	scope: '/',
	display: 'standalone',
	lang: 'en',
	dir: 'ltr',
	categories: ['productivity', 'utilities'],
	theme_color: '#f7f5f0',
	background_color: '#f7f5f0',
	icons: [
		{ src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
		{ src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
		{ src: '/icons/maskable-192.png', sizes: '192x192', type: 'image/png', purpose: 'maskable' },
		{ src: '/icons/maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
		{ src: '/icons/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
	],
	shortcuts: [
		{ name: 'New message', url: '/?focus=message', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
		{ name: 'Schedule', url: '/schedule', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
		{ name: "Today's journal", url: '/notes?open=today', icons: [{ src: '/icons/icon-192.png', sizes: '192x192' }] },
	],
	share_target: {
		action: '/share',
		method: 'POST',
		enctype: 'multipart/form-data',
		params: {
			title: 'title',
			text: 'text',
			url: 'url',
			files: [
				{
					name: 'files',
					accept: ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf', 'text/plain', 'text/*'],
				},
			],
		},
	},
	screenshots: [
		{
			src: '/screenshots/wide.png',
			sizes: '1280x800',
			type: 'image/png',
			form_factor: 'wide',
			label: 'A chat in which Pocketeer sets a reminder',
		},
		{
			src: '/screenshots/narrow.png',
			sizes: '390x844',
			type: 'image/png',
			form_factor: 'narrow',
			label: 'The same chat on a phone',
		},
	],
};
