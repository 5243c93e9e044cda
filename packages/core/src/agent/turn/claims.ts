import type { TurnId } from '../../ids.ts';
import type { ClockDep } from '../../ports/clock.ts';
import type { OpenLine } from '../../space/space.ts';
import type { RelayWakes } from '../../sync/sync.ts';
import { type LineIndexDep, topFence } from '../line/line-index.ts';

/** Who runs a turn, as the relay says; it sees opaque ids only. */
export interface Claims {
	/** Claims a turn for this device, or renews its claim. */
	claim(name: string): Promise<Claimed>;
	/** The turn stands still: any device may claim it, as soon as there is something to do. */
	release(name: string): Promise<void>;
	/** The turn is over: no device gets it again. False when nobody said so: no relay, or another device got it since. */
	finish(name: string, fence: number): Promise<boolean>;
}
export interface ClaimsDep {
	readonly claims: Claims;
}

export type Claimed =
	/** `until`: wall clock in ms since the epoch; until then no other device gets it. */
	| { readonly type: 'held'; readonly fence: number; readonly until: number }
	/** Another device has it, or it is over. */
	| { readonly type: 'elsewhere' }
	/** No relay to ask. */
	| { readonly type: 'unknown' };

/**
 * A turn that has not moved for this long may be taken over by another device. Three of the minutes that browsers let
 * pass between timers of a hidden tab.
 */
export const TURN_LEASE_MS = 3 * 60_000;
const RENEW_MS = TURN_LEASE_MS / 3;
/** The holder's new lease takes the place of the old one; relays grant none below a second. */
const SHORTEST_LEASE_MS = 1_000;

/**
 * Between two claims of the relay, whose fences are whole, a tab that takes a turn from another tab of its device goes up
 * by this much: whoever claims next stands above all of them.
 */
export const TAB_STEP = 2 ** -20;

/** Written when the writer knew that the turn was no longer its own: it never counts, and what it cost does. */
export const LOST_FENCE = -1;

/** Makes the claims over the relay's. */
export function createClaims(
	deps: ClockDep & {
		readonly keys: { claimId(name: string): Promise<string> };
		readonly sync: { readonly wakes: Pick<RelayWakes, 'claim' | 'finish'> };
	},
): Claims {
	return {
		async claim(name) {
			// The lease counts from before the question: the relay's began no earlier.
			const asked = deps.clock.now();
			const claim = await deps.sync.wakes.claim(await deps.keys.claimId(name), TURN_LEASE_MS);
			if (!claim.ok) return { type: 'unknown' };
			const { fence } = claim.value;
			return fence === 0 ? { type: 'elsewhere' } : { type: 'held', fence, until: asked + TURN_LEASE_MS };
		},
		async release(name) {
			await deps.sync.wakes.claim(await deps.keys.claimId(name), SHORTEST_LEASE_MS);
		},
		async finish(name, fence) {
			const claimed = Math.floor(fence);
			if (claimed <= 0) return false;
			const done = await deps.sync.wakes.finish(await deps.keys.claimId(name), claimed);
			return done.ok && done.value;
		},
	};
}

/** Where there is no relay every device answers what was said on it. */
export const NO_CLAIMS: Claims = {
	claim: async () => ({ type: 'unknown' }),
	release: async () => {},
	finish: async () => false,
};

/** This tab's hold on one turn while it runs it. */
export interface Hold extends Disposable {
	/** The fencing token for what is written. */
	readonly fence: number;
	/** The claim the relay gave; 0 without one. */
	readonly claimed: number;
	/** Whether this tab may go on with the turn; renews a lease that ran out. Ask before each effect. */
	check(): Promise<boolean>;
	/** What `check` said last, or what the line says now. */
	readonly isLost: boolean;
}

/** What a hold on a turn begins with. */
export interface HoldOptions {
	readonly line: OpenLine;
	readonly turn: TurnId;
	/** The fence of this tab's own records so far. */
	readonly fence: number;
	/** A claim made already; otherwise one is made beside the turn, which does not wait for it. */
	readonly claimed?: Claimed & { readonly type: 'held' };
	/** Without a claim: what answers at once on one device needs none. */
	readonly isUnclaimed?: boolean;
	/** The line's lock went to another tab. */
	readonly lock: AbortSignal;
	/** The turn went to another tab or device: called once. */
	lost(): void;
}

/** Holds a turn until disposed: renews its claim, and notices when somebody else went on with it. */
export function holdTurn(deps: ClockDep & LineIndexDep & ClaimsDep, options: HoldOptions): Hold {
	const { line, turn, lock } = options;
	let { fence } = options;
	let claimed = 0;
	let until: number | undefined;
	let isElsewhere = false;
	let isOver = false;
	let asking: Promise<void> | undefined;
	let timer: Disposable | undefined;
	if (options.claimed) take(options.claimed);
	else if (!options.isUnclaimed) void renew();
	const following = line.subscribe(look);
	lock.addEventListener('abort', look);

	return {
		get fence() {
			return fence;
		},
		get claimed() {
			return claimed;
		},
		get isLost() {
			return isLost();
		},
		async check() {
			if (until !== undefined && deps.clock.now() >= until && !isLost()) await renew();
			return !isLost();
		},
		[Symbol.dispose]() {
			isOver = true;
			timer?.[Symbol.dispose]();
			following[Symbol.dispose]();
			lock.removeEventListener('abort', look);
		},
	};

	function isLost(): boolean {
		if (isElsewhere || lock.aborted) return true;
		const present = deps.indexOf(line.records()).turns.get(turn);
		return present !== undefined && topFence(present) > fence;
	}

	function look(): void {
		if (isOver || !isLost()) return;
		isOver = true;
		timer?.[Symbol.dispose]();
		options.lost();
	}

	function renew(): Promise<void> {
		asking ??= deps.claims.claim(turn).then((answer) => {
			asking = undefined;
			if (answer.type === 'held') take(answer);
			else if (answer.type === 'elsewhere') isElsewhere = true;
			// Offline nobody else can get it either, unless the lease ran out: then their fence is higher than ours.
			look();
			if (!isOver) again();
		});
		return asking;
	}

	function take(answer: Claimed & { readonly type: 'held' }): void {
		claimed = answer.fence;
		fence = Math.max(fence, answer.fence);
		until = answer.until;
		again();
	}

	function again(): void {
		timer?.[Symbol.dispose]();
		if (!isOver) timer = deps.clock.setTimer(RENEW_MS, () => void renew());
	}
}
