/** A JSON object whose fields nobody looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value from outside is an object with named fields: no null, no list. */
export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
