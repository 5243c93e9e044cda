import { createResource, Show } from 'solid-js';
import { qrPath } from './qr-path.ts';

/** Modules of white around a code: scanners find it by them (ISO/IEC 18004, 5.3.8). */
const BORDER = 4;

/** A text as a QR code; always dark on light, which every scanner reads. Its code is loaded here, at first use. */
export function QrImage(props: { text: string; label: string }) {
	const [drawn] = createResource(
		() => props.text,
		async (text) => {
			const { encodeQR } = await import('qr');
			const modules = encodeQR(text, 'raw', { ecc: 'medium', border: BORDER });
			return { size: modules.length, path: qrPath(modules) };
		},
	);
	return (
		<div class="qr">
			<Show when={drawn.latest} fallback={<span class="loading" />}>
				{(qr) => (
					<svg
						role="img"
						aria-label={props.label}
						viewBox={`0 0 ${qr().size} ${qr().size}`}
						shape-rendering="crispEdges"
					>
						<path d={qr().path} />
					</svg>
				)}
			</Show>
		</div>
	);
}
