/// One HTTP transport of `dripd.yaml`: a provider, and what it asked for.
package struct HTTPSettings: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        case secret(SecretSource)
        case fields([Field])
    }

    /// One of the provider's own names, and what stands in it.
    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: ProviderText

        package init(name: String, value: ProviderText) {
            self.name = name
            self.value = value
        }
    }

    package var provider: Provider
    /// By the setting's name; what has a standard may be missing here.
    package var values: [String: Value]
    /// To add to each request.
    package var headers: [String: String]
    package var caFile: String?
    /// `http://proxy.example.com:3128`; nil goes straight, whatever the environment says.
    package var proxy: String?
    /// Whether the host may have a private address.
    package var allowPrivate: Bool
    package var timeout: TimeSpan

    package init(
        provider: Provider, values: [String: Value] = [:], headers: [String: String] = [:], caFile: String? = nil,
        proxy: String? = nil, allowPrivate: Bool = false, timeout: TimeSpan = .seconds(30)
    ) {
        self.provider = provider
        self.values = values
        self.headers = headers
        self.caFile = caFile
        self.proxy = proxy
        self.allowPrivate = allowPrivate
        self.timeout = timeout
    }

    /// The secrets that somebody has to read before the transport can be made, by the settings' names.
    package var secrets: [String: SecretSource] {
        values.compactMapValues { value in if case .secret(let source) = value { source } else { nil } }
    }

    /// What a setting says, with the standards in place; nil where it is left out or no text.
    package func text(of name: String) -> String? {
        if case .text(let text) = values[name] { return text }
        guard let standard = provider.settings.first(where: { $0.name == name })?.standard else { return nil }
        // A standard names settings that are written out, and never itself: one level is all there is.
        var text = ""
        for piece in standard.pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .setting(let other):
                guard other != name, case .text(let value) = values[other] else { return nil }
                text += value
            case .value: return nil
            }
        }
        return text
    }

    /// Scheme and host of where it sends to, and the path as far as no lead's value stands in it.
    package var url: String { filled(provider.url, with: { _ in nil }) ?? "" }

    /// A web address of the provider's file with everything in place; nil where something is missing.
    ///
    /// A setting at its beginning is an address itself; everything behind that is percent-encoded, so that neither ops'
    /// text nor a lead's value can make a segment, a query or a host (RFC 3986 §2.1).
    package func filled(_ address: ProviderText, with value: (ProviderValue) -> String?) -> String? {
        var result = ""
        for (index, piece) in address.pieces.enumerated() {
            switch piece {
            case .literal(let literal): result += literal
            case .setting(let name):
                guard let text = text(of: name) else { return nil }
                result += index == 0 ? text : PercentCoding.encode(text)
            case .value(let name):
                guard let text = value(name), !text.isEmpty else { return nil }
                result += PercentCoding.encode(text)
            }
        }
        return result
    }
}

/// Percent-encoding of one component (RFC 3986 §2.1): all but the unreserved characters.
package enum PercentCoding {
    private static let digits = Array("0123456789ABCDEF".utf8)

    package static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        // A segment of dots alone would climb out of the path.
        if !result.isEmpty, result.count <= 2, result.allSatisfy({ $0 == UInt8(ascii: ".") }) {
            return String(repeating: "%2E", count: result.count)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
