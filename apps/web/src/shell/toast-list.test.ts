import { createTestClock } from '@pocketeer/core/testing/test-clock';
import { createRoot } from 'solid-js';
import { expect, it } from 'vitest';
import { createToasts } from './toast-list.ts';

it('replaces a toast about the same thing, and leaves those about others', () => {
	createRoot((dispose) => {
		const toasts = createToasts({ clock: createTestClock() });
		toasts.show({ text: 'Scheduled: pasta', about: 'task-1' });
		toasts.show({ text: 'Scheduled: tea', about: 'task-2' });
		toasts.show({ text: 'Copied' });
		toasts.show({ text: 'Cancelled: pasta', about: 'task-1' });
		expect(toasts.list().map(({ text }) => text)).toEqual(['Scheduled: tea', 'Copied', 'Cancelled: pasta']);
		dispose();
	});
});
