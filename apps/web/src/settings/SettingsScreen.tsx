import '../styles/settings.css';
import { About } from './About.tsx';
import { Appearance } from './Appearance.tsx';
import { Assistant } from './Assistant.tsx';
import { Notifications } from './Notifications.tsx';
import { Recovery } from './Recovery.tsx';
import { SyncSection } from './SyncSection.tsx';

/** Everything that is set per device. */
export default function SettingsScreen() {
	return (
		<div class="screen">
			<header class="screen-bar">
				<h1>Settings</h1>
			</header>
			<div class="screen-body">
				<div class="screen-column settings">
					<Assistant />
					<Notifications />
					<Appearance />
					<Recovery />
					<SyncSection />
					<About />
				</div>
			</div>
		</div>
	);
}
