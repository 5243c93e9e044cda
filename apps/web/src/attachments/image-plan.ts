/** Longest edge a model sees; what is larger it would scale down itself, after it was paid for and sent. */
const LONGEST_EDGE = 1568;
/** Of a picture sent as it is: the API takes 5 MB of base64. */
const MOST_KEPT_BYTES = 3_500_000;
/** Against the blocks of the cheaper steps nothing is to be seen of, and a page of text stays legible. */
const QUALITY = 0.9;

/** What is known of a picture before it is drawn. */
export interface Picture {
	/** By its bytes; undefined for one of a format that only the browser may know. */
	readonly mediaType: string | undefined;
	readonly sizeBytes: number;
	/** As it is seen: turned the way its camera was held. */
	readonly width: number;
	readonly height: number;
}

/** Keep the bytes as they are, or draw the picture at this size. */
export type ImagePlan =
	| { readonly type: 'keep' }
	| { readonly type: 'draw'; readonly width: number; readonly height: number; readonly quality: number };

/**
 * What becomes of a picture. A small PNG or GIF stays as it is, to the pixel. Photos are always drawn anew: what a camera
 * wrote beside the picture, such as the place, does not go along, and they stand upright.
 */
export function planImage({ mediaType, sizeBytes, width, height }: Picture): ImagePlan {
	const isPlain = mediaType === 'image/png' || mediaType === 'image/gif';
	const longest = Math.max(width, height);
	if (isPlain && longest <= LONGEST_EDGE && sizeBytes <= MOST_KEPT_BYTES) return { type: 'keep' };
	const scale = Math.min(1, LONGEST_EDGE / longest);
	const scaled = (edge: number) => Math.max(1, Math.round(edge * scale));
	return { type: 'draw', width: scaled(width), height: scaled(height), quality: QUALITY };
}
