import DripCore
import Testing

@testable import DripDelivery

@Suite struct SMTPDialogueTests {
    static let envelope = "MAIL FROM:<sender@example.com>\r\nRCPT TO:<lead@example.org>\r\nDATA\r\n"

    @Test func pipelinedAMailCostsOneRoundTrip() throws {
        var rig = DialogueRig(DialogueRig.pipelining)
        try rig.take(1)
        #expect(rig.takeSaid() == Self.envelope)
        rig.handsOver = false
        rig.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        #expect(rig.dialogue.canLookAhead)
        try rig.take(2)
        #expect(!rig.dialogue.canLookAhead)
        rig.handsOver = true
        rig.handOver()
        #expect(rig.takeSaid() == "hello\r\n.\r\n" + Self.envelope)
        rig.hear("250 taken\r\n250 ok\r\n550 5.1.1 no\r\n503 no\r\n")
        #expect(rig.results.map(\.brief) == ["1 accepted delivery 250", "2 permanentFailure delivery 550 5.1.1"])
        try rig.take(3)
        #expect(rig.takeSaid() == "RSET\r\n" + Self.envelope)
        rig.hear("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n")
        rig.hear("250 taken\r\n")
        #expect(rig.results.last?.brief == "3 accepted delivery 250")
        #expect(rig.dialogue.isIdle && rig.dialogue.isReady && !rig.dialogue.isOver)
    }

    @Test func withoutPipeliningEachCommandWaits() throws {
        var rig = DialogueRig()
        try rig.take(1)
        #expect(rig.takeSaid() == "MAIL FROM:<sender@example.com>\r\n")
        rig.hear("250 ok\r\n")
        #expect(rig.takeSaid() == "RCPT TO:<lead@example.org>\r\n")
        rig.hear("250 ok\r\n")
        #expect(rig.takeSaid() == "DATA\r\n")
        rig.hear("354 go\r\n")
        #expect(rig.takeSaid() == "hello\r\n.\r\n")
        #expect(!rig.dialogue.canLookAhead && !rig.dialogue.isReady)
        rig.hear("250 taken\r\n")
        try rig.take(2)
        #expect(rig.takeSaid() == "MAIL FROM:<sender@example.com>\r\n")
        rig.hear("250 ok\r\n")
        _ = rig.takeSaid()
        rig.hear("550 no\r\n")
        #expect(rig.takeSaid() == "RSET\r\n")
        #expect(!rig.dialogue.isReady)
        rig.hear("250 reset\r\n")
        #expect(rig.dialogue.isReady)
    }

    @Test func aServersWishNotToPipelineIsKept() throws {
        var rig = DialogueRig(DialogueRig.pipelining, pipelines: false)
        try rig.take(1)
        #expect(rig.takeSaid() == "MAIL FROM:<sender@example.com>\r\n")
    }

    @Test func aLoneDotEndsAMailThatNobodyTakes() throws {
        var rig = DialogueRig(DialogueRig.pipelining)
        try rig.take(1)
        _ = rig.takeSaid()
        rig.hear("250 ok\r\n550 5.1.1 no\r\n354 go\r\n")
        #expect(rig.takeSaid() == ".\r\nRSET\r\n")
        rig.hear("250 taken, all the same\r\n250 reset\r\n")
        #expect(rig.results.map(\.brief) == ["1 permanentFailure delivery 550 5.1.1"])
        #expect(rig.dialogue.isReady && rig.dialogue.isIdle)
    }

    /// A server that refuses the sender and then takes a recipient would take an empty mail.
    @Test func noLoneDotAfterARefusedSender() throws {
        var rig = DialogueRig(DialogueRig.pipelining)
        try rig.take(1)
        _ = rig.takeSaid()
        rig.hear("550 no\r\n250 ok\r\n354 go\r\n")
        #expect(rig.takeSaid().isEmpty)
        #expect(rig.dialogue.isOver)
        #expect(rig.results.map(\.brief) == ["1 transientFailure transport 550"])
    }

    @Test func sizeAnd8BitMIMEAreSaidWhereOffered() throws {
        var rig = DialogueRig(SMTPCapabilities(eightBitMIME: true, size: true, largestMessage: 10))
        try rig.take(1, "é\r\n")
        #expect(rig.takeSaid() == "MAIL FROM:<sender@example.com> SIZE=4 BODY=8BITMIME\r\n")
    }

    private func international(_ text: String) throws -> Submission {
        let mail = OutgoingMessage.Mail(
            sender: try EmailAddress("sender@example.com"), recipient: try EmailAddress("büdi@bücher.example"),
            bytes: Array(text.utf8))
        return Submission(delivery: DeliveryID(rawValue: 1), mail: mail)
    }

    @Test func anInternationalAddressIsSaidWhereTheServerTakesIt() throws {
        var rig = DialogueRig(SMTPCapabilities(eightBitMIME: true, smtpUTF8: true))
        try rig.dialogue.take(international("To: büdi@bücher.example\r\n"), into: &rig.effects)
        rig.handOver()
        #expect(rig.takeSaid() == "MAIL FROM:<sender@example.com> BODY=8BITMIME SMTPUTF8\r\n")
        rig.hear("250 ok\r\n")
        #expect(rig.takeSaid() == "RCPT TO:<büdi@xn--bcher-kva.example>\r\n")
    }

    @Test func anInternationalAddressFailsWithItsReasonElsewhere() throws {
        var rig = DialogueRig(SMTPCapabilities(pipelining: true, eightBitMIME: true))
        try rig.dialogue.take(international("x\r\n"), into: &rig.effects)
        #expect(rig.effects.output.isEmpty && rig.dialogue.isReady)
        let result = try #require(rig.results.first)
        #expect(result.brief == "1 permanentFailure delivery" && !result.isHardBounce)
        #expect(result.text == "the address needs SMTPUTF8, which the relay does not offer")
    }

    @Test(arguments: [
        ("0123456789\r\n", "12 octets, the server takes at most 11"), ("a\nb\r\n", "line feed"), ("é\r\n", "8BITMIME"),
    ])
    func whatCannotBeSentIsRefusedBeforeAnythingIsSent(text: String, word: String) throws {
        var rig = DialogueRig(SMTPCapabilities(pipelining: true, size: true, largestMessage: 11))
        try rig.take(1, text)
        #expect(rig.said.isEmpty)
        #expect(rig.results.map(\.brief) == ["1 permanentFailure delivery"])
        #expect(rig.results.first?.text.contains(word) == true)
        #expect(rig.dialogue.isReady && rig.dialogue.taken == 0)
    }

    /// Whatever part of body and dot was handed over, only the whole of it is in doubt.
    @Test(arguments: 0...10) func inDoubtBeginsWithTheLastOctetOfTheFinalDot(handed: Int) throws {
        var rig = DialogueRig(DialogueRig.pipelining)
        try rig.take(1)
        rig.handsOver = false
        rig.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        #expect(rig.effects.output.count == 10)  // "hello CRLF . CRLF"
        rig.handOver(handed)
        #expect((rig.dialogue.wait == .finalReply) == (handed == 10))
        rig.close()
        #expect(rig.results.map(\.outcome) == [handed == 10 ? .unknown : .transientFailure])
        #expect(rig.canBeRetried == (handed == 0 ? [1] : []))
    }

    @Test func theNextMailIsJudgedByItself() throws {
        for closing in ["", "421 bye\r\n"] {
            var rig = DialogueRig(DialogueRig.pipelining)
            try rig.take(1)
            rig.hear("250 ok\r\n250 ok\r\n354 go\r\n")
            try rig.take(2)
            if closing.isEmpty { rig.close() } else { rig.hear(closing) }
            #expect(rig.results.map(\.outcome) == [closing.isEmpty ? .unknown : .transientFailure, .transientFailure])
            #expect(rig.canBeRetried == [2])
            #expect(rig.dialogue.isOver)
        }
    }

    @Test func aMailBehindASilentDotIsTakenBack() throws {
        var rig = DialogueRig(DialogueRig.pipelining)
        try rig.take(1)
        rig.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        try rig.take(2)
        #expect(rig.dialogue.withdraw()?.delivery == DeliveryID(rawValue: 2))
        #expect(rig.dialogue.withdraw() == nil)
        _ = rig.takeSaid()
        rig.hear("250 taken\r\n250 ok\r\n250 ok\r\n354 go\r\n")
        #expect(rig.results.map(\.brief) == ["1 accepted delivery 250"])
        // The server waits for a body: only the end of the connection keeps it from taking an empty mail.
        #expect(rig.dialogue.isOver && rig.takeSaid().isEmpty)
    }

    @Test func aRefusalInTheMiddleOfTheBodyIsARefusal() throws {
        for (reply, expected) in [
            ("552 5.3.4 too much", "1 permanentFailure delivery 552 5.3.4"),
            ("421 bye", "1 transientFailure delivery 421"),
            ("250 taken", "1 transientFailure delivery 250"),
        ] {
            var rig = DialogueRig(DialogueRig.pipelining)
            try rig.take(1)
            rig.handsOver = false
            rig.hear("250 ok\r\n250 ok\r\n354 go\r\n")
            rig.handOver(3)
            rig.hear(reply + "\r\n")
            #expect(rig.results.map(\.brief) == [expected])
            #expect(rig.dialogue.isOver)
        }
    }

    @Test func anAnswerBeforeItsTimeIsNoAnswer() throws {
        var rig = DialogueRig(DialogueRig.pipelining)
        rig.handsOver = false
        try rig.take(1)
        rig.hear("250 ok\r\n")
        #expect(rig.results.map(\.outcome) == [.transientFailure])
        #expect(rig.dialogue.isOver)

        // All at once, the last one for a final dot that was never said.
        rig = DialogueRig(DialogueRig.pipelining)
        try rig.take(1)
        rig.hear("250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n")
        #expect(rig.results.map(\.outcome) == [.transientFailure])
    }

    @Test(arguments: ["421 idle\r\n", "250 what\r\n", "junk\r\n"]) func anIdleConnectionThatSpeaksIsOver(text: String) {
        var rig = DialogueRig()
        rig.hear(text)
        #expect(rig.dialogue.isOver && rig.results.isEmpty)
    }

    @Test func quitEndsIt() throws {
        var rig = DialogueRig()
        rig.dialogue.leave(into: &rig.effects)
        #expect(String(decoding: rig.effects.output, as: UTF8.self) == "QUIT\r\n")
        rig.handOver()
        #expect(rig.dialogue.wait == .farewell && !rig.dialogue.isReady)
        rig.hear("221 bye\r\n")
        #expect(rig.dialogue.isOver && rig.results.isEmpty)
    }

    @Test func aRefusedResetEndsIt() throws {
        var rig = DialogueRig()
        try rig.take(1)
        rig.hear("250 ok\r\n550 no\r\n")
        rig.hear("500 what\r\n")
        #expect(rig.dialogue.isOver)
        #expect(rig.results.count == 1)
    }
}
