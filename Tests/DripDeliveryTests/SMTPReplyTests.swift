import Testing

@testable import DripDelivery

@Suite struct SMTPReplyTests {
    /// Feeds `text` in pieces of `size` octets and returns all steps but `needsMore`.
    static func read(_ text: String, piece size: Int) -> [SMTPReplyReader.Step] {
        var reader = SMTPReplyReader()
        var steps: [SMTPReplyReader.Step] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            piece.withUnsafeBytes { piece in
                var position = 0
                while true {
                    let step = reader.next(in: piece, at: &position)
                    guard step != .needsMore else { return }
                    steps.append(step)
                    if case .malformed = step { return }
                }
            }
            if case .malformed = steps.last { return steps }
        }
        return steps
    }

    static func reply(_ code: Int, _ text: String, enhanced: String? = nil) -> SMTPReplyReader.Step {
        .reply(SMTPReply(code: code, enhancedCode: enhanced, bytes: Array(text.utf8)))
    }

    @Test(arguments: [
        ("250 ok\r\n", [reply(250, "250 ok")]), ("250\r\n", [reply(250, "250")]), ("250 ok\n", [reply(250, "250 ok")]),
        ("250-a\r\n250 b\r\n", [reply(250, "250-a 250 b")]),
        ("250 a\r\n354 b\r\n", [reply(250, "250 a"), reply(354, "354 b")]),
        ("550 5.1.1 no\r\n", [reply(550, "550 5.1.1 no", enhanced: "5.1.1")]),
        ("550-5.1.10 no\r\n550 5.7.1 x\r\n", [reply(550, "550-5.1.10 no 550 5.7.1 x", enhanced: "5.1.10")]),
        ("450 4.2.0\r\n", [reply(450, "450 4.2.0", enhanced: "4.2.0")]),
        ("550 4.1.1 class of another reply\r\n", [reply(550, "550 4.1.1 class of another reply")]),
        ("550 5.1. no\r\n", [reply(550, "550 5.1. no")]), ("550 5.1.1234 x\r\n", [reply(550, "550 5.1.1234 x")]),
        ("250 2.0.0 ok\r\n", [reply(250, "250 2.0.0 ok")]), ("", []), ("25", []), ("250 no end", []),
    ])
    func isReadInAnyPieces(text: String, expected: [SMTPReplyReader.Step]) {
        for size in 1...max(1, text.utf8.count) {
            #expect(Self.read(text, piece: size) == expected, "in pieces of \(size)")
        }
    }

    @Test(arguments: [
        "hello\r\n", "\r\n", "25\r\n", "2a0 x\r\n", "150 x\r\n", "650 x\r\n", "250_x\r\n", "2500 x\r\n",
        "250-a\r\n251 b\r\n",
        "\u{0}\u{1}\u{2}\r\n", String(repeating: "2", count: 4_000),
        "250 " + String(repeating: "x", count: 4_000) + "\r\n",
        String(repeating: "250-x\r\n", count: 300),
    ])
    func nonsenseIsMalformed(text: String) {
        for size in [1, 7, 100_000] {
            let steps = Self.read(text, piece: size)
            #expect(steps.count == 1)
            guard case .malformed = steps.first else {
                Issue.record("read as \(steps)")
                continue
            }
        }
    }

    @Test func theTextIsBounded() {
        let long = String(repeating: "250-" + String(repeating: "x", count: 2_000) + "\r\n", count: 150) + "250 end\r\n"
        guard case .reply(let reply) = Self.read(long, piece: 4_096).first else {
            Issue.record("no reply")
            return
        }
        #expect(reply.bytes.count < 4_000)
        #expect(reply.text.count <= 300)
    }
}
