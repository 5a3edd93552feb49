import Crypto
import DripCore
import Foundation

// Whether a posted request is the provider's.
//
// The rule: a signature must be good, over just the parts that the provider's file names and the bytes as they came, and its
// time, where there is one, must lie within the tolerance of now, on either side. A provider that signs nothing shows a
// secret instead. Codes and secrets are compared in the same time wherever the difference is.
//
// Whoever posts is not believed yet: of a header at most ten codes are tried, and what is signed beside the body is short.
//
// Edge cases: a setting without which nothing can be proved refuses everything; of several signatures in one header (Svix
// and others, while a key changes) any good one will do; a time that is not signed is refused by the loader, not here.
//
// Sources: Svix "Verifying webhooks manually"; Twilio "Security", validating requests; SendGrid "Event webhook security
// features"; Meta "Validating payloads"; Mailgun "Securing webhooks"; RFC 2104, RFC 6979's curve P-256, RFC 7617.
enum HookProof {
    static func check(
        _ facts: HookFacts, _ auth: HookAuth, now: Instant, setting: (String) -> String?
    ) throws(HookRefusal.Cause) {
        func text(_ text: ProviderText) throws(HookRefusal.Cause) -> String {
            var result = ""
            for piece in text.pieces {
                switch piece {
                case .literal(let literal): result += literal
                case .setting(let name):
                    guard let filled = setting(name), !filled.isEmpty else { throw .noSetting(name) }
                    result += filled
                case .value: continue
                }
            }
            return result
        }
        switch auth {
        case .bearer(let token):
            try check(facts, "Authorization", scheme: "bearer", says: try text(token))
        case .basic(let username, let password):
            let pair = "\(try text(username)):\(try text(password))"
            try check(facts, "Authorization", scheme: "basic", says: Data(pair.utf8).base64EncodedString())
        case .header(let name, let value):
            try check(facts, name, scheme: nil, says: try text(value))
        case .signature(let signature):
            let key = try text(signature.key)
            try check(facts, signature, key: key, named: signature.key.settings.first ?? "key", now: now)
        }
    }

    private static func check(
        _ facts: HookFacts, _ name: String, scheme: String?, says secret: String
    ) throws(HookRefusal.Cause) {
        guard let said = facts.word(.header(name)) else { throw .missing(.header(name)) }
        var rest = said[...]
        if let scheme {
            let first = said.prefix { $0 != " " }
            guard first.lowercased() == scheme else { throw .badLogin }
            rest = said[first.endIndex...].drop { $0 == " " }
        }
        guard areEqual(Array(rest.utf8), Array(secret.utf8)) else { throw .badLogin }
    }

    private static func check(
        _ facts: HookFacts, _ signature: HookSignature, key: String, named setting: String, now: Instant
    ) throws(HookRefusal.Cause) {
        let written = try short(signature.spot, in: facts)
        let timestamp = try signature.timestamp.map { spot throws(HookRefusal.Cause) in try short(spot, in: facts) }
        let signed = try bytes(facts, signature, timestamp: timestamp)
        let codes = written.split(separator: " ").prefix(mostCodes).compactMap { word in
            word.hasPrefix(signature.prefix)
                ? decoded(String(word.dropFirst(signature.prefix.count)), signature.coding) : nil
        }
        let verify = try verifier(signature, key: key, named: setting)
        guard codes.contains(where: { verify($0, signed) }) else { throw .badSignature }
        // After the signature: what is told of the time is true then.
        guard let timestamp else { return }
        guard let seconds = Int64(timestamp), (-100_000_000_000...100_000_000_000).contains(seconds) else {
            throw .badTimestamp
        }
        let age = now - Instant(seconds: seconds)
        guard age <= signature.tolerance else { throw .tooOld(age) }
        guard age.milliseconds >= -signature.tolerance.milliseconds else {
            throw .tooNew(TimeSpan(milliseconds: -age.milliseconds))
        }
    }

    private static func bytes(
        _ facts: HookFacts, _ signature: HookSignature, timestamp: String?
    ) throws(HookRefusal.Cause) -> [UInt8] {
        var result: [UInt8] = []
        for (index, part) in signature.parts.enumerated() {
            if index > 0 { result += Array(signature.separator.utf8) }
            switch part {
            case .timestamp: result += Array((timestamp ?? "").utf8)
            case .body: result += facts.bytes
            case .url:
                guard !facts.url.isEmpty else { throw .noURL }
                result += Array(facts.url.utf8)
            case .form: result += form(facts.fields)
            case .spot(let spot):
                result += Array(try short(spot, in: facts).utf8)
            }
        }
        return result
    }

    private static let mostCodes = 10
    private static let longest = 4_096

    /// A part of what is signed, or the signature: never as long as a body may be.
    private static func short(_ spot: ProviderSpot, in facts: HookFacts) throws(HookRefusal.Cause) -> String {
        guard let word = facts.word(spot), word.utf8.count <= longest else { throw .missing(spot) }
        return word
    }

    /// Twilio's order: by name, and the different values of one name by value.
    ///
    /// Compared by their bytes: texts of hostile marks are compared in a time that grows with the square of their length.
    private static func form(_ fields: [FormField]) -> [UInt8] {
        let sorted = fields.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) }.sorted { a, b in
            a.name == b.name
                ? a.value.lexicographicallyPrecedes(b.value) : a.name.lexicographicallyPrecedes(b.name)
        }
        var result: [UInt8] = []
        for (index, field) in sorted.enumerated() where index == 0 || sorted[index - 1] != field {
            result += field.name + field.value
        }
        return result
    }

    private static func verifier(
        _ signature: HookSignature, key: String, named setting: String
    ) throws(HookRefusal.Cause) -> ([UInt8], [UInt8]) -> Bool {
        switch signature.scheme {
        case .ecdsaP256:
            guard let publicKey = publicKey(key) else { throw .badKey(setting) }
            return { code, signed in
                guard let code = try? P256.Signing.ECDSASignature(derRepresentation: code) else { return false }
                return publicKey.isValidSignature(code, for: signed)
            }
        case .hmacSHA256:
            let key = try shared(key, signature.keyForm, named: setting)
            return { HMAC<SHA256>.isValidAuthenticationCode($0, authenticating: $1, using: key) }
        case .hmacSHA1:
            let key = try shared(key, signature.keyForm, named: setting)
            return { HMAC<Insecure.SHA1>.isValidAuthenticationCode($0, authenticating: $1, using: key) }
        }
    }

    private static func shared(
        _ text: String, _ form: HookSignature.KeyForm, named setting: String
    ) throws(HookRefusal.Cause) -> SymmetricKey {
        switch form {
        case .text: return SymmetricKey(data: Array(text.utf8))
        case .base64:
            let plain = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
            guard let bytes = Data(base64Encoded: plain), !bytes.isEmpty else { throw .badKey(setting) }
            return SymmetricKey(data: bytes)
        }
    }

    /// A PEM file, or its base64 alone, as SendGrid shows it.
    private static func publicKey(_ text: String) -> P256.Signing.PublicKey? {
        if text.contains("-----BEGIN") { return try? P256.Signing.PublicKey(pemRepresentation: text) }
        return Data(base64Encoded: text).flatMap { try? P256.Signing.PublicKey(derRepresentation: $0) }
    }

    private static func decoded(_ text: String, _ coding: HookSignature.Coding) -> [UInt8]? {
        switch coding {
        case .base64: return Data(base64Encoded: text).map(Array.init)
        case .hex:
            let digits = text.utf8.compactMap(FormField.hexDigit)
            guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }

    /// In the same time wherever the difference is, and whatever the lengths: what is compared are codes of both.
    private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        let key = SymmetricKey(size: .bits256)
        return HMAC<SHA256>.isValidAuthenticationCode(
            Array(HMAC<SHA256>.authenticationCode(for: a, using: key)), authenticating: b, using: key)
    }

    /// The name of an event that has none of its own.
    static func fingerprint(of value: JSONValue) -> String {
        let bytes = (try? value.bytes()) ?? []
        return SHA256.hash(data: bytes).prefix(16).hexadecimal
    }
}
