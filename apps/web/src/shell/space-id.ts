import type { SpaceId } from '@pocketeer/core/ids';

/** Enough of a space's id to tell the few spaces of one device apart. */
export function shortSpaceId(id: SpaceId): string {
	return id.slice(0, 8);
}
