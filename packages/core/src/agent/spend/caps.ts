import type { CapReached } from '../../space/failure.ts';

/** How much may be spent, US dollars; set per device, by the person whose key pays there. */
export interface Caps {
	/** On one local day, by one person on all devices. */
	readonly dayUsd: number | 'off';
	/** In one turn. */
	readonly turnUsd: number | 'off';
	/** For one day the day's cap is this instead; over with that day. */
	readonly raised?: { readonly day: string; readonly usd: number };
}
export interface CapsDep {
	readonly caps: { current(): Caps };
}

/**
 * What holds until the person chooses. A day of chat with a mid-sized model stays far below two dollars. Half of it is room for
 * a long conversation read once without the cache (100,000 tokens cost $0.50 with the second dearest model, $1 with the
 * dearest) and stops a turn that would eat the day.
 */
export const DEFAULT_CAPS: Caps = { dayUsd: 2, turnUsd: 1 };

/** The cap that holds on a day (`2026-11-20`); undefined when it is switched off. */
export function dayCapOn({ dayUsd, raised }: Caps, day: string): number | undefined {
	if (dayUsd === 'off') return undefined;
	return raised?.day === day ? Math.max(raised.usd, dayUsd) : dayUsd;
}

/**
 * What one tap raises today's cap to: by so many times the ordinary cap that the call fits and at least half of one is free. In
 * whole cents, and never lower than it was.
 */
export function raisedCap(caps: Caps, reached: CapReached): number {
	const step = caps.dayUsd === 'off' || caps.dayUsd <= 0 ? DEFAULT_DAY_USD : caps.dayUsd;
	const { capUsd, spentUsd, nextUsd = 0 } = reached;
	const times = Math.max(1, Math.ceil((spentUsd + Math.max(step / 2, nextUsd) - capUsd) / step));
	return Math.ceil((capUsd + times * step) * 100 - 1e-6) / 100;
}

const DEFAULT_DAY_USD = 2;

/** Caps of whatever build kept them; what is missing or no amount of money is the default. */
export function parseCaps(value: unknown): Caps {
	const read = (name: string): unknown =>
		typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
	const dayUsd = parseAmount(read('dayUsd')) ?? DEFAULT_CAPS.dayUsd;
	const turnUsd = parseAmount(read('turnUsd')) ?? DEFAULT_CAPS.turnUsd;
	const raised = parseRaised(read('raised'));
	return { dayUsd, turnUsd, ...(raised ? { raised } : {}) };
}

function parseRaised(value: unknown): Caps['raised'] {
	if (typeof value !== 'object' || value === null) return undefined;
	const [day, usd] = [Reflect.get(value, 'day'), parseAmount(Reflect.get(value, 'usd'))];
	return typeof day === 'string' && typeof usd === 'number' ? { day, usd } : undefined;
}

function parseAmount(value: unknown): number | 'off' | undefined {
	if (value === 'off') return value;
	return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
