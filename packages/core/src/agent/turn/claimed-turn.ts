import type { TurnId } from '../../ids.ts';

/** The name of the claim on a message that any of the person's devices may answer; its turn takes it for its id. */
export function turnIdOfClaimed(message: string): TurnId {
	return `claim-${message}` as TurnId;
}
