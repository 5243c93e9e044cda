import { describeFailure, type Failure } from '@pocketeer/core/agent/failures';
import { useApp } from '../app.ts';
import { Icon } from '../icons/Icon.tsx';
import { createNow } from '../shell/reactive.ts';

/** A call that failed is made again in a moment. */
export default function Countdown(props: { until: number; failure: Failure | undefined }) {
	const app = useApp();
	const now = createNow(app.clock, 1000);
	const seconds = () => Math.max(0, Math.ceil((props.until - now()) / 1000));
	const reason = () => (props.failure ? describeFailure(props.failure).sentence : 'The call did not come through.');
	return (
		<p class="live-note">
			<Icon name="refresh-cw" class="icon-s" />
			<span>
				{reason()} {seconds() > 0 ? `Trying again in ${seconds()} s.` : 'Trying again…'}
			</span>
		</p>
	);
}
