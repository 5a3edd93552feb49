// sources: Sources/DripCore/*/*.swift
// sources: Sources/DripMessages/Mail/HeaderWriter.swift Sources/DripMessages/Mail/ComposeFailure.swift
// sources: Sources/DripMessages/MessageContext.swift Sources/DripMessages/Program/LineText.swift
// sources: Sources/DripMessages/Program/Placement.swift

/// Hostile text in every kind of header field: what is written is one field of canonical lines that says that text.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = bytes.first else { return 0 }
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    var writer = HeaderWriter()
    do throws(ComposeFailure) {
        switch kind % 5 {
        case 0: try writer.text("Subject", text)
        case 1: try writer.named("From", phrase: text, "a@b.example")
        case 2: try writer.token("Message-ID", text)
        case 3: try writer.tokens("List-Unsubscribe", text.split(separator: "\t").map(String.init), separator: ",")
        default:
            guard let address = try? EmailAddress(text) else { return 0 }
            check(address)
            try writer.address("To", address)
        }
    } catch {
        return 0
    }
    let field = writer.takeBytes()
    checkLines(field, isInternational: kind % 5 == 4)
    if kind % 5 == 0 { checkSubject(field, says: text) }
    return 0
}

/// Ends in CRLF, and every line end before that is a fold; nothing but printable ASCII; no line too long.
private func checkLines(_ field: [UInt8], isInternational: Bool) {
    precondition(field.suffix(2) == [0x0D, 0x0A])
    var (start, index) = (0, 0)
    while index < field.count {
        if field[index] == 0x0D {
            precondition(field[index + 1] == 0x0A && index - start <= 998)
            precondition(index + 2 == field.count || field[index + 2] == 0x20)
            (start, index) = (index + 2, index + 2)
        } else {
            precondition(field[index] >= 0x20 && field[index] != 0x7F && (field[index] < 0x80 || isInternational))
            index += 1
        }
    }
}

private func check(_ address: EmailAddress) {
    precondition(address.text.unicodeScalars.count { $0 == "@" } == 1)
    precondition(address.localPart.utf8.count <= 64 && address.domain.utf8.count <= 255)
    precondition(address.domain.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    precondition(!address.text.utf8.contains { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: ">") })
    precondition((try? EmailAddress(address.text)) == address)
    precondition(EmailAddress(stored: address.text, normalised: address.normalised) == address)
}

/// Read back: encoded words put together are the text; without them, the words of the text are.
private func checkSubject(_ field: [UInt8], says text: String) {
    let value = String(decoding: field.dropFirst("Subject: ".utf8.count).dropLast(2), as: UTF8.self)
    guard EncodedWords.isNeeded(for: text) else {
        precondition(value.utf8.split(whereSeparator: isSpace).elementsEqual(
            text.utf8.split(whereSeparator: isSpace), by: { $0.elementsEqual($1) }))
        return
    }
    var decoded: [UInt8] = []
    for word in value.utf8.split(whereSeparator: isSpace).map({ String(Substring($0)) }) {
        precondition(word.utf8.count <= 75 && word.hasPrefix("=?UTF-8?") && word.hasSuffix("?="))
        let body = Array(word.utf8.dropFirst(10).dropLast(2))
        let part = word.utf8.dropFirst(8).first == UInt8(ascii: "Q") ? quoted(body) : base64(body)
        // Each word is whole characters.
        precondition(String(validating: part, as: UTF8.self) != nil)
        decoded += part
    }
    precondition(decoded.elementsEqual(text.utf8))
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0D || byte == 0x0A }

private func quoted(_ body: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < body.count {
        if body[index] == UInt8(ascii: "=") {
            result.append(UInt8(String(decoding: body[index + 1...index + 2], as: UTF8.self), radix: 16) ?? 0)
            index += 3
        } else {
            result.append(body[index] == UInt8(ascii: "_") ? 0x20 : body[index])
            index += 1
        }
    }
    return result
}

private func base64(_ body: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var (result, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
    for byte in body {
        guard let value = alphabet.firstIndex(of: byte) else { break }
        (bits, count) = (bits << 6 | UInt32(value), count + 6)
        if count >= 8 {
            count -= 8
            result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return result
}
