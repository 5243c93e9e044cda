import type { DeviceId, PersonId } from '../ids.ts';
import type { StoreError } from '../ports/store.ts';
import type { Result } from '../result.ts';
import type { SpaceIdentity } from './space-identity.ts';

/**
 * Who belongs to a space: its devices, and the people they act for. Works in any tab, over short connections of its own,
 * so that it does not matter which tab leads. Names are in the space's directory, not here: the relay would read them.
 */
export interface Members {
	/** The devices of the newest list known here, in the order they came. */
	devices(): readonly MemberDevice[];
	/** When each was connected last, ms since the epoch, as the relay says; and what the space takes there. Also takes newer lists. */
	relayState(): Promise<Result<RelayState, MembersError>>;
	/** Calls after the devices changed, here or elsewhere. */
	subscribe(listener: () => void): Disposable;
	/**
	 * Takes a device out: a new signed list and a new epoch key sealed to those that stay. Written down before anything is
	 * sent, so that a cut removal is carried on at the next start (`resume`).
	 */
	remove(device: DeviceId): Promise<Result<void, MembersError>>;
	/** Takes this device out, in the same way. Refused for the last device: with it the keys of the space would go. */
	leave(): Promise<Result<void, MembersError>>;
	/** Carries on what was begun and cut; does nothing when there is nothing. Call at start and when back online. */
	resume(): Promise<Result<void, MembersError>>;
	/**
	 * Invites a device: of the same person (five minutes), or of somebody else (an hour). One use. Must be disposed.
	 */
	invite(options: InviteOptions): PairingHost;
	/** Deletes the space at the relay, for good and for everybody; the devices are told by a signed statement. */
	deleteAtRelay(): Promise<Result<void, MembersError>>;
}
export interface MembersDep {
	readonly members: Members;
}

export interface InviteOptions {
	/** Whom the new device acts for. */
	readonly person: PersonId;
	readonly isOtherPerson: boolean;
	/** What the new device calls the space until it has the directory. */
	readonly spaceName?: string | undefined;
}

export interface MemberDevice {
	readonly id: DeviceId;
	/** By the clock of who added it, ms since the epoch. */
	readonly added: number;
	readonly isThis: boolean;
	/** It was put on the list from here, but never said that it is in: if nobody uses it, it should be removed. */
	readonly isUnconfirmed: boolean;
	/** Its removal was begun here and is carried on when the relay can be reached. */
	readonly isBeingRemoved: boolean;
}

export interface RelayState {
	readonly seenByDevice: ReadonlyMap<DeviceId, number>;
	readonly usedBytes: number;
	readonly limitBytes: number;
}

export type MembersError =
	| StoreError
	/** The relay cannot be reached; what was begun is carried on later. `reason` is a sentence. */
	| { readonly type: 'NoRelay'; readonly reason: string }
	/** The relay or the list does not allow it; `reason` is a sentence. */
	| { readonly type: 'Refused'; readonly reason: string };

/** The side of a pairing that is in the space already. */
export interface PairingHost extends Disposable {
	readonly state: HostState;
	subscribe(listener: () => void): Disposable;
	/** The person says that both screens show the same short code. */
	confirm(): void;
	/** They differ, or it was a mistake. */
	refuse(): void;
}

export type HostState =
	| { readonly type: 'opening' }
	/** `code` is to be typed, such as `K7QM-2XPD`; `fragment` goes behind the app's address, as a link or in a QR code. */
	| { readonly type: 'waiting'; readonly code: string; readonly fragment: string; readonly until: number }
	/** Somebody is there: compare six digits, such as `482 913`. */
	| ({ readonly type: 'compare'; readonly shortCode: string } & PairingNames)
	| { readonly type: 'adding' }
	/** It is on the list and has kept its keys. */
	| ({ readonly type: 'added'; readonly device: DeviceId } & PairingNames)
	/** `reason` is a sentence. Nothing was added, unless `device` is there: that one is on the list, but did not say that it is in. */
	| { readonly type: 'failed'; readonly reason: string; readonly device?: DeviceId };

/** What the new device said of itself. */
export interface PairingNames {
	readonly deviceName: string;
	/** What its person wants to be called; empty when it said none. */
	readonly personName: string;
	/** It proved to have the link, and not only the code. The short code is compared all the same. */
	readonly hasLink: boolean;
}

/** The side of a pairing that wants to come in. */
export interface PairingGuest extends Disposable {
	readonly state: GuestState;
	subscribe(listener: () => void): Disposable;
	/** The person says that both screens show the same short code; asked for while `isToConfirm`. */
	confirm(): void;
	/** Once it is over; `Refused` carries the sentence of `failed`, also after the guest was disposed of. */
	readonly result: Promise<Result<JoinedByPairing, { readonly type: 'Refused'; readonly reason: string }>>;
}

export interface JoinedByPairing {
	readonly identity: SpaceIdentity;
	/** Whom this device acts for from now on, as the other device says. */
	readonly person: PersonId;
	/** May be empty. */
	readonly spaceName: string;
}

export type GuestState =
	| { readonly type: 'connecting' }
	/**
	 * To be compared with the other screen, and confirmed there. `isToConfirm`: the person has to say so here, too, since
	 * a code that was typed proves nothing of who answered.
	 */
	| { readonly type: 'compare'; readonly shortCode: string; readonly isToConfirm: boolean }
	| { readonly type: 'joining' }
	| { readonly type: 'joined' }
	/** `reason` is a sentence; nothing is kept. */
	| { readonly type: 'failed'; readonly reason: string };
