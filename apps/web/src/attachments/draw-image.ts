import { planImage } from './image-plan.ts';

/** A picture as it will be attached. */
export interface DrawnImage {
	readonly blob: Blob;
	readonly width: number;
	readonly height: number;
}

/** What a picture is drawn on: a canvas of the page, or one that a worker has. */
export interface Surface {
	readonly context: Pick<OffscreenCanvasRenderingContext2D, 'drawImage' | 'imageSmoothingQuality'> | null;
	encode(type: string, quality: number): Promise<Blob | null>;
}

/** Brings a picture into a size and format that can be attached; undefined when this browser cannot read it. */
export async function drawImage(
	file: Blob,
	mediaType: string | undefined,
	surfaceOf: (width: number, height: number) => Surface,
): Promise<DrawnImage | undefined> {
	// Turned as its camera was held; of what moves, the first picture.
	const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => undefined);
	if (!bitmap) return undefined;
	try {
		const { width, height } = bitmap;
		const plan = planImage({ mediaType, sizeBytes: file.size, width, height });
		if (plan.type === 'keep') return { blob: file, width, height };
		const { context, encode } = surfaceOf(plan.width, plan.height);
		if (!context) return undefined;
		context.imageSmoothingQuality = 'high';
		context.drawImage(bitmap, 0, 0, plan.width, plan.height);
		const blob = await encodeBest(encode, { isPhoto: mediaType === 'image/jpeg', quality: plan.quality });
		return blob && { blob, width: plan.width, height: plan.height };
	} finally {
		bitmap.close();
	}
}

/** Browsers write a PNG where they do not know how to write what was asked for. */
async function encodeBest(
	encode: Surface['encode'],
	{ isPhoto, quality }: { readonly isPhoto: boolean; readonly quality: number },
): Promise<Blob | undefined> {
	const drawn = await encode(isPhoto ? 'image/jpeg' : 'image/webp', quality);
	if (drawn && (drawn.type !== 'image/png' || drawn.size <= MOST_PNG_BYTES)) return drawn;
	// Only what has no transparent parts survives this unchanged; the API would not take the other at all.
	return (await encode('image/jpeg', quality)) ?? undefined;
}

const MOST_PNG_BYTES = 3_500_000;

/** A surface of a worker. */
export function offscreenSurface(width: number, height: number): Surface {
	const canvas = new OffscreenCanvas(width, height);
	return { context: canvas.getContext('2d'), encode: (type, quality) => canvas.convertToBlob({ type, quality }) };
}
