/** The widest and highest a picture is shown in the transcript, in CSS pixels. */
const MOST = { width: 320, height: 260 };
/** So that it can be seen and tapped. */
const LEAST = 44;

/** How large a picture is shown: known before its bytes are, so that nothing moves when they come. */
export function thumbSize(picture: { readonly width?: number; readonly height?: number }): {
	readonly width: number;
	readonly height: number;
} {
	const { width = 200, height = 150 } = picture;
	const scale = Math.min(1, MOST.width / width, MOST.height / height);
	return {
		width: Math.max(LEAST, Math.round(width * scale)),
		height: Math.max(LEAST, Math.round(height * scale)),
	};
}
