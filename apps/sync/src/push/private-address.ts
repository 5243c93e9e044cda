import { BlockList, isIP } from 'node:net';

/** Whether an IP address is private, loopback, link-local or otherwise not of the public internet (RFC 6890). */
export function isPrivateAddress(address: string): boolean {
	const family = isIP(address);
	if (family === 4) return PRIVATE_4.check(address, 'ipv4');
	return family === 0 || PRIVATE_6.check(address, 'ipv6');
}

// Two lists, because Node matches an IPv4 address with the rule for mapped ones, too.
const PRIVATE_4 = listOf('ipv4', [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['224.0.0.0', 3],
]);
const PRIVATE_6 = listOf('ipv6', [
	// With the loopback and the unspecified address, the old form that carries an IPv4 address inside.
	['::', 96],
	// The other forms that do (mapped, NAT64, Teredo, 6to4): it could be a private one.
	['::ffff:0:0', 96],
	['64:ff9b::', 96],
	['64:ff9b:1::', 48],
	['2001::', 32],
	['2002::', 16],
	['100::', 64],
	['fc00::', 7],
	['fe80::', 10],
	['ff00::', 8],
]);

function listOf(family: 'ipv4' | 'ipv6', nets: readonly (readonly [net: string, prefix: number])[]): BlockList {
	const list = new BlockList();
	for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
	return list;
}
