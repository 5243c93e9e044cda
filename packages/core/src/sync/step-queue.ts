/** Carries out steps one after the other, each wholly before the next. */
export interface StepQueue {
	add(step: () => Promise<void>): void;
	/** Steps that were added and are not done. */
	readonly length: number;
}

/** Makes an empty queue; `broke` hears of a step that threw, and the next one is carried out all the same. */
export function createStepQueue(broke: (error: unknown) => void): StepQueue {
	let last = Promise.resolve();
	let length = 0;
	return {
		add(step) {
			length++;
			last = last
				.then(step)
				.catch(broke)
				.finally(() => {
					length--;
				});
		},
		get length() {
			return length;
		},
	};
}
