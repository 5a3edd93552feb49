import Testing

@testable import DripReturns

/// Mails made to hurt: each is read within its limits, and to the same end every time.
@Suite struct HostileMailTests {
    private func read(_ bytes: [UInt8]) -> ReturnedMail {
        let clock = ContinuousClock()
        var mail: ReturnedMail?
        let took = clock.measure { mail = ReturnedMail(bytes) }
        #expect(took < .seconds(5), "it took \(took)")
        return mail ?? ReturnedMail([])
    }

    @Test func nothingIsNothing() {
        for bytes: [UInt8] in [[], [0], [0x0A], [0x0D, 0x0A], Array(repeating: 0, count: 5_000)] {
            #expect(read(bytes).meaning == .nothing)
        }
    }

    @Test func deepPartsAreLeftAlone() {
        var text = "From: a@b.example\n"
        for level in 0..<20_000 {
            text += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n"
        }
        #expect(read(Samples.mail(text)).verdict == "reply")
    }

    @Test func deepMailsAreLeftAlone() {
        let level = "Content-Type: message/rfc822\n\n"
        #expect(read(Samples.mail("From: a@b.example\n" + String(repeating: level, count: 30_000))).verdict == "reply")
    }

    @Test func manyPartsAndHeadersAreCut() {
        let parts = String(repeating: "--b\nContent-Type: text/plain\n\nx\n", count: 25_000)
        let mail = "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n\(parts)--b--\n"
        #expect(read(Samples.mail(mail)).verdict == "reply")
        let headers = String(repeating: "X-Y: z\n", count: 100_000)
        #expect(read(Samples.mail("From: a@b.example\n\(headers)\n\n")).verdict == "reply")
    }

    @Test func longLinesAndManyMarksAreCut() {
        let marks = String(repeating: "<bounce+a@b.example>,", count: 40_000)
        let mail = read(Samples.mail("From: MAILER-DAEMON@x\nTo: \(marks)\nSubject: failure notice\n\n\(marks)"))
        #expect(mail.origin.bounceTokens == ["a"])
        let ats = String(repeating: "@", count: 500_000)
        #expect(read(Samples.mail("From: MAILER-DAEMON@x\nSubject: failure notice\n\n\(ats)")).verdict == "soft")
        let opens = String(repeating: "<", count: 500_000)
        _ = read(Samples.mail("From: a@b.example\nContent-Type: text/html\nReferences: \(opens)\n\n\(opens)"))
    }

    @Test func whatLiesBeyondTheLimitIsNotRead() {
        let padding = String(repeating: "x\n", count: ReturnLimits.mailBytes)
        let mail =
            "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n\(padding)\n--b\n"
            + "Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
        #expect(read(Samples.mail(mail)).verdict == "reply")
    }

    @Test func aSecretCharsetIsNoTrap() {
        for charset in ["utf-7", "iso-2022-jp", "x\"y", "", String(repeating: "c", count: 5_000), "utf-16", "gb2312"] {
            let mail =
                "From: MAILER-DAEMON@x\nSubject: failure notice\nContent-Type: text/plain; charset=\"\(charset)\"\n\n"
            _ = read(Samples.mail(mail) + [0xFF, 0xFE, 0x1B, 0x24, 0x42, 0xC3, 0x28])
        }
    }

    @Test func readingTwiceIsReadingOnce() throws {
        let bytes = try Samples.read("flufl.bounce/dsn_11.txt")
        #expect(ReturnedMail(bytes) == ReturnedMail(bytes))
    }
}
