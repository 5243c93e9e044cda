import type { ToolOutcome } from '@pocketeer/core/agent/tool';
import type { PersonId } from '@pocketeer/core/ids';
import type { StoreError } from '@pocketeer/core/ports/store';
import type { Said } from '@pocketeer/core/recall/said';
import { localDateOf, localTimeOf, weekdayOf } from '@pocketeer/core/schedule/zoned';
import { lineId } from '@pocketeer/core/space/lines';
import type { Line, Lines, OpenLine, PeopleDep } from '@pocketeer/core/space/space';
import { failed } from './define-tool.ts';

/** The line a model means: by its id, or by its name however it is written. */
export function findLine(lines: Pick<Lines, 'list'>, named: string): Line | undefined {
	const all = lines.list();
	return all.find(({ id }) => id === named.trim()) ?? all.find(({ id }) => id === lineId(named));
}

/** Tells that there is no such line, and which there are. */
export function noSuchLine(lines: Pick<Lines, 'list'>, named: string): string {
	const names = lines
		.list()
		.slice(0, 8)
		.map(({ name }) => `"${name}"`);
	const known = names.length > 0 ? ` There are: ${names.join(', ')}. list_lines shows all.` : '';
	return `There is no line "${named.trim()}".${known}`;
}

/** Opens earlier months until `isEnough` or there are none, at most so many; false when they end before that. */
export async function loadBack(line: OpenLine, isEnough: () => boolean, mostMonths: number): Promise<boolean> {
	for (let months = 0; !isEnough(); months++) {
		if (months >= mostMonths || !line.hasOlder) return false;
		if (!(await line.older()).ok) return false;
	}
	return true;
}

/** What a model is told when a line cannot be opened or written to; nothing was changed. */
export function lineErrorOutcome(error: StoreError): ToolOutcome {
	switch (error.type) {
		case 'QuotaExceeded':
			return failed('Not saved: the storage of this device is full. The person has to free some space first.');
		case 'CorruptRow':
			return failed('Not done: what this device keeps of the line is damaged. Another device may still have it.');
		case 'StoreUnavailable':
			return failed('Not done: the storage of this device cannot be reached now. It may work again after a reload.');
	}
}

/** Writes what was said as a model reads it: when, who, and its id to go on from. */
export function createQuoter(deps: PeopleDep & { readonly zone: string }) {
	const names = new Map<PersonId, string>(deps.directory.people().map(({ id, name }) => [id, name]));
	return {
		quote(said: Said, limit: number): string {
			return `[${said.id}] ${momentOf(said.at)} ${speaker(said.by)}: ${shortened(said.text, limit)}`;
		},
		/** Words around what was found, without an id. */
		aside: (said: Said, limit: number) => `  ${speaker(said.by)}: ${shortened(said.text.replace(/\s+/g, ' '), limit)}`,
	};

	function momentOf(at: number): string {
		return `${weekdayOf(at, deps.zone).slice(0, 3)} ${localDateOf(at, deps.zone)} ${localTimeOf(at, deps.zone)}`;
	}

	function speaker(by: Said['by']): string {
		switch (by.type) {
			case 'person':
				return names.get(by.person) || by.person;
			case 'task':
				return `nudge ${by.path}`;
			case 'agent':
				return `you, from the line "${by.line}"`;
			case 'answer':
				return by.from === 'clerk' ? 'the clerk' : 'you';
			case 'reminder':
				return 'reminder shown';
		}
	}
}

/** The first source among what is quoted that came from outside. */
export function untrustedOf(quoted: readonly Said[]): Pick<ToolOutcome, 'untrusted'> {
	const source = quoted.find(({ untrusted }) => untrusted)?.untrusted;
	return source ? { untrusted: source } : {};
}

/** At most `limit` characters, and a word about the rest. */
export function shortened(text: string, limit: number): string {
	if (text.length <= limit) return text;
	const cut = text.slice(0, limit);
	return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}… (${text.length - limit} characters more)`;
}
