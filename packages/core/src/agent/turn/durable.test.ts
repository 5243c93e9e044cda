import { describe, expect, it } from 'vitest';
import type { LineRecord, MessageRecord } from '../../space/records.ts';
import { type AgentTab, type AgentWorld, createAgentWorld } from '../../testing/agent-world.ts';
import { createEchoTool } from '../../testing/echo-tools.ts';
import { createMemoryClaims } from '../../testing/memory-claims.ts';
import { linkDocs } from '../../testing/memory-docs.ts';
import { createScriptedModel } from '../../testing/scripted-model.ts';
import { createTestClock } from '../../testing/test-clock.ts';
import { indexLine, paidSteps } from '../line/line-index.ts';
import type { Tool } from '../tool.ts';
import { TURN_LEASE_MS } from './claims.ts';

function textsIn(value: unknown): string {
	return JSON.stringify(value);
}

function kinds(world: AgentWorld): readonly LineRecord['kind'][] {
	return world.records().map((record) => record.kind);
}

function messagesOf(world: AgentWorld): readonly MessageRecord[] {
	return world.records().filter((record) => record.kind === 'message');
}

function questionTool(): Tool {
	return {
		...createEchoTool('ask', { isReadOnly: true, isIdempotent: true }),
		question: () => ({ text: 'Which one?', choices: ['This', 'That'] }),
	};
}

function endedNotes(world: AgentWorld): readonly string[] {
	return [...world.disk.values.keys()].filter((key) => key.startsWith('ended/'));
}

/** Two devices of one person on one relay. */
async function openDevices() {
	const clock = createTestClock();
	const relay = createMemoryClaims(clock);
	const laptop = await createAgentWorld({ clock, relay, device: 'laptop', seed: 1 });
	const phone = await createAgentWorld({ clock, relay, device: 'phone', seed: 2 });
	const link = linkDocs(laptop.docs, phone.docs);
	return { clock, relay, laptop, phone, sync: () => link.flush() };
}

describe('what is said while a turn runs', () => {
	it('goes out with its next request, behind the results of the tools', async () => {
		using world = await createAgentWorld();
		const during = Promise.withResolvers<void>();
		const model = createScriptedModel([{ tools: [{ name: 'look', input: {} }] }, { text: 'Both.' }]);
		const look = createEchoTool('look', { isIdempotent: true, during: () => during.promise });
		const { agent } = world.open({ model, tools: [look] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		await agent.send({ line: world.line, text: 'And this too' });
		during.resolve();
		await world.settle();
		const last = model.requests[1]?.messages.at(-1);
		expect(last?.role).toBe('user');
		const blocks = Array.isArray(last?.content) ? last.content : [];
		expect(blocks.map(({ type }) => type)).toEqual(['tool_result', 'text', 'text']);
		expect(textsIn(blocks[1])).toContain('Said while you were at work. Speaking: anna.');
		expect(textsIn(blocks[2])).toContain('And this too');
		expect(world.outcomes(), 'one turn for both').toEqual([{ type: 'answered' }]);
		expect([...world.disk.values.keys()]).toEqual([]);
	});

	it('gets a turn of its own when the answer asks for no more tools', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'First.', holdAfter: 3 }, { text: 'Second.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await model.held();
		await agent.send({ line: world.line, text: 'And?' });
		model.release();
		await world.settle();
		expect(kinds(world)).not.toContain('steering');
		expect(world.outcomes()).toEqual([{ type: 'answered' }, { type: 'answered' }]);
	});
});

describe('a call that asks the person', () => {
	it('waits for days, is shown as asking, and goes on with the answer', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ tools: [{ name: 'ask', input: {}, id: 'q' }] }, { text: 'This it is.' }]);
		const { agent } = world.open({ model, tools: [questionTool()] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.clock.advance(3 * 86_400_000);
		expect(agent.live(world.line)).toMatchObject({ phase: 'asking', tools: [{ toolUse: 'q' }] });
		const [turn] = indexLine(world.records()).turns.keys();
		if (!turn) throw new Error('no turn');
		const decide = (text: string) =>
			agent.decide({ line: world.line, turn, toolUse: 'q', decision: { type: 'answered', text } });
		await decide('This');
		await decide('That');
		await world.settle();
		expect(textsIn(model.requests[1]?.messages.at(-1))).toContain('This');
		expect(
			kinds(world).filter((kind) => kind === 'decision'),
			'the first counts',
		).toHaveLength(1);
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		expect(agent.live(world.line)).toBeUndefined();
	});

	it('is shown again after a restart, and goes on upon an answer given in another tab', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ tools: [{ name: 'ask', input: {}, id: 'q' }] }, { text: 'Good.' }]);
		const first = world.open({ model, tools: [questionTool()] });
		await first.agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		first.kill();
		const second = world.open({ model, tools: [questionTool()] });
		await second.agent.resume();
		expect(second.agent.live(world.line)?.phase).toBe('asking');
		const third = world.open({ model, tools: [questionTool()] });
		const [turn] = indexLine(world.records()).turns.keys();
		if (!turn) throw new Error('no turn');
		await third.agent.decide({
			line: world.line,
			turn,
			toolUse: 'q',
			decision: { type: 'answered', text: 'That' },
		});
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
		expect(second.agent.live(world.line), 'nothing is asked any more').toBeUndefined();
		expect(model.requests).toHaveLength(2);
	});

	it('is passed over when the person says something else, and that goes along', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ tools: [{ name: 'ask', input: {}, id: 'q' }] }, { text: 'As you like.' }]);
		const { agent } = world.open({ model, tools: [questionTool()] });
		await agent.send({ line: world.line, text: 'Go' });
		await world.settle();
		await agent.send({ line: world.line, text: 'Forget it' });
		await world.settle();
		const decision = world.records().find((record) => record.kind === 'decision');
		expect(decision).toMatchObject({ toolUse: 'q', decision: { type: 'passed-over' } });
		expect(textsIn(model.requests[1]?.messages.at(-1))).toContain('Forget it');
		expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	});

	it('is answered on another device, which goes on with the turn while the first is away', async () => {
		const { clock, laptop, phone, sync } = await openDevices();
		const ran: string[] = [];
		const model = createScriptedModel([
			{
				tools: [
					{ name: 'ask', input: {}, id: 'q' },
					{ name: 'put', input: {}, id: 'p' },
				],
			},
			{ text: 'Done.' },
		]);
		// What works on everything waits behind the question, so it was not begun on the first device.
		const tools = [{ ...questionTool(), isReadOnly: false }, createEchoTool('put', { ran })];
		const first = laptop.open({ model, tools });
		await first.agent.send({ line: laptop.line, text: 'Go' });
		await clock.advance(1_000);
		first.kill();
		sync();
		await clock.advance(TURN_LEASE_MS);
		const second = phone.open({ model, tools });
		expect(await second.agent.attend(phone.line), 'a question is no reason to take a turn over').toBeUndefined();
		expect(kinds(phone)).not.toContain('takeover');
		const [turn] = indexLine(phone.records()).turns.keys();
		if (!turn) throw new Error('no turn');
		await second.agent.decide({ line: phone.line, turn, toolUse: 'q', decision: { type: 'answered', text: 'This' } });
		await clock.advance(1_000);
		expect(phone.outcomes()).toEqual([{ type: 'answered' }]);
		expect(kinds(phone).indexOf('takeover')).toBeLessThan(kinds(phone).indexOf('decision'));
		laptop[Symbol.dispose]();
		phone[Symbol.dispose]();
	});
});

describe('a turn that waits for the person, while its device is away', () => {
	it('takes along what they say on another device, in one turn', async () => {
		const { clock, laptop, phone, sync } = await openDevices();
		const model = createScriptedModel([
			{ tools: [{ name: 'ask', input: {}, id: 'q' }] },
			{ tools: [{ name: 'look', input: {}, id: 'l' }] },
			{ text: 'As you like.' },
		]);
		const look = createEchoTool('look', { isReadOnly: true, isIdempotent: true });
		const first = laptop.open({ model, tools: [questionTool()] });
		await first.agent.send({ line: laptop.line, text: 'Go' });
		await clock.advance(1_000);
		first.kill();
		sync();
		await clock.advance(2_000);
		const second = phone.open({ model, tools: [questionTool(), look] });
		await second.agent.send({ line: phone.line, text: 'Forget it' });
		await clock.advance(1_000);
		expect(textsIn(model.requests[1]?.messages.at(-1))).toContain('Forget it');
		expect(phone.outcomes()).toEqual([{ type: 'answered' }]);
		expect(kinds(phone).filter((kind) => kind === 'turn')).toHaveLength(1);
		expect(kinds(phone).filter((kind) => kind === 'steering')).toHaveLength(1);
		expect([...phone.disk.values.keys()]).toEqual([]);
		sync();
		await laptop.open({ model, tools: [questionTool()] }).agent.resume();
		expect([...laptop.disk.values.keys()]).toEqual([]);
		expect(await laptop.runs()).toHaveLength(1);
		for (const world of [laptop, phone]) world[Symbol.dispose]();
	});

	it('is no longer shown as asking where it was, once another device goes on with it', async () => {
		const { clock, laptop, phone, sync } = await openDevices();
		const model = createScriptedModel([{ tools: [{ name: 'ask', input: {}, id: 'q' }] }, { text: 'Good.' }]);
		const first = laptop.open({ model, tools: [questionTool()] });
		await first.agent.send({ line: laptop.line, text: 'Go' });
		await clock.advance(2_000);
		sync();
		await clock.advance(0);
		expect(first.agent.live(laptop.line)?.phase).toBe('asking');
		const second = phone.open({ model, tools: [questionTool()] });
		const [turn] = indexLine(phone.records()).turns.keys();
		if (!turn) throw new Error('no turn');
		await second.agent.decide({ line: phone.line, turn, toolUse: 'q', decision: { type: 'answered', text: 'This' } });
		await clock.advance(1_000);
		sync();
		await clock.advance(1_000);
		expect(first.agent.live(laptop.line)).toBeUndefined();
		expect(laptop.outcomes()).toEqual([{ type: 'answered' }]);
		expect(model.requests, 'one device went on').toHaveLength(2);
		for (const world of [laptop, phone]) world[Symbol.dispose]();
	});
});

it('a tab that takes a turn from a frozen one says so on the line, between two fences of the relay', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Slowly', holdAfter: 4 }, { text: 'Here.' }]);
	const first = world.open({ model });
	await first.agent.send({ line: world.line, text: 'Go' });
	await model.held();
	first.freeze();
	const second = world.open({ model });
	void second.agent.resume();
	await world.settle();
	const taken = world.records().find((record) => record.kind === 'takeover');
	expect(taken?.fence).toBeGreaterThan(1);
	expect(taken?.fence).toBeLessThan(2);
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	first.thaw();
	model.release();
	await world.clock.advance(5_000);
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	expect(await world.runs()).toHaveLength(1);
});

it('a tab that found another at work goes on when that one is frozen later, without being spoken to', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Slowly', holdAfter: 4 }, { text: 'Here.' }]);
	const first = world.open({ model });
	await first.agent.send({ line: world.line, text: 'Go' });
	await model.held();
	await world.open({ model }).agent.resume();
	await world.clock.advance(30_000);
	expect(model.requests, 'it runs and answers').toHaveLength(1);
	first.freeze();
	await world.clock.advance(15_000);
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	first.thaw();
	model.release();
	await world.clock.advance(60_000);
	expect(world.outcomes()).toEqual([{ type: 'answered' }]);
	expect(await world.runs()).toHaveLength(1);
	expect(model.requests).toHaveLength(2);
});

describe('stop', () => {
	it('reaches a turn that another device runs', async () => {
		const { clock, laptop, phone, sync } = await openDevices();
		const model = createScriptedModel([{ text: 'A long answer', holdAfter: 3 }]);
		await laptop.open({ model }).agent.send({ line: laptop.line, text: 'Go' });
		await model.held();
		sync();
		phone.open({ model }).agent.stop(phone.line);
		await clock.advance(1_000);
		sync();
		await clock.advance(1_000);
		expect(laptop.outcomes()).toEqual([{ type: 'stopped' }]);
		for (const world of [laptop, phone]) world[Symbol.dispose]();
	});

	it('leaves what waited behind the turn unanswered, also after a restart', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'A long answer', holdAfter: 3 }]);
		const tab = world.open({ model });
		await tab.agent.send({ line: world.line, text: 'Go' });
		await model.held();
		await tab.agent.send({ line: world.line, text: 'Behind it' });
		tab.agent.stop(world.line);
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'stopped' }]);
		expect(kinds(world)).toContain('stop');
		await world.open({ model }).agent.resume();
		await world.settle();
		expect(model.requests).toHaveLength(1);
		expect([...world.disk.values.keys()]).toEqual([]);
		expect(messagesOf(world)).toHaveLength(2);
	});

	it('does not hold back what is said after it', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'A long answer', holdAfter: 3 }, { text: 'Here.' }]);
		const { agent } = world.open({ model });
		await agent.send({ line: world.line, text: 'Go' });
		await model.held();
		agent.stop(world.line);
		await agent.send({ line: world.line, text: 'Better this' });
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'stopped' }, { type: 'answered' }]);
	});

	it('reaches the tab that runs the turn from another one', async () => {
		using world = await createAgentWorld();
		const model = createScriptedModel([{ text: 'A long answer', holdAfter: 3 }]);
		const [first, second] = [world.open({ model }), world.open({ model })];
		await first.agent.send({ line: world.line, text: 'Go' });
		await model.held();
		second.agent.stop(world.line);
		await world.settle();
		expect(world.outcomes()).toEqual([{ type: 'stopped' }]);
		expect(first.agent.live(world.line)).toBeUndefined();
	});
});

describe('a message that any keyed device may answer', () => {
	async function saidOnPhone() {
		const devices = await openDevices();
		const { phone, sync } = devices;
		const keyless = phone.open({
			model: createScriptedModel([], { kind: 'clerk', id: 'clerk' }),
			answerers: { choose: async () => 'claim' },
		});
		await keyless.agent.send({ line: phone.line, text: 'What is new?' });
		await phone.settle();
		sync();
		return { ...devices, keyless };
	}

	it('is recorded so before anybody acts, and answered by the device that claims it', async () => {
		const { clock, laptop, phone, sync } = await saidOnPhone();
		expect(messagesOf(phone)).toMatchObject([{ answerer: 'claim' }]);
		expect(kinds(phone), 'not by the clerk').toEqual(['message']);
		const model = createScriptedModel([{ text: 'This and that.' }]);
		const tab = laptop.open({ model });
		void tab.agent.attend(laptop.line);
		await clock.advance(1_000);
		sync();
		expect(phone.outcomes()).toEqual([{ type: 'answered' }]);
		const turn = phone.records().find((record) => record.kind === 'turn');
		expect(turn).toMatchObject({ device: 'laptop', fence: 1 });
		expect([...laptop.disk.values.keys()]).toEqual([]);
		laptop[Symbol.dispose]();
		phone[Symbol.dispose]();
	});

	it('is answered once, though two devices see it, and by the second when the first dies', async () => {
		const { clock, relay, laptop, phone, sync } = await saidOnPhone();
		const desk = await createAgentWorld({ clock, relay, device: 'desk', seed: 3 });
		const toDesk = linkDocs(laptop.docs, desk.docs);
		toDesk.flush();
		const model = createScriptedModel([{ text: 'Never heard', holdAfter: 2 }, { text: 'Here.' }]);
		const dying = laptop.open({ model });
		void dying.agent.attend(laptop.line);
		await model.held();
		toDesk.flush();
		const other: AgentTab = desk.open({ model });
		void other.agent.attend(desk.line);
		await clock.advance(1_000);
		expect(model.requests, 'the first has it').toHaveLength(1);
		dying.kill();
		await clock.advance(TURN_LEASE_MS);
		void other.agent.attend(desk.line);
		await clock.advance(1_000);
		toDesk.flush();
		sync();
		expect(phone.outcomes()).toEqual([{ type: 'answered' }]);
		expect(kinds(phone).filter((kind) => kind === 'turn')).toHaveLength(1);
		for (const world of [laptop, phone, desk]) world[Symbol.dispose]();
	});

	it('is left alone by devices of other people', async () => {
		const { clock, relay, laptop, phone } = await saidOnPhone();
		const theirs = await createAgentWorld({ clock, relay, device: 'theirs', person: 'ben', seed: 4 });
		linkDocs(phone.docs, theirs.docs).flush();
		const model = createScriptedModel([]);
		await theirs.open({ model }).agent.attend(theirs.line);
		await clock.advance(1_000);
		expect(model.requests).toEqual([]);
		for (const world of [laptop, phone, theirs]) world[Symbol.dispose]();
	});
});

describe('a turn that another device left', () => {
	it('is not taken over while that device holds its claim, nor without a relay to ask', async () => {
		const { clock, laptop, phone, sync } = await openDevices();
		const model = createScriptedModel(() => ({ text: 'Slowly coming', holdAfter: 3 }));
		const first = laptop.open({ model });
		await first.agent.send({ line: laptop.line, text: 'Go' });
		await model.held();
		sync();
		// The claim is renewed every minute, though nothing of the turn reaches the other device.
		await clock.advance(TURN_LEASE_MS + 1_000);
		const second = phone.open({ model });
		void second.agent.attend(phone.line);
		await clock.advance(1_000);
		expect(kinds(phone)).not.toContain('takeover');
		first.kill();
		await clock.advance(TURN_LEASE_MS);
		phone.claims.isOnline = false;
		void second.agent.attend(phone.line);
		await clock.advance(1_000);
		expect(kinds(phone)).not.toContain('takeover');
		laptop[Symbol.dispose]();
		phone[Symbol.dispose]();
	});

	it('runs on without a relay on the device it was begun on', async () => {
		const { clock, laptop, phone } = await openDevices();
		laptop.claims.isOnline = false;
		const model = createScriptedModel([{ text: 'Here.' }]);
		await laptop.open({ model }).agent.send({ line: laptop.line, text: 'Go' });
		await clock.advance(1_000);
		expect(laptop.outcomes()).toEqual([{ type: 'answered' }]);
		laptop[Symbol.dispose]();
		phone[Symbol.dispose]();
	});
});

describe('a turn that ended on a device out of reach, after another went on with it', () => {
	const PATH = 'notes/dog.md';

	/** The laptop loses the relay in the middle of the turn, the phone goes on, and both end it. */
	async function endedTwice() {
		const devices = await openDevices();
		const { clock, laptop, phone, sync } = devices;
		const note = ({ space }: AgentWorld) =>
			createEchoTool('note', {
				during: async ({ actor }) => void (await space.files.append({ path: PATH, text: 'Rex' }, actor)),
			});
		await laptop.space.files.write({ path: PATH, text: 'Dogs:\n' }, { type: 'person', ...laptop.space.self });
		sync();
		const away = createScriptedModel([
			{ text: 'A moment.', holdAfter: 3, tools: [{ name: 'note', input: {}, id: 'late' }] },
			{ text: 'Noted by the laptop.' },
		]);
		const tab = laptop.open({ model: away, tools: [note(laptop)] });
		await tab.agent.send({ line: laptop.line, text: 'We have a dog' });
		await away.held();
		sync();
		laptop.claims.isOnline = false;
		await clock.advance(TURN_LEASE_MS);
		const model = createScriptedModel([
			{ tools: [{ name: 'note', input: {}, id: 'good' }] },
			{ text: 'Noted by the phone.' },
		]);
		void phone.open({ model, tools: [note(phone)] }).agent.attend(phone.line);
		await clock.advance(1_000);
		expect(phone.outcomes()).toEqual([{ type: 'answered' }]);
		away.release();
		await clock.advance(1_000);
		expect(laptop.outcomes()).toEqual([{ type: 'answered' }]);
		expect(endedNotes(laptop)).toHaveLength(1);
		const open = () => laptop.open({ model: createScriptedModel([]), tools: [note(laptop)] });
		return { ...devices, tab, open };
	}

	it('keeps what the other did and takes back its own, once, though it died in between', async () => {
		const { clock, laptop, phone, sync, tab, open } = await endedTwice();
		tab.kill();
		laptop.claims.isOnline = true;
		await open().agent.attend(laptop.line);
		expect(endedNotes(laptop), 'nothing is known of the other yet').toHaveLength(1);
		sync();
		// Dead once more when the change was taken back and nothing else was done.
		const dying = laptop.open({ model: createScriptedModel([]), dieAt: { effect: 1, when: 'after' } });
		void dying.agent.resume();
		await clock.advance(1_000);
		expect(dying.isDead).toBe(true);
		expect(await laptop.space.files.read(PATH)).toMatchObject({ value: { text: 'Dogs:\nRex\n' } });
		expect(endedNotes(laptop)).toHaveLength(1);
		await open().agent.resume();
		await open().agent.attend(laptop.line);
		sync();
		for (const world of [laptop, phone]) {
			expect(await world.space.files.read(PATH)).toMatchObject({ value: { text: 'Dogs:\nRex\n' } });
			const [run] = await world.runs();
			expect(run).toMatchObject({ outcome: { type: 'answered' }, modelCalls: 4 });
			expect(await world.runs()).toHaveLength(1);
		}
		expect([...laptop.disk.values.keys()]).toEqual([]);
		for (const world of [laptop, phone]) world[Symbol.dispose]();
	});
});

it('a turn that ended without a relay is forgotten when the relay says so, or after a month', async () => {
	using world = await createAgentWorld();
	const model = createScriptedModel([{ text: 'Slowly', holdAfter: 3 }, { text: 'Here.' }]);
	const { agent } = world.open({ model });
	await agent.send({ line: world.line, text: 'Go' });
	await model.held();
	world.claims.isOnline = false;
	model.release();
	await world.settle();
	expect(endedNotes(world)).toHaveLength(1);
	world.claims.isOnline = true;
	await agent.attend(world.line);
	expect(endedNotes(world)).toEqual([]);
	world.claims.isOnline = false;
	await agent.send({ line: world.line, text: 'Once more' });
	await world.settle();
	world.claims.isOnline = true;
	await agent.attend(world.line);
	expect(endedNotes(world), 'nobody claimed it').toHaveLength(1);
	await world.clock.advance(31 * 86_400_000);
	await agent.resume();
	expect(endedNotes(world)).toEqual([]);
});

describe('the records of a turn that was taken over', () => {
	const line = { at: 1, turn: 't' } as const;
	const step = (id: string, fence?: number): LineRecord =>
		({
			kind: 'model-step',
			id,
			...line,
			model: 'm',
			content: [],
			stop: 'end_turn',
			durationMs: 0,
			...(fence === undefined ? {} : { fence }),
		}) as unknown as LineRecord;
	const turn = {
		kind: 'turn',
		id: 't',
		at: 1,
		trigger: { type: 'message', message: 'm' },
		device: 'a',
		by: 'agent',
		model: 'm',
		epoch: 'e',
		head: '',
		context: [],
	} as unknown as LineRecord;
	const takeover = (fence: number, steps: readonly string[], device = 'b'): LineRecord =>
		({ kind: 'takeover', critical: true, ...line, device, fence, steps }) as unknown as LineRecord;
	const counted = (records: readonly LineRecord[]) => [...indexLine(records).turns.values()][0];

	it('count when the newest runner wrote or named them, in whatever order they arrive', () => {
		const records = [turn, step('1'), takeover(1, ['1']), step('late'), step('2', 1), takeover(2, ['1', '2'], 'c')];
		for (const order of [records, records.toReversed()]) {
			const found = counted(order);
			expect(found?.modelSteps.map(({ id }) => id).sort()).toEqual(['1', '2']);
			expect(found?.superseded).toMatchObject([{ id: 'late' }]);
			expect(found?.takeover?.device).toBe('c');
		}
	});

	it('leave an end that the first runner wrote too late without effect', () => {
		const end = (fence?: number): LineRecord =>
			({ kind: 'turn-end', ...line, outcome: { type: 'answered' }, ...(fence ? { fence } : {}) }) as LineRecord;
		expect(counted([turn, takeover(1, []), end()])?.end).toBeUndefined();
		expect(counted([turn, takeover(1, []), end(), end(1)])?.end?.fence).toBe(1);
	});

	it('are paid for once a call, though one tab recorded it as cut and another heard its end', () => {
		const cut = { ...step('1', 1), stop: 'cut' } as LineRecord;
		const found = counted([turn, takeover(1, []), cut, step('1'), step('2')]);
		expect(found && paidSteps(found).map(({ id, stop }) => `${id} ${stop}`)).toEqual(['1 end_turn', '2 end_turn']);
	});

	it('read as before where nothing was taken over', () => {
		const found = counted([turn, step('1'), step('2')]);
		expect(found?.modelSteps).toHaveLength(2);
		expect(found?.superseded).toEqual([]);
	});
});
