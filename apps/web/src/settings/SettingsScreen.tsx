import '../styles/settings.css';
import { lazy, Suspense } from 'solid-js';
import { useApp } from '../app.ts';
import { About } from './About.tsx';
import { Appearance } from './Appearance.tsx';
import { Assistant } from './Assistant.tsx';
import { createMembership } from './create-membership.ts';
import { DevicesSection } from './DevicesSection.tsx';
import { LongTalks } from './LongTalks.tsx';
import { Notifications } from './Notifications.tsx';
import { Recovery } from './Recovery.tsx';
import { SpacesSection } from './SpacesSection.tsx';
import { SpendingLimits } from './SpendingLimits.tsx';
import { SyncSection } from './SyncSection.tsx';
import { WebSection } from './WebSection.tsx';
import { YouSection } from './YouSection.tsx';

const BackupSection = lazy(() => import('../backup/BackupSection.tsx'));

/** Everything that is set per device, and who is in the space. */
export default function SettingsScreen() {
	const app = useApp();
	const membership = createMembership(app);
	return (
		<div class="screen">
			<header class="screen-bar">
				<h1>Settings</h1>
			</header>
			<div class="screen-body">
				<div class="screen-column settings">
					<Assistant />
					<SpendingLimits />
					<WebSection />
					<LongTalks />
					<Notifications />
					<Appearance />
					<YouSection />
					<DevicesSection membership={membership} />
					<SpacesSection membership={membership} />
					<Recovery />
					<Suspense>
						<BackupSection load={app.backup} />
					</Suspense>
					<SyncSection />
					<About />
				</div>
			</div>
		</div>
	);
}
