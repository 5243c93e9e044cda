import { Route, Router } from '@solidjs/router';
import { createEffect, lazy } from 'solid-js';
import { type App as AppModel, AppProvider } from './app.ts';
import { ChatScreen } from './chat/ChatScreen.tsx';
import { createMarkdownRenderer, MarkdownRendererProvider } from './markdown/renderer-context.ts';
import { createModelDraft, ModelDraftProvider } from './settings/model-draft.ts';
import { createSubscribed } from './shell/reactive.ts';
import { Shell } from './shell/Shell.tsx';
import { createStoreTrouble, StoreTroubleProvider } from './shell/store-trouble.ts';
import { applyTheme } from './shell/theme.ts';
import { createToasts } from './shell/toast-list.ts';
import { ToastsProvider } from './shell/toasts.tsx';

const NotesScreen = lazy(() => import('./notes/NotesScreen.tsx'));
const ScheduleScreen = lazy(() => import('./schedule/ScheduleScreen.tsx'));
const ActivityScreen = lazy(() => import('./activity/ActivityScreen.tsx'));
const SettingsScreen = lazy(() => import('./settings/SettingsScreen.tsx'));
const SyncScreen = lazy(() => import('./sync/SyncScreen.tsx'));
const EndedScreen = lazy(() => import('./sync/EndedScreen.tsx'));

/** The whole screen over an opened app. */
export function App(props: { app: AppModel }) {
	// One app for the life of the page: what hangs on it is made once.
	const { app } = props;
	const settings = createSubscribed(app.settings, () => app.settings.current());
	createEffect(() => applyTheme(settings().theme));
	return (
		<AppProvider value={app}>
			<ToastsProvider value={createToasts(app)}>
				<StoreTroubleProvider value={createStoreTrouble()}>
					<MarkdownRendererProvider value={createMarkdownRenderer()}>
						<ModelDraftProvider value={createModelDraft()}>
							<Router root={Shell}>
								<Route path={['/', '/chat/:line']} component={ChatScreen} />
								<Route path="/notes/*path" component={NotesScreen} />
								<Route path="/schedule" component={ScheduleScreen} />
								<Route path="/activity" component={ActivityScreen} />
								<Route path="/settings" component={SettingsScreen} />
								<Route path="/settings/sync" component={SyncScreen} />
								<Route path="/settings/ended" component={EndedScreen} />
								<Route path="*" component={NotFound} />
							</Router>
						</ModelDraftProvider>
					</MarkdownRendererProvider>
				</StoreTroubleProvider>
			</ToastsProvider>
		</AppProvider>
	);
}

function NotFound() {
	return (
		<div class="empty">
			<h2>There is nothing at this address</h2>
			<a class="button" href="/">
				Go to Chat
			</a>
		</div>
	);
}
