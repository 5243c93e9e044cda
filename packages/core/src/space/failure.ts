/**
 * Every way a turn can fail, as the turn's record keeps it; `describeFailure` of the agent says it to the person. Stored
 * types are final: a later version adds types and optional fields, so a reader meets types it does not know and shows
 * them as a failure all the same.
 */
export type Failure =
	/** 401: the key is not valid. */
	| { readonly type: 'WrongKey' }
	/** 401 "CORS requests are not allowed for this Organization". */
	| { readonly type: 'CorsRefused' }
	/** 402, or 400 with a credit message: nothing left to pay with. */
	| { readonly type: 'NoCredit' }
	/** 403: the key may not use this model or feature. */
	| { readonly type: 'Forbidden'; readonly message: string }
	/** 404: no such model at this base URL. */
	| { readonly type: 'UnknownModel'; readonly model: string }
	/** 413: the request is too large. */
	| { readonly type: 'TooLarge' }
	/** 429 of the rate limiter. */
	| { readonly type: 'RateLimited'; readonly retryAfterMs: number | undefined }
	/** 429 `enforced_spend_limit_reached`: retrying is useless. */
	| { readonly type: 'SpendLimit' }
	/** 529, or `overloaded_error` in mid-stream. */
	| { readonly type: 'Overloaded' }
	/** 5xx of the service. */
	| { readonly type: 'ServiceFailed'; readonly status: number }
	/** 400: the request was not accepted; our own bug or an incompatible endpoint. */
	| { readonly type: 'Rejected'; readonly message: string }
	/** No answer at all: offline, DNS, refused by the browser. */
	| { readonly type: 'NoNetwork' }
	/** The stream ended before its message did, or an abort came that nobody asked for. */
	| { readonly type: 'Cut' }
	/** The answer came in a form that could not be read. */
	| { readonly type: 'Unreadable'; readonly reason: string }
	/** The stream stood still for too long. */
	| { readonly type: 'Stalled'; readonly afterMs: number }
	/** The next call could have gone over today's cap. */
	| ({ readonly type: 'DayCap' } & CapReached)
	/** The next call could have gone over the cap of one turn. */
	| ({ readonly type: 'TurnCap' } & CapReached)
	/** The same call was made again and again with the same result. */
	| { readonly type: 'Loop'; readonly tool: string; readonly times: number }
	/** An attachment that the request needs has not reached this device. */
	| { readonly type: 'AttachmentMissing'; readonly name: string }
	/** Another device went on with the turn; never stored. */
	| { readonly type: 'TakenOver' }
	/** The turn reached its limit of steps. */
	| { readonly type: 'TooManySteps'; readonly limit: number }
	/** This device could not keep a step. */
	| { readonly type: 'NotStored'; readonly reason: string }
	/** The line holds records that only a newer version understands; never stored, because no turn was begun. */
	| { readonly type: 'NeedsUpdate' };

/** A cap that left no room for a call, US dollars. */
export interface CapReached {
	readonly capUsd: number;
	readonly spentUsd: number;
	/** What the call could have cost. */
	readonly nextUsd?: number;
	/** Calls of unknown cost, which stand in `spentUsd` with a guess. */
	readonly unpriced?: number;
}
