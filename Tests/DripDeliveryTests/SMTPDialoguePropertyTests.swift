import DripCore
import Foundation
import Testing

@testable import DripDelivery

/// What must hold for any server: seeds, printed where they fail.
@Suite struct SMTPDialoguePropertyTests {
    /// A well-behaved server that decides by chance: it answers each command with one reply, in order.
    private struct Server {
        var random: SplitMix64
        var unread = ""
        var isInData = false
        var hasSender = false
        var hasRecipient = false

        mutating func answer(_ said: String) -> String {
            unread += said
            var replies = ""
            while let end = unread.range(of: "\r\n") {
                let line = String(unread[..<end.lowerBound])
                unread.removeSubrange(..<end.upperBound)
                replies += answer(line: line)
            }
            return replies
        }

        private mutating func answer(line: String) -> String {
            if isInData {
                guard line == "." else { return "" }
                isInData = false
                return pick(["250 2.0.0 ok", "250-ok\r\n250 queued", "451 4.3.0 later", "554 5.6.0 no"])
            }
            if line.hasPrefix("MAIL") {
                hasRecipient = false
                let reply = pick(["250 ok", "250-fine\r\n250 ok", "250 ok", "451 slowly", "550 5.7.1 no"])
                hasSender = reply.hasPrefix("250")
                return reply
            }
            if line.hasPrefix("RCPT") {
                guard hasSender else { return "503 who sends?\r\n" }
                let reply = pick(["250 ok", "250 ok", "550 5.1.1 no", "450 4.2.0 busy"])
                hasRecipient = reply.hasPrefix("250")
                return reply
            }
            if line == "DATA" {
                guard hasSender else { return "503 who sends?\r\n" }
                let reply = pick(
                    hasRecipient ? ["354 go", "354 go", "451 4.3.0 later"] : ["354 go", "503 no", "554 no"])
                isInData = reply.hasPrefix("354")
                return reply
            }
            return "250 2.0.0 ok\r\n"
        }

        private mutating func pick(_ replies: [String]) -> String {
            (replies.randomElement(using: &random) ?? "250") + "\r\n"
        }
    }

    /// Plays `mails` to a server of this seed, its replies cut into pieces by `cut`.
    private func play(seed: UInt64, mails: Int, pipelined: Bool, cut: (inout SplitMix64) -> Int) throws
        -> [AttemptResult]
    {
        var server = Server(random: SplitMix64(seed: seed))
        var cuts = SplitMix64(seed: seed &+ 1)
        var rig = DialogueRig(pipelined ? DialogueRig.pipelining : SMTPCapabilities())
        var taken = 0
        var silent = 0
        while rig.results.count < mails, silent < 3, !rig.dialogue.isOver {
            while taken < mails, rig.dialogue.isReady || rig.dialogue.canLookAhead {
                taken += 1
                try rig.take(Int64(taken), "Subject: \(taken)\r\n\r\n.dots\r\n.\r\nend\r\n")
            }
            let replies = Array(server.answer(rig.takeSaid()).utf8)
            silent = replies.isEmpty ? silent + 1 : 0
            var start = 0
            while start < replies.count {
                let end = min(replies.count, start + cut(&cuts))
                rig.hear(Array(replies[start..<end]))
                start = end
            }
        }
        return rig.results
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func anyCutOfTheRepliesGivesTheSameResults(seed: UInt64) throws {
        for pipelined in [true, false] {
            let whole = try play(seed: seed, mails: 12, pipelined: pipelined) { _ in .max >> 1 }
            #expect(whole.count == 12, "seed \(seed)")
            #expect(Set(whole.map(\.delivery)).count == whole.count, "seed \(seed)")
            #expect(!whole.contains { $0.outcome == .unknown }, "seed \(seed)")
            let octets = try play(seed: seed, mails: 12, pipelined: pipelined) { _ in 1 }
            let pieces = try play(seed: seed, mails: 12, pipelined: pipelined) { .random(in: 1...40, using: &$0) }
            #expect(octets == whole, "seed \(seed)")
            #expect(pieces == whole, "seed \(seed)")
        }
    }

    private static let fragments = [
        "250 ok\r\n", "250-more\r\n", "354 go\r\n", "421 bye\r\n", "550 5.1.1 no\r\n", "451 4.0.0 no\r\n", "250",
        "\r\n", "\n",
        "2", "354", " ", "-", "999 x\r\n", "\u{0}", "250 2.0.0 taken\r\n250 ok\r\n250 ok\r\n354 go\r\n", "\r",
    ]

    /// A hostile server: no trap, and exactly one ending for each mail, whatever it says and whatever was handed over.
    @Test(arguments: 0..<2_000 as Range<UInt64>) func anyBytesGiveExactlyOneEndingAMail(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var rig = DialogueRig(
            SMTPCapabilities(pipelining: .random(using: &random), size: .random(using: &random)))
        rig.handsOver = false
        var taken: Set<Int64> = []
        for _ in 0..<60 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1:
                if rig.dialogue.isReady || rig.dialogue.canLookAhead {
                    let number = Int64(taken.count + 1)
                    taken.insert(number)
                    try rig.take(number, ["", ".\r\n", "hello\r\n", "bad\n"].randomElement(using: &random) ?? "")
                }
            case 2, 3: rig.handOver()
            case 4: rig.handOver(.random(in: 0...30, using: &random))
            case 5:
                if Int.random(in: 0..<10, using: &random) == 0, let back = rig.dialogue.withdraw() {
                    taken.remove(back.delivery.rawValue)
                }
            case 6:
                rig.hear((0..<Int.random(in: 1..<20, using: &random)).map { _ in .random(in: 0...255, using: &random) })
            default: rig.hear(Self.fragments.randomElement(using: &random) ?? "")
            }
        }
        rig.close()
        #expect(rig.results.map(\.delivery.rawValue).sorted() == taken.sorted(), "seed \(seed)")
        #expect(rig.dialogue.isOver)
    }
}
