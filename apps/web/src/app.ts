import type { Agent } from '@pocketeer/core/agent/agent';
import type { Waiting as WaitsFor } from '@pocketeer/core/agent/calls/trust';
import type { Failure } from '@pocketeer/core/agent/failures';
import type { Caps } from '@pocketeer/core/agent/spend/caps';
import type { LineId, SpaceId, TurnId } from '@pocketeer/core/ids';
import type { Members } from '@pocketeer/core/members/members';
import type { Clock } from '@pocketeer/core/ports/clock';
import type { StoreError } from '@pocketeer/core/ports/store';
import type { Recall } from '@pocketeer/core/recall/recall';
import type { Result } from '@pocketeer/core/result';
import type { Attachment, LineRecord } from '@pocketeer/core/space/records';
import type { Space } from '@pocketeer/core/space/space';
import type { Sync } from '@pocketeer/core/sync/sync';
import type { Tasks } from '@pocketeer/core/tasks/tasks';
import { createContext, useContext } from 'solid-js';
import type { Backup } from './backup/backup.ts';

/** Everything a screen may use; made once by `main.tsx`. */
export interface App {
	readonly clock: Clock;
	readonly space: Space;
	readonly sync: Sync;
	/** Loaded after first paint with the loop, the tools and the clerk. */
	readonly agent: Promise<Agent>;
	readonly tasks: Promise<Tasks>;
	readonly recall: Promise<Recall>;
	/** What waits for the person's word. */
	readonly waiting: Promise<Waiting>;
	readonly settings: Settings;
	readonly push: Push;
	readonly drafts: Drafts;
	readonly recovery: Recovery;
	readonly spaces: Spaces;
	/** Who belongs to the space; its code comes with the first call. Rejects when that cannot be fetched. */
	members(): Promise<Members>;
	/** Backup files and the end of the space; likewise. */
	backup(): Promise<Backup>;
	readonly updates: Updates;
}

/** Calls of the agent's tools that stand still until the person decides or answers. */
export interface Waiting {
	/** Those on a line with these records, in order. */
	callsOn(records: readonly LineRecord[]): readonly WaitingCall[];
	/** Lines with such calls, among those spoken on lately. */
	lines(): ReadonlySet<LineId>;
	subscribe(listener: () => void): Disposable;
}
export interface WaitingCall {
	readonly turn: TurnId;
	readonly toolUse: string;
	readonly name: string;
	readonly input: unknown;
	/** Of a turn on a device of this person; others decide on theirs. */
	readonly isOwn: boolean;
	readonly waitsFor: WaitsFor;
}

/** Settings of this device; the key rests in this browser's database, unsealed, and is never synced. */
export interface Settings {
	current(): SettingsState;
	subscribe(listener: () => void): Disposable;
	/** Resolves once it is on disk. */
	update(change: Partial<SettingsState>): Promise<Result<void, StoreError>>;
	/** Asks the endpoint whether key, URL and model work, without keeping them. */
	check(model: ModelSettings): Promise<Result<{ readonly models: readonly string[] }, Failure>>;
}
export interface SettingsState {
	readonly model: ModelSettings;
	readonly theme: 'system' | 'light' | 'dark';
	readonly web: WebSettings;
	/** Long conversations are summed up for the model. */
	readonly sumsUp: boolean;
	/** How much may be spent from this device. */
	readonly caps: Caps;
}
/** What the model's service may look up on the web inside a call. */
export interface WebSettings {
	readonly search: boolean;
	/** Whether pages may be opened, on `sites` only. */
	readonly fetch: boolean;
	/** Names of sites, such as `example.org`; what is under them is meant too. */
	readonly sites: readonly string[];
	/** Pages read for one answer at most. */
	readonly pages: number;
}
export interface ModelSettings {
	/** Empty: the clerk answers. */
	readonly apiKey: string;
	/** Empty: https://api.anthropic.com. */
	readonly baseUrl: string;
	/** Empty: a model is chosen from those the endpoint lists. */
	readonly model: string;
}

/** Notifications on this device. */
export interface Push {
	current(): PushState;
	subscribe(listener: () => void): Disposable;
	/** Must be called from a click: asks permission, subscribes, tells the relay. */
	enable(): Promise<PushState>;
	test(): Promise<Result<void, { readonly reason: string }>>;
}
export type PushState =
	| { readonly type: 'unsupported'; readonly reason: string }
	| { readonly type: 'off' }
	| { readonly type: 'denied' }
	| { readonly type: 'on' }
	| { readonly type: 'failed'; readonly reason: string };

/** What was typed and not sent, by line; on disk within half a second, and when the page hides. */
export interface Drafts {
	read(line: string): Promise<string>;
	write(line: string, text: string): void;
	/** What was attached and not sent; the bytes are in their blobs. */
	readFiles(line: string): Promise<readonly Attachment[]>;
	writeFiles(line: string, files: readonly Attachment[]): void;
}

/** The 24 words that open this space anywhere. */
export interface Recovery {
	/** To be shown now, which is remembered; undefined on a device that joined and never held the root. */
	words(): Promise<readonly string[] | undefined>;
	/** Whether the person has seen the present space's words on this device: shown here, or typed in to join. */
	wereShown(): Promise<boolean>;
	/** Whether the person has shown that the words are written down; `absent` where this device does not hold them. */
	progress(): Promise<WordsProgress>;
	/** The places of two words to ask for, from 1, in order. */
	draw(): Promise<readonly [number, number]>;
	/** Whether these are the words at their places; when they are, that is remembered. */
	confirm(answers: readonly WordAnswer[]): Promise<boolean>;
	/** The person does not want to be reminded again, outside of Settings. */
	dismissReminder(): Promise<void>;
	/** Opens the space of these words on this device instead of the present one, which is kept; reloads on success. */
	open(words: string): Promise<Result<void, RecoveryError>>;
}
export type WordsProgress = 'absent' | 'unconfirmed' | 'dismissed' | 'confirmed';
/** One word as typed; places count from 1. */
export interface WordAnswer {
	readonly place: number;
	readonly word: string;
}

/** The spaces of this browser profile. */
export interface Spaces {
	/** The present one first, then those that came last. */
	list(): Promise<Result<readonly KnownSpaceInfo[], StoreError>>;
	/** Opens another space of this device instead of the present one, with neither words nor relay; reloads on success. */
	switchTo(id: SpaceId): Promise<Result<void, StoreError>>;
	/** Makes a new, empty space beside the others; opens it with a reload on success. */
	create(name: string): Promise<Result<void, StoreError>>;
	/** Deletes what this device keeps of the present space, keys included; opens another or a new one with a reload on success. */
	forget(): Promise<Result<void, StoreError>>;
}
/** A space of this browser profile, as a list of them shows it. */
export interface KnownSpaceInfo {
	readonly id: SpaceId;
	/** What its people call it, as this device knew it last; empty for one without a name. */
	readonly name: string;
	/** Wall clock when it was founded or joined on this device, ms since the epoch. */
	readonly since: number;
	readonly isCurrent: boolean;
}
export type RecoveryError =
	| { readonly type: 'BadWords'; readonly reason: string }
	| { readonly type: 'NoSuchSpace' }
	| { readonly type: 'NoRelay'; readonly reason: string }
	| { readonly type: 'Untrusted'; readonly reason: string }
	| { readonly type: 'NewerForm'; readonly reason: string }
	| StoreError;

/** A newer build of the app waits to take over. */
export interface Updates {
	isWaiting(): boolean;
	subscribe(listener: () => void): Disposable;
	/** Lets it take over and reloads. */
	apply(): void;
}

const AppContext = createContext<App>();
export const AppProvider = AppContext.Provider;

/** The app of the surrounding provider; throws outside of one. */
export function useApp(): App {
	const app = useContext(AppContext);
	if (!app) throw new Error('useApp outside of AppProvider');
	return app;
}
