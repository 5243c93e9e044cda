import { describe, expect, it } from 'vitest';
import { cleanModel, isSameModel, refuseModel } from './model-form.ts';

const model = (change: object) => ({ apiKey: 'sk-ant-1', baseUrl: '', model: '', ...change });

describe('the form of the assistant', () => {
	it('takes off what copying adds', () => {
		expect(cleanModel({ apiKey: ' sk-ant\n-1 ', baseUrl: ' https://x.org// ', model: ' m ' })).toEqual({
			apiKey: 'sk-ant-1',
			baseUrl: 'https://x.org',
			model: 'm',
		});
	});

	it('tries what may work', () => {
		expect(refuseModel(model({}))).toBeUndefined();
		expect(refuseModel(model({ baseUrl: 'https://llm.example.org/v1' }))).toBeUndefined();
		expect(refuseModel(model({ baseUrl: 'http://127.0.0.1:9000' }))).toBeUndefined();
		expect(refuseModel(model({ baseUrl: 'http://localhost:9000' }))).toBeUndefined();
	});

	it.each([
		[{ apiKey: '' }, 'Enter a key'],
		[{ apiKey: 'sk-…' }, 'no API key has'],
		[{ baseUrl: 'api.anthropic.com' }, 'not an address'],
		[{ baseUrl: 'http://example.org' }, 'https://'],
		[{ baseUrl: 'javascript:alert(1)' }, 'https://'],
	])('refuses %j with a sentence', (change, part) => {
		expect(refuseModel(model(change))).toContain(part);
	});

	it('sees what was not saved yet', () => {
		expect(isSameModel(model({}), model({}))).toBe(true);
		expect(isSameModel(model({}), model({ model: 'x' }))).toBe(false);
	});
});
