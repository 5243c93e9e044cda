/** How much time a benchmark may take. */
export interface BenchOptions {
	/** The numbers that the issues name; otherwise what fits into a few minutes for all parts. */
	readonly isFull: boolean;
}
