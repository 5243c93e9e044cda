/** Lets real time pass: benchmarks measure it. */
export function elapse(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
