import { isJsonObject, type JsonObject } from '../../json.ts';

/** Why the API refuses something, in its own kind of words; undefined when it does not. */
export type Refusal = string | undefined;

/** What may stand in a field. */
export type Check = (value: unknown, path: string) => Refusal;

/** Fields of an object: all that are allowed, and how each must look. */
export interface Fields {
	readonly required: Readonly<Record<string, Check>>;
	readonly optional?: Readonly<Record<string, Check>>;
}

/** Refuses the first field that is missing, unknown or of another form. */
export function refuseFields(object: JsonObject, { required, optional = {} }: Fields, path: string): Refusal {
	for (const name of Object.keys(required)) {
		if (object[name] === undefined) return `${join(path, name)}: Field required`;
	}
	return firstRefusal(Object.entries(object), ([name, value]) => {
		if (value === undefined) return undefined;
		const isKnown = Object.hasOwn(required, name) || Object.hasOwn(optional, name);
		const check = isKnown ? (required[name] ?? optional[name]) : undefined;
		return check ? check(value, join(path, name)) : `${join(path, name)}: Extra inputs are not permitted`;
	});
}

/** The first refusal of any item. */
export function firstRefusal<T>(items: Iterable<T>, refuse: (item: T, index: number) => Refusal): Refusal {
	let index = 0;
	for (const item of items) {
		const reason = refuse(item, index++);
		if (reason !== undefined) return reason;
	}
	return undefined;
}

export const text: Check = (value, path) =>
	typeof value === 'string' ? undefined : `${path}: Input should be a valid string`;

export const filledText: Check = (value, path) =>
	typeof value === 'string' && value.trim() !== ''
		? undefined
		: `${path}: String should have at least 1 character that is not white space`;

export const flag: Check = (value, path) =>
	typeof value === 'boolean' ? undefined : `${path}: Input should be a valid boolean`;

export const object: Check = (value, path) =>
	isJsonObject(value) ? undefined : `${path}: Input should be a valid dictionary`;

/** A whole number of at least `least`. */
export function count(least: number): Check {
	return (value, path) =>
		Number.isInteger(value) && Number(value) >= least
			? undefined
			: `${path}: Input should be a whole number greater than or equal to ${least}`;
}

export function oneOf(...allowed: readonly unknown[]): Check {
	return (value, path) =>
		allowed.includes(value) ? undefined : `${path}: Input should be ${allowed.map((each) => `'${each}'`).join(' or ')}`;
}

export function matching(pattern: RegExp): Check {
	return (value, path) =>
		typeof value === 'string' && pattern.test(value)
			? undefined
			: `${path}: String should match pattern '${pattern.source}'`;
}

export function nullable(check: Check): Check {
	return (value, path) => (value === null ? undefined : check(value, path));
}

export function listOf(check: Check): Check {
	return (value, path) =>
		Array.isArray(value)
			? firstRefusal(value, (item, index) => check(item, `${path}.${index}`))
			: `${path}: Input should be a valid list`;
}

export function fields(shape: Fields): Check {
	return (value, path) => (isJsonObject(value) ? refuseFields(value, shape, path) : object(value, path));
}

/** Objects of several kinds, told apart by their `type`. */
export function tagged(shapes: Readonly<Record<string, Fields>>): Check {
	return (value, path) => {
		if (!isJsonObject(value)) return object(value, path);
		const type = String(value.type);
		const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
		return shape
			? refuseFields(value, shape, `${path}.${type}`)
			: `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${Object.keys(shapes).join(', ')}`;
	};
}

function join(path: string, name: string): string {
	return path === '' ? name : `${path}.${name}`;
}

/** A cache mark as it is written; where it may stand is said elsewhere. */
export const cacheControl: Check = nullable(
	fields({ required: { type: oneOf('ephemeral') }, optional: { ttl: oneOf('5m', '1h') } }),
);
