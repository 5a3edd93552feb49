import Glibc

/// One whole reply of an SMTP server (RFC 5321 §4.2), one line or many.
struct SMTPReply: Hashable {
    /// 200 to 599.
    var code: Int
    /// RFC 3463, such as `5.1.1`; its class agrees with the code's first digit.
    var enhancedCode: String?
    /// The reply as it was read, its lines joined by blanks; bounded.
    var bytes: [UInt8]

    var isPositive: Bool { code / 100 == 2 }
    var isRefusal: Bool { code / 100 >= 4 }
    var text: String { LogText.clean(bytes) }
}

/// Cuts a stream of bytes into replies, whatever pieces it comes in.
///
/// The rule: a line is three digits (the first 2 to 5), then a blank or the end (last line) or `-` (more follows), then
/// text, then CRLF or LF. All lines of a reply bear one code. A server is not trusted: a line has at most 2,048 octets, a
/// reply at most 200 lines, and anything else is `malformed`, after which nothing that follows has a meaning.
/// Worked example: `250-a\r\n250 b\r\n` is one reply 250 with the text `250-a 250 b`. Source: RFC 5321 §4.2.1, RFC 2034.
struct SMTPReplyReader {
    enum Step: Hashable {
        case needsMore
        case reply(SMTPReply)
        case malformed(String)
    }

    static let longestLine = 2_048
    static let mostLines = 200
    /// Text beyond this is dropped: results quote 300 characters.
    private static let mostText = 1_200

    /// The start of a line whose end has not come yet.
    private var partial: [UInt8] = []
    private var code = 0
    private var lines = 0
    private var text: [UInt8] = []
    private var enhancedCode: String?

    /// Reads on from `position`, which it moves to behind what it used.
    mutating func next(in bytes: UnsafeRawBufferPointer, at position: inout Int) -> Step {
        while position < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            let lineFeed = rest.firstOffset(of: 0x0A)
            let length = lineFeed ?? rest.count
            guard partial.count + length <= SMTPReplyReader.longestLine else {
                return .malformed("a line of its reply does not end")
            }
            partial.append(contentsOf: rest[..<length])
            position += length + (lineFeed == nil ? 0 : 1)
            guard lineFeed != nil else { return .needsMore }
            let step = finishLine()
            partial.removeAll(keepingCapacity: true)
            if step != .needsMore { return step }
        }
        return .needsMore
    }

    private mutating func finishLine() -> Step {
        if partial.last == 0x0D { partial.removeLast() }
        guard let lineCode = SMTPReplyReader.code(of: partial) else {
            return .malformed("its reply is not SMTP: \(LogText.clean(partial.prefix(80)))")
        }
        if lines == 0 { code = lineCode }
        guard lineCode == code else { return .malformed("its reply has two codes, \(code) and \(lineCode)") }
        lines += 1
        guard lines <= SMTPReplyReader.mostLines else { return .malformed("its reply does not end") }
        if enhancedCode == nil { enhancedCode = SMTPReplyReader.enhancedCode(in: partial) }
        if text.count < SMTPReplyReader.mostText {
            if !text.isEmpty { text.append(0x20) }
            text.append(contentsOf: partial)
        }
        let isLast = partial.count == 3 || partial[3] == 0x20
        guard isLast else { return .needsMore }
        let reply = SMTPReply(code: code, enhancedCode: enhancedCode, bytes: text)
        lines = 0
        text = []
        enhancedCode = nil
        return .reply(reply)
    }

    private static func code(of line: [UInt8]) -> Int? {
        guard line.count >= 3, line[0] >= 0x32, line[0] <= 0x35, isDigit(line[1]), isDigit(line[2]),
            line.count == 3 || line[3] == 0x20 || line[3] == 0x2D
        else { return nil }
        return Int(line[0] - 0x30) * 100 + Int(line[1] - 0x30) * 10 + Int(line[2] - 0x30)
    }

    /// `5.1.1` from `550 5.1.1 No such user`; nil where the text does not begin with one, or its class contradicts.
    private static func enhancedCode(in line: [UInt8]) -> String? {
        // A success needs none, and only failures are told apart by it.
        guard line.count >= 9, line[0] >= 0x34, line[4] == line[0], line[5] == 0x2E else { return nil }
        let word = line[4...].prefix { $0 != 0x20 }
        let parts = word.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(isDigit) }) else {
            return nil
        }
        return String(decoding: word, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

extension UnsafeRawBufferPointer {
    /// Where `byte` stands first; `memchr` looks at many bytes at once.
    func firstOffset(of byte: UInt8) -> Int? {
        guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
