// sources: Sources/DripHTTP/Server/FormBody.swift

/// Any bytes as a posted form: at most 200 fields, none longer than what came, and what is encoded again reads the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let form = FormBody(bytes)
    for name in ["action", "topic", "email", "", "\u{FFFD}"] {
        let all = form.all(name)
        precondition(all.count <= 200 && form[name] == all.first)
        for value in all { precondition(value.unicodeScalars.count <= bytes.count) }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let encoded = text.utf8.map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
    precondition(FormBody("x=\(encoded)".utf8)["x"] == text)
    return 0
}
