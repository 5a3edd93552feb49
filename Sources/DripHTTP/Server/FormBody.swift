/// The fields of a form as a browser posts them (`application/x-www-form-urlencoded`, WHATWG URL §5.1).
///
/// At most 200 fields are read; what is no UTF-8 loses what is not, as browsers never send it.
struct FormBody: Sendable {
    private var fields: [(name: String, value: String)] = []

    init(_ bytes: some Sequence<UInt8>) {
        let parts = Array(bytes).split(separator: UInt8(ascii: "&"), maxSplits: 200)
        for part in parts.prefix(200) {
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = halves.first else { continue }
            fields.append((Self.decoded(name), halves.count == 2 ? Self.decoded(halves[1]) : ""))
        }
    }

    /// The first of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    var names: [String] { fields.map(\.name) }

    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
                let high = Character(UnicodeScalar(bytes[index + 1])).hexDigitValue,
                let low = Character(UnicodeScalar(bytes[index + 2])).hexDigitValue
            {
                result.append(UInt8(high << 4 | low))
                index += 3
            } else {
                result.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
