import { Temporal } from 'temporal-polyfill';
import type { SaidDay } from './day.ts';
import { type ClockTime, formatTime, PART_HOUR, type SaidTime, type SettledTime, settleByPart } from './time-of-day.ts';
import { formatDate } from './zoned.ts';

/** One wall time for what was said, or why there is none. */
export type ChosenTime =
	| { readonly type: 'chosen'; readonly wall: Temporal.PlainDateTime; readonly assumed: readonly string[] }
	| { readonly type: 'past'; readonly wall: Temporal.PlainDateTime }
	| { readonly type: 'question'; readonly question: string };

interface Said {
	readonly said: SaidTime;
	readonly day: Extract<SaidDay, { type: 'none' | 'day' }>;
	/** The person's wall clock. */
	readonly now: Temporal.PlainDateTime;
}

/** Joins day and time of day. Where an hour may lie before or after noon, the next plausible one is taken and stated. */
export function chooseTime({ said, day, now }: Said): ChosenTime {
	if (said.isMidnight) return chooseMidnight({ said, day, now });
	const [time] = said.times;
	if (!time) return choosePart({ said, day, now });
	if (said.part) {
		const settled = settleByPart(time, said.part);
		if (!settled)
			return {
				type: 'question',
				question: `${formatTime(time)} is not in the ${said.part}. At what time should it be?`,
			};
		return placeSettled(settled, { said, day, now });
	}
	if (time.certainty === 'exact') return placeSettled({ ...time, isNextDay: false }, { said, day, now });
	return placeBare(time, { said, day, now });
}

function chooseMidnight({ said, day, now }: Said): ChosenTime {
	if (said.times.length > 0) return { type: 'question', question: 'At midnight, or at another time?' };
	const today = now.toPlainDate();
	if (day.type === 'none' || (day.date.equals(today) && !day.orWeekLater)) {
		return { type: 'chosen', wall: today.add({ days: 1 }).toPlainDateTime(), assumed: [] };
	}
	const before = formatDate(day.date.subtract({ days: 1 }));
	return {
		type: 'question',
		question: `Midnight between ${before} and the day after, or at the end of ${formatDate(day.date)}?`,
	};
}

/** No hour was said: nine, or the hour the part of the day stands for. */
function choosePart({ said, day, now }: Said): ChosenTime {
	const hour = said.part ? PART_HOUR[said.part] : 9;
	const assumed = said.part
		? `"${said.part === 'night' && said.partForm === 'this' ? 'Tonight' : capital(said.part)}" was taken as ${formatTime({ hour, minute: 0 })}.`
		: 'No time of day was given, so 09:00.';
	if (day.type === 'day' && day.date.equals(now.toPlainDate()) && !said.part) {
		if (day.orWeekLater || day.orMonthLater) {
			return {
				type: 'question',
				question: `Is today meant (${formatDate(day.date)}), or the next one? And at what time?`,
			};
		}
		return { type: 'question', question: 'At what time today?' };
	}
	const placed = placeSettled({ hour, minute: 0, second: 0, isNextDay: false }, { said, day, now });
	return placed.type === 'chosen' ? { ...placed, assumed: [assumed, ...placed.assumed] } : placed;
}

function capital(word: string): string {
	return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Puts an unmistakable time on its day; without a day, on the next one that has it to come. */
function placeSettled(time: SettledTime, { said, day, now }: Said): ChosenTime {
	const today = now.toPlainDate();
	const clock = new Temporal.PlainTime(time.hour, time.minute, time.second);
	const on = (date: Temporal.PlainDate) => date.add({ days: time.isNextDay ? 1 : 0 }).toPlainDateTime(clock);
	if (day.type === 'day') {
		if (said.partForm === 'this' && !day.date.equals(today)) {
			return { type: 'question', question: `Today, or ${formatDate(day.date)}?` };
		}
		const wall = on(day.date);
		if (isAfter(wall, now)) return { type: 'chosen', wall, assumed: [...day.assumed, ...todayWord(day, today)] };
		return laterOne(day, on, wall);
	}
	const wall = on(today);
	if (isAfter(wall, now)) return { type: 'chosen', wall, assumed: [] };
	if (said.partForm === 'this') return { type: 'past', wall };
	const tomorrow = on(today.add({ days: 1 }));
	return {
		type: 'chosen',
		wall: tomorrow,
		assumed: [`${formatTime(time)} has passed today, so tomorrow, ${formatDate(tomorrow.toPlainDate())}.`],
	};
}

function todayWord(day: Extract<SaidDay, { type: 'day' }>, today: Temporal.PlainDate): readonly string[] {
	const isToday = day.date.equals(today) && (day.orWeekLater || day.orMonthLater);
	return isToday ? [`Today, ${formatDate(today)}, was taken as the day meant.`] : [];
}

/** The weekday or day of the month that is today and whose hour has passed: the next of its kind. */
function laterOne(
	day: Extract<SaidDay, { type: 'day' }>,
	on: (date: Temporal.PlainDate) => Temporal.PlainDateTime,
	wall: Temporal.PlainDateTime,
): ChosenTime {
	if (!day.orWeekLater && !day.orMonthLater) return { type: 'past', wall };
	const date = day.orWeekLater ? day.date.add({ weeks: 1 }) : nextSameDay(day.date);
	return {
		type: 'chosen',
		wall: on(date),
		assumed: [...day.assumed, `That time has passed today, so ${formatDate(date)}.`],
	};
}

function nextSameDay(date: Temporal.PlainDate): Temporal.PlainDate {
	let months = 1;
	while (date.add({ months }).day !== date.day) months++;
	return date.add({ months });
}

/** Waking hours: a bare hour outside of them is not what people mean by the next one. */
const EARLIEST_HOUR = 7;
const LATEST_HOUR = 22;
/** From here on, and until four, the night is near. */
const LATE_HOUR = 20;

function placeBare(time: ClockTime, { said, day, now }: Said): ChosenTime {
	const today = now.toPlainDate();
	const halves = [time.hour % 12, (time.hour % 12) + 12];
	const isSoon = day.type === 'none' || day.date.equals(today);
	const night = askAtNight(time, { said, day, now });
	if (night) return night;
	if (isSoon) {
		const isPlausible = (hour: number) =>
			(hour >= EARLIEST_HOUR && hour <= LATEST_HOUR) ||
			(hour === time.hour % 12 && now.hour >= 4 && now.hour < EARLIEST_HOUR);
		const hour = halves.find((half) => isPlausible(half) && isAfter(wallAt(today, half, time), now));
		if (hour !== undefined) {
			const wall = wallAt(today, hour, time);
			const assumed = day.type === 'day' ? [...day.assumed, ...todayWord(day, today)] : [];
			return { type: 'chosen', wall, assumed: [...assumed, ...statedHour(time, hour)] };
		}
		if (day.type === 'day' && !day.orWeekLater && !day.orMonthLater) {
			return {
				type: 'past',
				wall: wallAt(today, time.hour % 12 < EARLIEST_HOUR ? (time.hour % 12) + 12 : time.hour, time),
			};
		}
	}
	return placeBareLater(time, { said, day, now });
}

/** Late at night "at 1" is as likely an hour of this night as one of the afternoon after it. */
function askAtNight(time: ClockTime, { day, now }: Said): ChosenTime | undefined {
	const isLate = now.hour >= LATE_HOUR;
	if (!isLate && now.hour >= 4) return undefined;
	const today = now.toPlainDate();
	const tomorrow = today.add({ days: 1 });
	const isNear = day.type === 'none' || day.date.equals(today) || (isLate && day.date.equals(tomorrow));
	const early = time.hour % 12;
	if (!isNear) return undefined;
	const ask = (a: number, b: number): ChosenTime => {
		const [first, second] = [formatTime({ ...time, hour: a }), formatTime({ ...time, hour: b })];
		return { type: 'question', question: `Is ${first} meant, or ${second}?` };
	};
	if (day.type === 'none' && isLate && early > LATEST_HOUR - 12 && isAfter(wallAt(today, early + 12, time), now)) {
		return ask(early + 12, early);
	}
	const isToCome = isLate || isAfter(wallAt(today, early, time), now);
	const isForenoonToday = isLate && day.type === 'day' && day.date.equals(today);
	return early < 6 && isToCome && !isForenoonToday ? ask(early, early + 12) : undefined;
}

/** A bare hour on a day to come: seven to noon as said, one to five in the afternoon, six is asked. */
function placeBareLater(time: ClockTime, { day, now }: Said): ChosenTime {
	const written = `${time.hour}${time.minute ? `:${String(time.minute).padStart(2, '0')}` : ''}`;
	if (time.hour === 6) {
		return {
			type: 'question',
			question: `${written} in the morning (${formatTime(time)}), or in the evening (${formatTime({ ...time, hour: 18 })})?`,
		};
	}
	const hour = time.hour < 6 ? time.hour + 12 : time.hour;
	const today = now.toPlainDate();
	const isToday = day.type === 'day' && day.date.equals(today);
	const date =
		day.type === 'none'
			? today.add({ days: 1 })
			: !isToday
				? day.date
				: day.orMonthLater
					? nextSameDay(today)
					: today.add({ weeks: 1 });
	const passed =
		day.type === 'none'
			? [`${written} has passed today, so tomorrow, ${formatDate(date)}.`]
			: isToday
				? [`That time has passed today, so ${formatDate(date)}.`]
				: [];
	const said = day.type === 'day' ? day.assumed : [];
	return { type: 'chosen', wall: wallAt(date, hour, time), assumed: [...said, ...passed, ...statedHour(time, hour)] };
}

function statedHour(time: ClockTime, hour: number): readonly string[] {
	if (hour === time.hour) return [];
	return [
		`${time.hour}${time.minute ? `:${String(time.minute).padStart(2, '0')}` : ''} was taken as ${formatTime({ ...time, hour })}.`,
	];
}

function wallAt(date: Temporal.PlainDate, hour: number, time: ClockTime): Temporal.PlainDateTime {
	return date.toPlainDateTime(new Temporal.PlainTime(hour, time.minute, time.second));
}

function isAfter(wall: Temporal.PlainDateTime, now: Temporal.PlainDateTime): boolean {
	return Temporal.PlainDateTime.compare(wall, now) > 0;
}
