import type { Members } from '@pocketeer/core/members/members';
import type { App } from '../app.ts';
import type { Backup } from '../backup/backup.ts';
import { memberStateOf } from '../platform/device-db.ts';
import type { OpenedSpace } from './open-space.ts';
import type { RecoveryDeps } from './recovery.ts';

/** What few starts need: each is loaded when it is first asked for, and asked for again when the load failed. */
export type Later<T> = (() => Promise<T>) & { readonly isLoaded: () => boolean };

function createLater<T>(load: () => Promise<T>): Later<T> {
	let loaded: Promise<T> | undefined;
	const get = () => {
		loaded ??= load().catch((cause: unknown) => {
			loaded = undefined;
			throw cause;
		});
		return loaded;
	};
	return Object.assign(get, { isLoaded: () => loaded !== undefined });
}

/** The members of an opened space. */
export function laterMembers(deps: RecoveryDeps, { known, memberStore, keys }: OpenedSpace): Later<Members> {
	return createLater(async () => {
		const [{ createMembers }, state] = await Promise.all([
			import('@pocketeer/core/members/create-members'),
			memberStore.read(),
		]);
		return createMembers(
			{ ...deps, memberStore, keys },
			{
				spaceId: known.id,
				identity: known.identity,
				relayUrl: deps.relayUrl,
				invite: await deps.device.inviteToken(),
				state: state.ok ? state.value : memberStateOf(known),
			},
		);
	});
}

/** The backups of an opened space. */
export function laterBackup(
	deps: RecoveryDeps,
	opened: OpenedSpace,
	app: Pick<App, 'settings' | 'members'> & { flush(): void; close(): Promise<void>; reload(): void },
): Later<Backup> {
	return createLater(async () => {
		const { createBackupHere } = await import('../backup/backup.ts');
		return createBackupHere({ ...deps, ...opened, ...app });
	});
}

/** An object of methods that all answer promises; its code is loaded when the first of them is called. */
export function lazily<T extends { readonly [name in keyof T]: (...given: never[]) => Promise<unknown> }>(
	load: () => Promise<T>,
): T {
	const loaded = createLater(load);
	const call =
		(name: string | symbol) =>
		async (...given: unknown[]) => {
			const method: unknown = Reflect.get(await loaded(), name);
			if (typeof method !== 'function') throw new Error(`there is no ${String(name)}`);
			return method(...given);
		};
	// Every name is a method, so that nothing has to be listed here again.
	return new Proxy({}, { get: (_, name) => call(name) }) as T;
}
