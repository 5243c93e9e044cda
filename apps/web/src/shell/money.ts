import type { Spent } from '@pocketeer/core/agent/spend/usage';

/** US dollars: whole cents, and below one cent as many digits as say something; what is more than nothing is never $0.00. */
export function formatUsd(usd: number): string {
	if (usd === 0) return '$0.00';
	if (usd < 0.0001) return 'under $0.0001';
	if (usd < 0.01) return `$${usd.toFixed(4)}`;
	return `$${usd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** What calls cost, in words; of calls whose price is not known it says so. Undefined when none was made. */
export function describeCost({ usd, calls, unpriced }: Pick<Spent, 'usd' | 'calls' | 'unpriced'>): string | undefined {
	if (calls === 0) return undefined;
	if (unpriced === 0) return formatUsd(usd);
	if (unpriced >= calls && usd === 0) return 'cost unknown';
	return `${formatUsd(usd)} and ${unpriced} ${unpriced === 1 ? 'call' : 'calls'} of unknown cost`;
}

/** A count of tokens, short: 940, 12.4k, 1.2M. */
export function formatTokens(count: number): string {
	if (count < 1_000) return String(count);
	if (count < 99_950) return `${(count / 1_000).toFixed(1)}k`;
	if (count < 999_500) return `${Math.round(count / 1_000)}k`;
	return `${(count / 1_000_000).toFixed(1)}M`;
}
