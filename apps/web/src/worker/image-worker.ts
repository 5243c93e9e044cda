import { drawImage, offscreenSurface } from '../attachments/draw-image.ts';

/** Draws pictures beside the page: one message in, one answer out. */
declare const self: DedicatedWorkerGlobalScope;

self.addEventListener('message', ({ data }: MessageEvent<{ readonly file: Blob; readonly mediaType?: string }>) => {
	void drawImage(data.file, data.mediaType, offscreenSurface).then(
		(drawn) => self.postMessage({ drawn }),
		() => self.postMessage({ drawn: undefined }),
	);
});
