/** Finds what was meant in the files of the space. */
export interface Recall {
	/** Best first. An empty query finds nothing. */
	search(query: string, limit: number): Promise<readonly RecallHit[]>;
	/** Paths that the last search had to leave out, because this device could not read them: nothing found is then not all. */
	unread(): readonly string[];
}
export interface RecallDep {
	readonly recall: Recall;
}

export interface RecallHit {
	readonly path: string;
	/** 1-based line of the best passage. */
	readonly lineNumber: number;
	/** The list item, or the passage with a line or two of context each way; at most 400 characters. */
	readonly snippet: string;
	readonly score: number;
	/** ms since the epoch. */
	readonly touched: number;
}
