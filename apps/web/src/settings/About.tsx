import packageText from '../../package.json?raw';
import { Section } from './Section.tsx';

/** Which Pocketeer this is. */
export function About() {
	const version = /"version": "([^"]+)"/.exec(packageText)?.[1] ?? 'unknown';
	return (
		<Section title="About">
			<dl class="facts">
				<dt>Pocketeer</dt>
				<dd>Version {version}</dd>
				<dt>Icons</dt>
				<dd>Lucide, ISC License</dd>
			</dl>
		</Section>
	);
}
