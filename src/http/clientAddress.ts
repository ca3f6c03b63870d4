import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

// Where a proxy of our own can stand: this machine and private networks (RFC 1918, RFC 4193, RFC 6598).
const near = new BlockList()
for (const [network, bits] of [['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['100.64.0.0', 10]] as const) near.addSubnet(network, bits) // prettier-ignore
near.addAddress('::1', 'ipv6')
near.addSubnet('fc00::', 7, 'ipv6')

/**
 * What tells one client of the network from another: its IPv4 address, or the /64 network of its IPv6 address. Behind a proxy nearby it is
 * what the proxy says of its own client; who comes from farther away cannot say anything about itself.
 */
export function clientAddress(request: Pick<IncomingMessage, 'socket' | 'headers'> | undefined): string {
  const peer = request ? peerOf(request.socket) : { address: '', isNear: false }
  const given = peer.isNear ? request?.headers['x-forwarded-for'] : undefined
  const forwarded = given === undefined ? '' : plain([given].flat().join(',').split(',').at(-1)?.trim() ?? '')
  const address = isIP(forwarded) ? forwarded : peer.address
  return isIPv4(address) || !isIP(address) ? address || 'unknown' : network64(address)
}

interface Peer {
  address: string
  isNear: boolean
}

/** Whom a connection is with, looked at once for all that come by it. */
const peers = new WeakMap<IncomingMessage['socket'], Peer>()

function peerOf(socket: IncomingMessage['socket']): Peer {
  let peer = peers.get(socket)
  if (!peer) {
    const address = plain(socket.remoteAddress ?? '')
    peer = { address, isNear: isNear(address) }
    if (address !== '') peers.set(socket, peer)
  }
  return peer
}

function isNear(address: string): boolean {
  return isIP(address) !== 0 && near.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** IPv4 addresses reach an IPv6 socket as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

function network64(address: string): string {
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const before = head ? head.split(':') : []
  const after = tail ? tail.split(':') : []
  const groups = tail === undefined ? before : [...before, ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
