// A private key that signs for a domain, read from PEM.
//
// The rules: PKCS#8 (`PRIVATE KEY`) for RSA and Ed25519, PKCS#1 (`RSA PRIVATE KEY`) for RSA; the algorithm follows from
// the key. RSA has 2048 to 4096 bits: fewer are no longer trusted, more need not be verified (RFC 8301 §3.2). An Ed25519
// key is 32 octets behind a fixed header (RFC 8410 §7).

import Crypto
import CryptoExtras
import Foundation

/// One domain's selector and private key; it never prints.
package struct DKIMKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package enum Algorithm: String, Sendable {
        case rsa = "rsa-sha256"
        /// RFC 8463.
        case ed25519 = "ed25519-sha256"
    }

    /// Why a text is no key to sign with, as what one says of the key.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case noPEM, encrypted, publicKey
        /// A certificate, a key of another kind, or a damaged one.
        case unusable
        case bits(Int)

        package var description: String {
            switch self {
            case .noPEM: "is no private key in PEM (`-----BEGIN PRIVATE KEY-----`)"
            case .encrypted: "is locked with a passphrase; unlock it with: openssl pkey -in KEY -out NEW"
            case .publicKey: "is the public half; the private one is needed"
            case .unusable: "is neither an RSA nor an Ed25519 private key"
            case .bits(let bits): "has \(bits) bits; RSA keys of 2048 to 4096 bits are taken"
            }
        }
    }

    private enum Secret: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    /// In lower case, as it goes on the wire.
    package let domain: String
    package let selector: String
    private let secret: Secret

    package init(domain: String, selector: String, pem: String) throws(Refusal) {
        self.domain = domain.lowercased()
        self.selector = selector
        secret = try Self.read(pem)
    }

    package var algorithm: Algorithm {
        switch secret {
        case .rsa: .rsa
        case .ed25519: .ed25519
        }
    }

    /// Whether it may speak for a sender: its domain is the sender's or one above it (RFC 7489 §3.1.1, relaxed).
    package func covers(_ sender: String) -> Bool {
        let sender = sender.lowercased()
        return sender == domain || sender.hasSuffix("." + domain)
    }

    /// The signature over a digest of canonical octets; the same every time.
    func signature(over digest: SHA256Digest) throws -> [UInt8] {
        switch secret {
        case .rsa(let key): Array(try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        // RFC 8463 §3: what is signed is the digest itself.
        case .ed25519(let key): Array(try key.signature(for: Data(digest)))
        }
    }

    /// What the DNS must say at `selector._domainkey.domain`.
    package var record: String {
        switch secret {
        case .rsa(let key): "v=DKIM1; k=rsa; p=\(key.publicKey.derRepresentation.base64EncodedString())"
        case .ed25519(let key): "v=DKIM1; k=ed25519; p=\(key.publicKey.rawRepresentation.base64EncodedString())"
        }
    }

    private static func read(_ pem: String) throws(Refusal) -> Secret {
        guard let begin = pem.firstRange(of: "-----BEGIN "),
            let label = pem[begin.upperBound...].firstRange(of: "-----"),
            let end = pem[label.upperBound...].firstRange(of: "-----END ")
        else { throw .noPEM }
        let block = pem[label.upperBound..<end.lowerBound]
        switch pem[begin.upperBound..<label.lowerBound] {
        case "ENCRYPTED PRIVATE KEY": throw .encrypted
        case "RSA PRIVATE KEY" where block.contains("ENCRYPTED"): throw .encrypted
        case "PUBLIC KEY", "RSA PUBLIC KEY": throw .publicKey
        case "PRIVATE KEY", "RSA PRIVATE KEY": break
        default: throw .unusable
        }
        guard let der = Data(base64Encoded: String(block.filter { !$0.isWhitespace })) else { throw .unusable }
        if let seed = ed25519Seed(in: Array(der)) {
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .unusable }
            return .ed25519(key)
        }
        // The smallest that can be read at all, so that its size can be told.
        guard let key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der) else { throw .unusable }
        guard (2_048...4_096).contains(key.keySizeInBits) else { throw .bits(key.keySizeInBits) }
        return .rsa(key)
    }

    /// SEQUENCE, version 0 or 1, the algorithm's OID 1.3.101.112, and an octet string in an octet string.
    private static func ed25519Seed(in der: [UInt8]) -> [UInt8]? {
        let middle: [UInt8] = [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
        guard der.count >= 48, der[0] == 0x30, Int(der[1]) == der.count - 2, der[2] == 0x02, der[3] == 0x01,
            der[4] <= 1, Array(der[5..<16]) == middle
        else { return nil }
        return Array(der[16..<48])
    }

    package var description: String { "DKIMKey(\(selector)._domainkey.\(domain))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
