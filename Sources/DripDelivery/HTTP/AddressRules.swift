import Glibc

/// Whether a connection to an address may be made: the last word, once names are resolved.
///
/// The rule: global unicast addresses only. A host that is written as loopback (`localhost`, `127.0.0.1`, `::1`) may be
/// loopback and nothing else. `allow_private` adds private networks and loopback, for a host that ops name; link-local
/// addresses, the metadata services of clouds, multicast and reserved ranges are never reached. An IPv4 address inside an
/// IPv6 one (mapped, NAT64, 6to4) is judged as that IPv4 address. Worked example: `crm.example.com` that resolves to
/// `::ffff:169.254.169.254` → refused. Sources: the IANA special-purpose registries (RFC 6890), RFC 4193, RFC 6052.
enum AddressRules {
    enum Class: Hashable, Sendable {
        case global, loopback, privateNetwork, forbidden
    }

    /// What a target may reach.
    enum Reach: Hashable, Sendable {
        case global, loopbackOnly, privateToo

        func includes(_ kind: Class) -> Bool {
            switch (self, kind) {
            case (_, .forbidden): false
            case (.loopbackOnly, _): kind == .loopback
            case (.global, _): kind == .global
            case (.privateToo, _): true
            }
        }
    }

    /// The class of a socket address, from its own bytes; nil for a family that is neither.
    static func judge(_ address: UnsafeRawBufferPointer) -> Class? {
        guard address.count >= MemoryLayout<sa_family_t>.size else { return nil }
        let family = address.loadUnaligned(as: sa_family_t.self)
        if family == sa_family_t(AF_INET), address.count >= MemoryLayout<sockaddr_in>.size {
            return judge(four: Array(address[4..<8]))
        }
        if family == sa_family_t(AF_INET6), address.count >= MemoryLayout<sockaddr_in6>.size {
            return judge(six: Array(address[8..<24]))
        }
        return nil
    }

    /// Four bytes, in network order.
    static func judge(four bytes: [UInt8]) -> Class {
        guard bytes.count == 4 else { return .forbidden }
        switch (bytes[0], bytes[1], bytes[2]) {
        case (127, _, _): return .loopback
        // Alibaba's metadata service, in the middle of a private range.
        case (100, 100, 100) where bytes[3] == 200: return .forbidden
        case (10, _, _), (172, 16...31, _), (192, 168, _), (100, 64...127, _), (198, 18...19, _):
            return .privateNetwork
        case (0, _, _), (169, 254, _), (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113),
            (224..., _, _):
            return .forbidden
        default: return .global
        }
    }

    /// Sixteen bytes, in network order.
    static func judge(six bytes: [UInt8]) -> Class {
        guard bytes.count == 16 else { return .forbidden }
        let last = Array(bytes[12...])
        if bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) { return judge(four: last) }
        if bytes == [UInt8](repeating: 0, count: 15) + [1] { return .loopback }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)) { return judge(four: last) }
        // Amazon's metadata service, in the middle of a private range.
        if bytes == [0xFD, 0x00, 0x0E, 0xC2] + [UInt8](repeating: 0, count: 10) + [0x02, 0x54] { return .forbidden }
        switch (bytes[0], bytes[1]) {
        case (0x20, 0x02): return judge(four: Array(bytes[2..<6]))
        // Teredo, ORCHID and the other assignments of 2001::/23, and what is for documentation.
        case (0x20, 0x01) where bytes[2] < 0x02: return .forbidden
        case (0x20, 0x01) where bytes[2] == 0x0D && bytes[3] == 0xB8: return .forbidden
        case (0x3F, 0xFF) where bytes[2] < 0x10: return .forbidden
        case (0x20...0x3F, _): return .global
        case (0xFC...0xFD, _): return .privateNetwork
        default: return .forbidden
        }
    }
}
