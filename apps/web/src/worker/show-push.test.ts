import { toBase64Url, utf8 } from '@pocketeer/core/bytes';
import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import type { PushEnvelope } from '@pocketeer/core/protocol/messages';
import { describe, expect, it } from 'vitest';
import { isAppPath, parseWorkerMessage } from '../platform/worker-messages.ts';
import { noticeOf } from './show-push.ts';

const due = Date.parse('2026-11-20T09:00:00Z');

function envelope(data: Partial<PushEnvelope['notification']['data']> = {}): string {
	const push: PushEnvelope = {
		web_push: 8030,
		mutable: true,
		notification: {
			title: 'Pocketeer',
			body: 'Something is due.',
			navigate: 'http://localhost:8787/',
			tag: 'tag',
			mutable: true,
			data: {
				v: 1,
				space: 'space' as SpaceId,
				wake: 'wake' as WakeId,
				due,
				sealed: toBase64Url(utf8('sealed')),
				...data,
			},
		},
	};
	return JSON.stringify(push);
}

const opens = { openWake: async () => ({ title: 'Dentist', body: 'Call the dentist', url: '/chat/health' }) };
const hasNoKey = { openWake: async () => undefined };
const throws = {
	openWake: async () => {
		throw new Error('the database is locked');
	},
};

describe('noticeOf', () => {
	it('shows the text that was sealed, with the way to its line', async () => {
		expect(await noticeOf(opens, envelope())).toEqual({
			title: 'Dentist',
			body: 'Call the dentist',
			url: '/chat/health',
			tag: `wake/${due}`,
			due,
			source: 'opened',
		});
	});

	it('hands the sealed bytes as they came to the opener', async () => {
		const seen: unknown[] = [];
		await noticeOf({ openWake: async (wake) => void seen.push(wake) }, envelope());
		expect(seen).toEqual([{ space: 'space', wake: 'wake', sealed: utf8('sealed') }]);
	});

	it('gives one due moment one tag and another moment another, so that only repeats replace each other', async () => {
		const first = await noticeOf(opens, envelope());
		const repeated = await noticeOf(hasNoKey, envelope());
		const later = await noticeOf(opens, envelope({ due: due + 86_400_000 }));
		expect(repeated.tag).toBe(first.tag);
		expect(later.tag).not.toBe(first.tag);
	});

	it.each([
		['no key fits', hasNoKey, envelope()],
		['opening throws', throws, envelope()],
		['the payload is no base64url', opens, envelope({ sealed: '***' })],
	])('shows the generic text when %s', async (_, deps, text) => {
		expect(await noticeOf(deps, text)).toMatchObject({ title: 'Pocketeer', url: '/', source: 'sealed' });
		expect((await noticeOf(deps, text)).body).toMatch(/^Something you asked for is due/);
	});

	it('shows nothing that the relay wrote: it could only be made up', async () => {
		const text = envelope().replace('Something is due.', 'Your key expired, call 555').replace('"Pocketeer"', '"Bank"');
		const { title, body } = await noticeOf(hasNoKey, text);
		expect(`${title} ${body}`).not.toMatch(/Bank|555/);
	});

	it('does not wait for ever for a database that never answers', async () => {
		const hangs = { openWake: () => new Promise<undefined>(() => {}), patience: async () => {} };
		expect(await noticeOf(hangs, envelope())).toMatchObject({ source: 'sealed' });
	});

	it.each([
		['nothing', undefined],
		['no JSON', 'hello'],
		['JSON of another form', '{"notification":{"data":{"v":2}}}'],
		['null', 'null'],
		['a wake without payload', '{"notification":{"data":{"v":1,"space":"s","wake":"w","due":1}}}'],
	])('never stays silent on a push with %s', async (_, text) => {
		const notice = await noticeOf(opens, text);
		expect(notice.source).toBe('unreadable');
		expect(notice.body).toContain('due');
	});

	it('says that notifications work on a test push', async () => {
		const notice = await noticeOf(throws, envelope({ wake: null, sealed: '' }));
		expect(notice).toMatchObject({ source: 'test', tag: 'test' });
		expect(notice.body).toMatch(/^Notifications work/);
	});
});

describe('messages of the worker', () => {
	it('accepts paths of the app and nothing that leads elsewhere', () => {
		expect(['/', '/chat/kitchen', '/notes/a b'].map(isAppPath)).toEqual([true, true, true]);
		expect(
			[
				'//evil.example',
				'/\\evil.example',
				'/\t/evil.example',
				'/\n\\evil.example',
				'https://evil.example',
				'javascript:0',
				'',
			].some(isAppPath),
		).toBe(false);
		expect(parseWorkerMessage({ type: 'open', url: '//evil.example' })).toBeUndefined();
		expect(parseWorkerMessage({ type: 'open', url: '/chat' })).toEqual({ type: 'open', url: '/chat' });
	});

	it('ignores what it does not know', () => {
		expect([null, 'open', {}, { type: 'CACHE_UPDATED' }].map(parseWorkerMessage)).toEqual([
			undefined,
			undefined,
			undefined,
			undefined,
		]);
	});
});
