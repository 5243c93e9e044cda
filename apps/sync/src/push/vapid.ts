import { err, ok, type Result } from '@pocketeer/core/result';
import webPush from 'web-push';
import { readJsonFile, writeFileDurably } from '../files.ts';

/** The keys every push of this relay is signed with (RFC 8292), base64url. Changing them orphans every subscription. */
export interface VapidKeys {
	readonly publicKey: string;
	readonly privateKey: string;
}

/** Reads the keys, or makes them at the first start. A file that is there but unreadable is an error, never replaced. */
export function openVapidKeys(path: string): Result<VapidKeys, string> {
	const read = readJsonFile(path);
	if (read.type === 'missing') {
		const keys = webPush.generateVAPIDKeys();
		writeFileDurably(path, JSON.stringify(keys));
		return ok(keys);
	}
	const keys = read.type === 'read' ? read.json : undefined;
	if (isKeys(keys)) return ok({ publicKey: keys.publicKey, privateKey: keys.privateKey });
	return err(
		`${path} does not hold the push keys. Put back the file that was there; ` +
			'or delete it, then every device must switch its notifications on again.',
	);
}

function isKeys(json: unknown): json is VapidKeys {
	if (typeof json !== 'object' || json === null) return false;
	const isKey = (value: unknown, bytes: number) =>
		typeof value === 'string' && Buffer.from(value, 'base64url').length === bytes;
	return 'publicKey' in json && 'privateKey' in json && isKey(json.publicKey, 65) && isKey(json.privateKey, 32);
}
