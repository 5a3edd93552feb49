import DripCore

@testable import DripDelivery

/// A dialogue whose output is handed over as soon as it is said, unless a test holds it back.
struct DialogueRig {
    var dialogue: SMTPDialogue
    var effects = SMTPDialogue.Effects()
    /// All that was said, as text.
    private(set) var said = ""
    var handsOver = true

    init(_ capabilities: SMTPCapabilities = SMTPCapabilities(), pipelines: Bool = true) {
        dialogue = SMTPDialogue(capabilities: capabilities, pipelines: pipelines)
    }

    static let pipelining = SMTPCapabilities(pipelining: true)

    mutating func take(_ number: Int64, _ text: String = "hello\r\n") throws {
        dialogue.take(Submission(delivery: DeliveryID(rawValue: number), mail: try Samples.mail(text)), into: &effects)
        flush()
    }

    mutating func hear(_ text: String) {
        hear(Array(text.utf8))
    }

    mutating func hear(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { dialogue.received($0, into: &effects) }
        flush()
    }

    mutating func close(_ text: String = "closed") {
        dialogue.end(SMTPLoss(text: text), into: &effects)
    }

    /// Hands over `count` octets of what waits, or all.
    mutating func handOver(_ count: Int? = nil) {
        let count = min(count ?? .max, effects.output.count)
        said += String(decoding: effects.output.prefix(count), as: UTF8.self)
        effects.output.removeFirst(count)
        dialogue.handedOver(count)
    }

    /// What was said since this was asked last.
    mutating func takeSaid() -> String {
        defer { said = "" }
        return said
    }

    private mutating func flush() {
        if handsOver { handOver() }
    }

    /// The results in the order in which they became known; a mail to be tried again shows as its result.
    var results: [AttemptResult] {
        effects.endings.map { ending in
            switch ending {
            case .result(let result), .lost(_, let result): result
            }
        }
    }

    var canBeRetried: [Int64] {
        effects.endings.compactMap { ending in
            guard case .lost(let submission, _) = ending else { return nil }
            return submission.delivery.rawValue
        }
    }
}

extension AttemptResult {
    /// `7 permanentFailure delivery 550 5.1.1`: what tests compare.
    var brief: String {
        ["\(delivery.rawValue)", outcome.rawValue, blame.rawValue, code == 0 ? nil : "\(code)", enhancedCode]
            .compactMap { $0 }.joined(separator: " ")
    }
}
