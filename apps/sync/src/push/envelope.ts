import { ECDH } from 'node:crypto';
import { toBase64Url } from '@pocketeer/core/bytes';
import type { SpaceId, WakeId } from '@pocketeer/core/ids';
import { LIMITS } from '@pocketeer/core/protocol/limits';
import type { PushEnvelope, PushSubscriptionFields } from '@pocketeer/core/protocol/messages';

/** Some push bridges take no more than this. */
const MAX_ENVELOPE_BYTES = 2_560;

/** What is due, for which space; `wake` null for a test. */
export interface PushContent {
	readonly space: SpaceId;
	readonly wake: WakeId | null;
	readonly due: number;
	readonly payload: Uint8Array;
	readonly appUrl: string;
}

/** The JSON of a push: a generic text for a browser without a worker, the sealed one for the worker. */
export function encodeEnvelope(content: PushContent): string {
	const envelope: PushEnvelope = {
		web_push: 8030,
		mutable: true,
		notification: {
			title: 'Pocketeer',
			body: 'Something is due',
			navigate: content.appUrl,
			tag: content.wake === null ? 'test' : `${content.wake}/${content.due}`,
			mutable: true,
			data: {
				v: 1,
				space: content.space,
				wake: content.wake,
				due: content.due,
				sealed: toBase64Url(content.payload),
			},
		},
	};
	return JSON.stringify(envelope);
}

/** What is wrong with a subscription's fields besides its endpoint, as a sentence; undefined when nothing is. */
export function checkSubscription(subscription: PushSubscriptionFields): string | undefined {
	const { p256dh, auth, appUrl } = subscription;
	// RFC 8291: an uncompressed P-256 point, and 16 bytes.
	if (!hasBytes(p256dh, 65) || !isPoint(p256dh) || !hasBytes(auth, 16))
		return 'The push subscription has no usable keys.';
	if (!URL.canParse(appUrl) || !/^https?:$/.test(new URL(appUrl).protocol))
		return 'The address of the app is not a URL.';
	const largest = encodeEnvelope({
		space: 'A'.repeat(22) as SpaceId,
		wake: 'A'.repeat(22) as WakeId,
		due: Number.MAX_SAFE_INTEGER,
		payload: new Uint8Array(LIMITS.wakePayload),
		appUrl,
	});
	if (Buffer.byteLength(largest) > MAX_ENVELOPE_BYTES) return 'The address of the app is too long for a push.';
	return undefined;
}

/** Whether it lies on the curve; otherwise every push would fail at sealing, again and again. */
function isPoint(p256dh: string): boolean {
	try {
		ECDH.convertKey(p256dh, 'prime256v1', 'base64url');
		return true;
	} catch {
		return false;
	}
}

function hasBytes(text: string, length: number): boolean {
	return /^[A-Za-z0-9_-]+={0,2}$/.test(text) && Buffer.from(text, 'base64url').length === length;
}
