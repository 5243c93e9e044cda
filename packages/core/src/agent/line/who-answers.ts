import type { ClockDep } from '../../ports/clock.ts';
import type { Directory, SelfDep } from '../../space/space.ts';
import type { Answerers } from '../agent.ts';
import { clerkUnderstands } from '../clerk/understands.ts';

/**
 * Who answers a message: this device if it has a model key; else its clerk, for what that understands; else another device
 * of the same person that has a key; else the clerk, which says what it is.
 */
export function createAnswerers(
	deps: ClockDep & SelfDep & { readonly directory: Pick<Directory, 'devices'>; hasModel(): boolean },
): Answerers {
	return {
		async choose({ text, attachments }) {
			const { person, device } = deps.self;
			if (deps.hasModel()) return 'device';
			const isKeyed = deps.directory
				.devices()
				.some((other) => other.id !== device && other.person === person && other.hasModel === true);
			if (!isKeyed) return 'device';
			const context = { now: deps.clock.now(), zone: deps.clock.zone() };
			const isForClerk = attachments.length === 0 && (await clerkUnderstands(text, context));
			return isForClerk ? 'device' : 'claim';
		},
	};
}
