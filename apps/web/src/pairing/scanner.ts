/** Looks for a QR code in what the camera sees. Dispose to let go of the camera. */
export interface Scanner extends Disposable {
	/** Resolves once the camera runs, or with the sentence that says why it does not. */
	readonly started: Promise<string | undefined>;
}

/** A code held in front of the camera is there for seconds; more often only warms the phone. */
const EVERY_MS = 180;
/** Wide enough for a code at arm's length, small enough to be read in a few milliseconds. */
const MOST_PIXELS = 720;

/** Turns the camera on, shows it in `video`, and calls with the text of every code it sees. */
export function createScanner(video: HTMLVideoElement, found: (text: string) => void): Scanner {
	let isOver = false;
	let stream: MediaStream | undefined;
	const started = start();
	return {
		started,
		[Symbol.dispose]() {
			isOver = true;
			for (const track of stream?.getTracks() ?? []) track.stop();
			video.srcObject = null;
		},
	};

	async function start(): Promise<string | undefined> {
		if (!navigator.mediaDevices?.getUserMedia) return describeCameraError(undefined);
		try {
			stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
		} catch (cause) {
			return describeCameraError(cause);
		}
		if (isOver) {
			for (const track of stream.getTracks()) track.stop();
			return undefined;
		}
		video.srcObject = stream;
		try {
			await video.play();
		} catch {
			// Taken off the page meanwhile.
			return undefined;
		}
		const read = await createReader();
		void look(read);
		return undefined;
	}

	async function look(read: Reader): Promise<void> {
		while (!isOver) {
			const text = await read(video);
			if (isOver) return;
			if (text !== undefined) found(text);
			await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
		}
	}
}

/** Why the camera cannot be used, and what else can be done. */
export function describeCameraError(cause: unknown): string {
	switch (cause instanceof Error ? cause.name : undefined) {
		case 'NotAllowedError':
		case 'SecurityError':
			return 'The camera is not allowed for this page. Allow it in the browser’s settings for this page, or type the code instead.';
		case 'NotFoundError':
		case 'OverconstrainedError':
			return 'This device has no camera that the browser can use. Type the code instead.';
		case 'NotReadableError':
		case 'AbortError':
			return 'The camera is in use by something else. Close that and try again, or type the code instead.';
		default:
			return 'This browser gives the page no camera. Type the code instead.';
	}
}

/** The text of a code in the present frame, or undefined. */
type Reader = (video: HTMLVideoElement) => Promise<string | undefined>;

/** The browser's own reader where it has one that knows QR codes; otherwise ours, loaded now. */
async function createReader(): Promise<Reader> {
	const native = await nativeReader();
	if (native) return native;
	const { decodeQR } = await import('qr/decode.js');
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d', { willReadFrequently: true });
	return async (video) => {
		if (!context || video.videoWidth === 0) return undefined;
		const scale = Math.min(1, MOST_PIXELS / Math.max(video.videoWidth, video.videoHeight));
		canvas.width = Math.round(video.videoWidth * scale);
		canvas.height = Math.round(video.videoHeight * scale);
		context.drawImage(video, 0, 0, canvas.width, canvas.height);
		try {
			return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
		} catch {
			// It throws where there is no code.
			return undefined;
		}
	};
}

/** Shape Detection API; not in TypeScript's library, and not in every browser. */
interface NativeDetector {
	detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
type NativeDetectorClass = { new (options: { readonly formats: readonly string[] }): NativeDetector } & {
	getSupportedFormats(): Promise<readonly string[]>;
};

async function nativeReader(): Promise<Reader | undefined> {
	const Detector: NativeDetectorClass | undefined = Reflect.get(globalThis, 'BarcodeDetector');
	if (!Detector) return undefined;
	try {
		if (!(await Detector.getSupportedFormats()).includes('qr_code')) return undefined;
		const detector = new Detector({ formats: ['qr_code'] });
		return async (video) => {
			try {
				return (await detector.detect(video))[0]?.rawValue;
			} catch {
				// A frame that is not there yet.
				return undefined;
			}
		};
	} catch {
		return undefined;
	}
}
