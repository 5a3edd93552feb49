import DripCore
import Testing

@testable import DripDelivery

/// The table of `SMTPVerdict`, played to a dialogue row by row, with and without PIPELINING.
@Suite struct SMTPVerdictTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var what: String
        /// One reply for each command of the mail: MAIL, RCPT, DATA, final dot; fewer when the connection then closes.
        var replies: [String]
        var expected: String
        /// Whether nothing of the body was handed over, so that a fresh connection may take it.
        var canBeRetried = false

        var testDescription: String { what }
    }

    static let rows = [
        Row(what: "accepted", replies: ["250", "250", "354", "250 2.0.0 queued"], expected: "accepted delivery 250"),
        Row(what: "closed after the final dot", replies: ["250", "250", "354"], expected: "unknown delivery"),
        Row(
            what: "4xx after the dot", replies: ["250", "250", "354", "451 4.3.0 later"],
            expected: "transientFailure delivery 451 4.3.0"),
        Row(
            what: "5xx after the dot", replies: ["250", "250", "354", "554 5.7.1 spam"],
            expected: "permanentFailure delivery 554 5.7.1"),
        Row(
            what: "421 after the dot", replies: ["250", "250", "354", "421 4.3.2 bye"],
            expected: "transientFailure delivery 421 4.3.2"),
        Row(what: "3xx after the dot", replies: ["250", "250", "354", "354 what"], expected: "unknown delivery 354"),
        Row(what: "junk after the dot", replies: ["250", "250", "354", "ok"], expected: "unknown delivery"),
        Row(
            what: "recipient refused 5xx", replies: ["250", "550 5.1.1 no such user", "503"],
            expected: "permanentFailure delivery 550 5.1.1"),
        Row(
            what: "recipient refused 4xx", replies: ["250", "450 4.2.0 busy", "503"],
            expected: "transientFailure delivery 450 4.2.0"),
        Row(
            what: "recipient refused for a login", replies: ["250", "530 5.7.0 log in", "503"],
            expected: "transientFailure transport 530 5.7.0"),
        Row(
            what: "recipient 421", replies: ["250", "421 bye"], expected: "transientFailure delivery 421",
            canBeRetried: true),
        Row(
            what: "DATA refused 5xx", replies: ["250", "250", "554 5.5.1 no"],
            expected: "permanentFailure delivery 554 5.5.1"),
        Row(
            what: "DATA refused 4xx", replies: ["250", "250", "451 later"], expected: "transientFailure delivery 451"),
        Row(
            what: "closed after DATA", replies: ["250", "250"], expected: "transientFailure delivery",
            canBeRetried: true),
        Row(
            what: "DATA answered 250", replies: ["250", "250", "250"], expected: "transientFailure delivery 250",
            canBeRetried: true),
        Row(what: "closed after MAIL", replies: [], expected: "transientFailure delivery", canBeRetried: true),
        Row(
            what: "sender refused 5xx", replies: ["550 5.7.1 not yours", "503", "503"],
            expected: "transientFailure transport 550 5.7.1"),
        Row(
            what: "sender refused, no login", replies: ["530 5.7.0 log in", "503", "503"],
            expected: "transientFailure transport 530 5.7.0"),
        Row(
            what: "sender refused 4xx", replies: ["451 4.7.0 slowly", "503", "503"],
            expected: "transientFailure delivery 451 4.7.0"),
        Row(
            what: "too large at MAIL", replies: ["552 5.3.4 too large", "503", "503"],
            expected: "permanentFailure delivery 552 5.3.4"),
        Row(
            what: "421 at MAIL", replies: ["421 4.3.2 bye"], expected: "transientFailure transport 421",
            canBeRetried: true),
        Row(what: "junk at MAIL", replies: ["ok"], expected: "transientFailure delivery", canBeRetried: true),
        Row(
            what: "354 at RCPT", replies: ["250", "354 go"], expected: "transientFailure delivery 354",
            canBeRetried: true),
    ]

    @Test(arguments: rows, [true, false])
    func everyRow(row: Row, pipelined: Bool) throws {
        var rig = DialogueRig(pipelined ? DialogueRig.pipelining : SMTPCapabilities())
        try rig.take(7)
        var replies = row.replies
        // Without pipelining a refused mail's later commands are not said, and are not answered.
        if !pipelined, let refused = replies.firstIndex(where: { $0 >= "4" }) { replies = Array(replies[...refused]) }
        for reply in replies { rig.hear(reply + "\r\n") }
        if rig.results.isEmpty { rig.close() }
        #expect(rig.results.map(\.brief) == ["7 " + row.expected])
        #expect(rig.canBeRetried == (row.canBeRetried ? [7] : []))
    }

    @Test func everyStageAndCodeHasAVerdict() {
        for stage in SMTPVerdict.Stage.allCases {
            for code in 400..<600 {
                let reply = SMTPReply(code: code, enhancedCode: nil, bytes: Array("\(code) no".utf8))
                let result = SMTPVerdict.refused(reply, at: stage, delivery: DeliveryID(rawValue: 1))
                #expect(result.outcome != .accepted && result.outcome != .unknown)
                // A fault of the transport never ends a delivery.
                #expect(result.blame == .delivery || result.outcome == .transientFailure)
                #expect(code >= 500 || result.outcome == .transientFailure)
            }
        }
    }
}
