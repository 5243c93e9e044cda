/** A QR code's modules as one SVG path in units of a module; dark runs of a row are one rectangle. */
export function qrPath(modules: readonly (readonly boolean[])[]): string {
	const parts: string[] = [];
	for (const [y, row] of modules.entries()) {
		for (let x = 0; x < row.length; x++) {
			if (!row[x]) continue;
			const from = x;
			while (row[x + 1]) x++;
			const width = x - from + 1;
			parts.push(`M${from} ${y}h${width}v1h-${width}z`);
		}
	}
	return parts.join('');
}
