// Signs a mail for its sender's domain.
//
// The rules: every key whose domain is the From header's, or one above it, makes a signature of its own (RFC 8463 §3.1 has
// RSA and Ed25519 side by side); relaxed/relaxed, the whole body, SHA-256. Signed is each of `signed` and `sealed` that is
// there; each of `sealed` is named once more than it is there, so that none can be added on the way (RFC 6376 §8.15): a
// second From or Subject, or a Reply-To, breaks the signature.
// Edge cases: no key covers the sender, no signature is made; all keys sign the mail as it was before the first.
// Source: RFC 6376 §3.5, §5.4, §5.4.2; RFC 8058 §4 asks for both List-Unsubscribe fields; RFC 8463.

import Crypto
import DripCore

/// Makes `DKIM-Signature` header fields.
package struct DKIMSigner: Sendable {
    /// Named once more than they are there.
    static let sealed = [
        "from", "to", "cc", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
        "list-unsubscribe", "list-unsubscribe-post",
    ]
    /// Named as often as they are there: a list server on the way may add its own.
    static let signed = ["sender", "list-id", "feedback-id", "content-transfer-encoding"]

    private let keys: [DKIMKey]

    package init(keys: [DKIMKey]) {
        self.keys = keys
    }

    /// Whether a key of its signs for this sender's domain.
    package func covers(_ sender: String) -> Bool { keys.contains { $0.covers(sender) } }

    /// The fields to put in front of a canonical mail, one for each key that covers the sender.
    func fields(
        for mail: [UInt8], from sender: String, at instant: Instant
    ) throws -> [UInt8] {
        let keys = keys.filter { $0.covers(sender) }
        guard !keys.isEmpty else { return [] }
        let (fields, body) = DKIMCanonical.split(mail)
        let bodyHash = Base64.text(Array(SHA256.hash(data: DKIMCanonical.body(body))))
        var hasher = SHA256()
        let names = Self.cover(fields) { hasher.update(data: DKIMCanonical.field($0)) }
        var result: [UInt8] = []
        for key in keys {
            let field = Self.unsigned(key, names: names, bodyHash: bodyHash, at: instant)
            var whole = hasher
            // Its own field comes last, without its line end (RFC 6376 §3.7).
            whole.update(data: DKIMCanonical.field(Array(field.utf8)).dropLast(2))
            let signature = Base64.text(try key.signature(over: whole.finalize()))
            result += Array(field.utf8) + Self.folded(signature)
        }
        return result
    }

    /// The names for `h=`, while each field that they stand for is given to `take`, in their order.
    private static func cover(_ fields: [ArraySlice<UInt8>], take: (ArraySlice<UInt8>) -> Void) -> [String] {
        let named = fields.map { (name: DKIMCanonical.name(of: $0), field: $0) }
        var names: [String] = []
        for name in sealed + signed {
            // The last of a name is the first that is signed (RFC 6376 §5.4.2).
            for one in named.reversed() where one.name == name {
                take(one.field)
                names.append(name)
            }
            if sealed.contains(name) { names.append(name) }
        }
        return names
    }

    /// The field up to and with `b=`.
    private static func unsigned(_ key: DKIMKey, names: [String], bodyHash: String, at instant: Instant) -> String {
        var text = "DKIM-Signature: v=1; a=\(key.algorithm.rawValue); c=relaxed/relaxed; d=\(key.domain);\r\n"
        text += " s=\(key.selector); t=\(instant.seconds);\r\n h="
        var column = 3
        for (index, name) in names.enumerated() {
            let piece = name + (index == names.count - 1 ? ";" : ":")
            if column + piece.utf8.count > HeaderWriter.preferredLine {
                text += "\r\n "
                column = 1
            }
            text += piece
            column += piece.utf8.count
        }
        return text + "\r\n bh=\(bodyHash);\r\n b="
    }

    /// Behind ` b=`, in lines of at most 76 characters.
    private static func folded(_ signature: String) -> [UInt8] {
        var result: [UInt8] = []
        var room = 73
        for byte in signature.utf8 {
            if room == 0 {
                result.append(contentsOf: [0x0D, 0x0A, 0x20])
                room = 75
            }
            result.append(byte)
            room -= 1
        }
        return result + [0x0D, 0x0A]
    }
}
