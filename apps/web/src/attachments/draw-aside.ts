import type { DrawnImage, Surface } from './draw-image.ts';

/** Draws a picture without holding up the page, where the browser can. undefined when it cannot be read. */
export async function drawAside(file: Blob, mediaType: string | undefined): Promise<DrawnImage | undefined> {
	if (typeof OffscreenCanvas !== 'undefined' && typeof Worker !== 'undefined') {
		const answer = await askWorker(file, mediaType);
		if (answer !== 'no-worker') return answer;
	}
	const { drawImage } = await import('./draw-image.ts');
	return drawImage(file, mediaType, pageSurface);
}

/** A worker for each picture: it takes its memory along when it is done. */
function askWorker(file: Blob, mediaType: string | undefined): Promise<DrawnImage | undefined | 'no-worker'> {
	const worker = new Worker(new URL('../worker/image-worker.ts', import.meta.url), { type: 'module' });
	return new Promise<DrawnImage | undefined | 'no-worker'>((resolve) => {
		worker.addEventListener('message', ({ data }: MessageEvent<{ readonly drawn: DrawnImage | undefined }>) =>
			resolve(data.drawn),
		);
		// Its code did not come, or it broke off: the page draws it itself.
		worker.addEventListener('error', () => resolve('no-worker'));
		worker.postMessage({ file, mediaType });
	}).finally(() => worker.terminate());
}

function pageSurface(width: number, height: number): Surface {
	const canvas = document.createElement('canvas');
	canvas.width = width;
	canvas.height = height;
	return {
		context: canvas.getContext('2d'),
		encode: (type, quality) => new Promise((resolve) => canvas.toBlob(resolve, type, quality)),
	};
}
