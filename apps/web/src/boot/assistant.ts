import type { Agent } from '@pocketeer/core/agent/agent';
import { createClerk } from '@pocketeer/core/agent/clerk/create-clerk';
import { createAgent } from '@pocketeer/core/agent/create-agent';
import { createAnswering } from '@pocketeer/core/agent/line/answering';
import { createAnswerers } from '@pocketeer/core/agent/line/who-answers';
import { createSpend } from '@pocketeer/core/agent/spend/spend';
import { createClaims } from '@pocketeer/core/agent/turn/claims';
import { newestEpoch } from '@pocketeer/core/crypto/key-ring';
import { createSpaceSecrets } from '@pocketeer/core/crypto/space-secrets';
import { sealWake, type WakePayload } from '@pocketeer/core/crypto/wake-payload';
import type { WakeId } from '@pocketeer/core/ids';
import type { ClockDep } from '@pocketeer/core/ports/clock';
import type { LogDep } from '@pocketeer/core/ports/log';
import type { RandomDep } from '@pocketeer/core/ports/random';
import type { TabsDep } from '@pocketeer/core/ports/tabs';
import { readDeviceList } from '@pocketeer/core/protocol/device-list';
import { createRecall } from '@pocketeer/core/recall/create-recall';
import type { Recall } from '@pocketeer/core/recall/recall';
import { lineId } from '@pocketeer/core/space/lines';
import { createTasks } from '@pocketeer/core/tasks/create-tasks';
import { createOccurrences } from '@pocketeer/core/tasks/occurrences';
import { createTaskRunner } from '@pocketeer/core/tasks/runner';
import { createTaskBook } from '@pocketeer/core/tasks/task-book';
import type { Tasks } from '@pocketeer/core/tasks/tasks';
import { createWakeKeeper } from '@pocketeer/core/tasks/wakes';
import { createTools } from '@pocketeer/tools';
import type { Settings, Waiting } from '../app.ts';
import { createModels } from './models.ts';
import type { OpenedSpace } from './open-space.ts';
import { createWaiting } from './waiting.ts';

/** What thinks and acts: loaded after the first paint, as one part of the app. */
export interface Assistant {
	readonly agent: Agent;
	readonly tasks: Tasks;
	readonly recall: Recall;
	readonly waiting: Waiting;
	/** Looks for due work now: the page was shown, or a push came. */
	check(): void;
}

export interface AssistantDeps extends ClockDep, RandomDep, LogDep, OpenedSpace, TabsDep {
	readonly settings: Settings;
}

/** Makes the agent with its tools, the tasks and their runner, and takes up what a killed tab left behind. */
export async function createAssistant(deps: AssistantDeps): Promise<Assistant> {
	const { clock, random, log, store, tabs, sync, known, validation, settings } = deps;
	const { self, files, lines, runs, directory, blobs } = deps.space;
	await validation.load();

	const { id: space } = known;
	// Names do not change with the keys; what is sealed takes the newest there is at that moment.
	const keys = {
		...createSpaceSecrets(deps.keys.ring, space),
		sealWake: (payload: WakePayload, wake: WakeId) =>
			sealWake(
				{ random },
				{ place: { space, wake }, ring: deps.keys.ring, payload: { ...payload, url: urlOf(payload) } },
			),
		epoch: () => newestEpoch(deps.keys.ring),
		onRekeyed: (listener: () => void) => deps.keys.subscribe(listener),
	};
	const book = createTaskBook({ files, clock });
	const occurrences = createOccurrences({ runs, keys, now: () => clock.now() });
	const tasks = createTasks({ files, clock, runs, book, occurrences });
	const recall = createRecall({ files });
	const tools = createTools({ files, tasks, recall, clock, lines, directory, blobs });
	const models = createModels({ settings, clerk: createClerk({ clock, random }) });
	const caps = { current: () => settings.current().caps };
	const spend = createSpend({ runs, lines, self, store, clock, log, caps });
	const hasModel = () => settings.current().model.apiKey !== '';
	const claims = createClaims({ clock, keys, sync });
	const answerers = createAnswerers({ clock, self, directory: { devices: presentDevices }, hasModel });
	const agent = createAgent(
		{ clock, random, log, store, tabs, files, lines, runs, directory, blobs, self, models, spend, claims, answerers },
		{ tools, compaction: { isOn: () => settings.current().sumsUp } },
	);
	const runner = createTaskRunner({ clock, log, self, lines, runs, book, occurrences, agent, sync });
	createWakeKeeper({ files, clock, log, book, occurrences, keys, store, sync });
	void agent.resume();
	// The tab that led was closed or frozen, and what it was at is left behind.
	let wasLeader = sync.status.isLeader;
	sync.subscribe(({ isLeader }) => {
		if (isLeader && !wasLeader) void agent.resume();
		wasLeader = isLeader;
	});
	const answering = createAnswering({ lines, clock, log, sync, attendant: agent, hasModel });
	const noteModel = () => void directory.noteModel(self.device, hasModel()).then(() => answering.check());
	settings.subscribe(noteModel);
	noteModel();
	const waiting = createWaiting({ lines, clock, self, directory }, tools);
	return { agent, tasks, recall, waiting, check };

	/** One that was taken out of the space stays in the directory, for what it did. */
	function presentDevices() {
		const newest = deps.keys.lists.at(-1);
		const list = newest && readDeviceList(newest);
		if (!list?.ok) return directory.devices();
		const listed = new Set(list.value.devices.map((one) => one.id));
		return directory.devices().filter(({ id: one }) => listed.has(one));
	}

	function check(): void {
		void agent.resume();
		void runner.check();
		answering.check();
	}
}

/** Where a click on the notification leads: the line the result lands on. */
function urlOf({ line }: WakePayload): string {
	return `/chat/${encodeURIComponent(lineId(line))}`;
}
