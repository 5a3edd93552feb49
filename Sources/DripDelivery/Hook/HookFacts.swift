import DripCore
import Foundation

/// A posted request, taken apart.
struct HookFacts {
    /// By their names in lower case; of several of one name the first, as it stands first.
    let headers: [String: String]
    let bytes: [UInt8]
    let url: String
    /// The body as a value, once it was read: a form as a group of its fields.
    private(set) var body: JSONValue?
    /// The form's own fields, in their order; empty for JSON.
    private(set) var fields: [FormField] = []

    init(_ request: HookRequest) {
        headers = Dictionary(request.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        bytes = Array(request.body)
        url = request.url
    }

    mutating func readBody(as form: ProviderHook.Body) throws(HookRefusal.Cause) {
        guard body == nil else { return }
        switch form {
        case .json:
            guard let value = JSONValue(bytes) else { throw .notJSON }
            body = value
        case .form:
            guard let fields = FormField.read(bytes), !fields.isEmpty else { throw .notAForm }
            self.fields = fields
            // What the request's own address carries comes back in it, and a field of the body comes first.
            let query = url.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" }
            let all = fields + (FormField.read(Array(query.utf8)) ?? [])
            body = .group(Dictionary(all.map { ($0.name, .text($0.value)) }) { first, _ in first })
        }
    }

    /// What stands at a place; nil where there is nothing.
    func word(_ spot: ProviderSpot) -> String? {
        ProviderSaid(headers: headers, body: body).word(spot).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// One more than the most that are taken, at most.
    func events(at path: ProviderPath?) -> [JSONValue] {
        body?.all(path?.parts[...] ?? [], atMost: HookReader.mostEvents + 1) ?? []
    }
}

/// One name and value of `application/x-www-form-urlencoded` (WHATWG URL §5.1).
struct FormField: Hashable {
    var name: String
    var value: String

    private static let most = 1_000
    /// In bytes: long ones of hostile marks take a dictionary minutes.
    static let longestName = 256

    /// Nil where it is none: an odd escape, bytes that are no UTF-8, more than 1,000 fields, a name of over 256 bytes.
    static func read(_ bytes: [UInt8]) -> [FormField]? {
        var fields: [FormField] = []
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            let sides = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard fields.count < most, let name = decoded(sides[0]), name.utf8.count <= longestName,
                let value = sides.count == 2 ? decoded(sides[1]) : ""
            else { return nil }
            fields.append(FormField(name: name, value: value))
        }
        return fields
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): result.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                    return nil
                }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
