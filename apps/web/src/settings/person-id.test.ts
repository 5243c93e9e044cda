import { describe, expect, it } from 'vitest';
import { newPersonId } from './person-id.ts';

describe('the id of a person who is invited', () => {
	it('is made of the name, in any script', () => {
		expect(newPersonId('Eleni Papadopoulou', new Set())).toBe('eleni-papadopoulou');
		expect(newPersonId('Ελένη', new Set())).toBe('ελένη');
	});

	it('is nobody else’s', () => {
		expect(newPersonId('Maria', new Set(['maria', 'maria-2']))).toBe('maria-3');
		expect(newPersonId('Me', new Set(['me']))).toBe('me-2');
	});
});
