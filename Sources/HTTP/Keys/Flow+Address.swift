import NIOCore
import PenstockServing

extension Flow {
    /// The flow of whoever is at an address: each address of IPv4, and each network of 64 bits of IPv6, since whoever has
    /// one address of such a network has all of them.
    init(from address: SocketAddress) {
        switch address {
        case .v4(let address): self.init(.network(UInt64(UInt32(bigEndian: address.address.sin_addr.s_addr))))
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            let number = { (range: Range<Int>) in bytes[range].reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
            let isMapped = number(0..<8) == 0 && number(8..<12) == 0xFFFF
            self.init(.network(isMapped ? number(12..<16) : number(0..<8)))
        case .unixDomainSocket: self = .others
        }
    }
}
