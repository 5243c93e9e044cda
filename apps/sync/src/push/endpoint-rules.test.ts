import { describe, expect, test } from 'vitest';
import { readEndpointRules } from './endpoint-rules.ts';
import { isPrivateAddress } from './private-address.ts';

function rules(pushHosts = '') {
	const read = readEndpointRules(pushHosts);
	if (!read.ok) throw new Error(read.error);
	return read.value;
}

describe('endpoint rules', () => {
	test.each([
		'https://fcm.googleapis.com/fcm/send/abc',
		'https://updates.push.services.mozilla.com/wpush/v2/abc',
		'https://web.push.apple.com/abc',
		'https://wns2-by3p.notify.windows.com/w/?token=abc',
		'https://fcm.googleapis.com:443/fcm/send/abc',
	])('allow %s', (endpoint) => {
		expect(rules().check(endpoint).ok).toBe(true);
	});

	test.each([
		['http://fcm.googleapis.com/abc', 'https'],
		['https://fcm.googleapis.com:8443/abc', 'port 443'],
		['https://me:secret@fcm.googleapis.com/abc', 'password'],
		['https://fcm.googleapis.com.evil.example/abc', 'no push service'],
		['https://evilfcm.googleapis.com/abc', 'no push service'],
		['https://googleapis.com/abc', 'no push service'],
		['https://evil.example/#fcm.googleapis.com', 'no push service'],
		['https://127.0.0.1/abc', 'no push service'],
		['https://[::1]/abc', 'no push service'],
		['https://169.254.169.254/latest/meta-data', 'no push service'],
		['http://127.0.0.1:9000/abc', 'https'],
		['file:///etc/passwd', 'https'],
		['not a url', 'not a URL'],
	])('refuse %s with a sentence', (endpoint, word) => {
		const checked = rules().check(endpoint);
		expect(checked).toMatchObject({ ok: false, error: expect.stringContaining(word) });
	});

	test('loopback without TLS is allowed only when it is listed, and only the listed port', () => {
		expect(rules('http://127.0.0.1:*').check('http://127.0.0.1:9000/abc').ok).toBe(true);
		expect(rules('http://127.0.0.1:9000').check('http://127.0.0.1:9000/abc').ok).toBe(true);
		expect(rules('http://127.0.0.1:9000').check('http://127.0.0.1:9001/abc').ok).toBe(false);
		expect(rules('http://127.0.0.1:*').check('http://localhost:9000/abc').ok).toBe(false);
		expect(rules('http://127.0.0.1:*').check('http://10.0.0.1:9000/abc').ok).toBe(false);
	});

	test('an operator lists further hosts, which may then be private', () => {
		const own = rules('push.example.org, 10.1.2.3');
		expect(own.check('https://push.example.org/x').ok).toBe(true);
		expect(own.check('https://eu.push.example.org/x').ok).toBe(true);
		expect(own.check('https://10.1.2.3/x').ok).toBe(true);
		expect(own.mayBePrivate('eu.push.example.org')).toBe(true);
		expect(own.mayBePrivate('fcm.googleapis.com')).toBe(false);
	});

	test('an entry that cannot be understood is named', () => {
		expect(readEndpointRules('push.example.org,http://evil.example:*')).toMatchObject({
			ok: false,
			error: expect.stringContaining('http://evil.example:*'),
		});
	});
});

describe('private addresses', () => {
	test.each([
		'127.0.0.1',
		'10.0.0.1',
		'172.16.5.4',
		'192.168.1.1',
		'169.254.169.254',
		'100.64.0.1',
		'0.0.0.0',
		'224.0.0.1',
		'255.255.255.255',
		'::1',
		'::',
		'fe80::1',
		'fd00::1',
		'::ffff:127.0.0.1',
		'::ffff:7f00:1',
		'64:ff9b::a00:1',
		'::127.0.0.1',
		'2002:7f00:1::',
		'2001:0:4136:e378::1',
		'nonsense',
	])('%s is one', (address) => {
		expect(isPrivateAddress(address)).toBe(true);
	});

	test.each(['142.250.1.1', '172.32.0.1', '2a00:1450:4001::1', '2001:4860:4860::8888', '17.253.144.10'])(
		'%s is none',
		(address) => {
			expect(isPrivateAddress(address)).toBe(false);
		},
	);
});
