import DripCore
import DripEngine

/// The other side of what is no step's message, pushes and digests: takes them, or not, and answers, or late, or never.
///
/// What it takes it takes at once; only its answer is late.
struct Desk {
    enum About: Hashable {
        case push(Int64)
        /// For whom, and of which week.
        case digest(String, String)
    }

    struct Attempt {
        var about: About
        var answersAt: Instant
        var result: AttemptResult
    }

    let seed: UInt64
    /// From here on it is good.
    let faultsEndAt: Instant
    private var underWay: [Attempt] = []
    /// How often each was handed out.
    private var tries: [About: Int] = [:]
    /// What it was told under each key, whatever became of it: a restored backup takes nothing of that back.
    private var told: [String: String] = [:]
    private(set) var faults: [String: Int] = [:]

    init(seed: UInt64, faultsEndAt: Instant) {
        self.seed = seed
        self.faultsEndAt = faultsEndAt
    }

    var nextAnswerAt: Instant? { underWay.lazy.map(\.answersAt).min() }

    /// Whether the key of a push stood for another text before: a CRM takes it for a repeat.
    mutating func knows(_ sight: PushSight) -> Bool {
        defer { told[sight.identity] = sight.body }
        return told[sight.identity].map { $0 != sight.body } ?? false
    }

    /// Answers whether it takes it.
    ///
    /// Of the temper `transportFault` stands for a wish for fewer. `isOut`: nobody can reach it.
    mutating func submit(
        _ about: About, as delivery: DeliveryID, by temper: Temper, at now: Instant, isOut: Bool
    ) -> Bool {
        tries[about, default: 0] += 1
        let fate = Fate(seed: seed, "\(about.name)#\(tries[about] ?? 0)")
        let isCalm = now >= faultsEndAt
        var latency = TimeSpan.milliseconds(Int64(20 + fate.below(480, "latency")))
        if !isCalm, fate.chance(perMille: temper.slow, "slow") {
            latency = latency + .seconds(Int64(fate.below(600, "wait")))
        }
        var result = AttemptResult(delivery: delivery, outcome: .accepted, code: 200, text: "200 ok")
        var isTaken = true
        let roll = fate.below(1_000, "outcome")
        var limit = 0
        func falls(_ share: Int) -> Bool {
            limit += share
            return !isCalm && roll < limit
        }
        if isOut {
            (result.outcome, result.blame, result.text) = (.transientFailure, .transport, "connection refused")
            isTaken = false
        } else if falls(temper.transportFault) {
            (result.outcome, result.blame, result.code, result.text) = (.transientFailure, .pace, 429, "429 too many")
            isTaken = false
            count("desk asked for fewer")
        } else if falls(temper.transient) {
            (result.outcome, result.code, result.text) = (.transientFailure, 503, "503 later")
            if fate.chance(perMille: 300, "retry after") {
                result.retryAfter = .seconds(Int64(fate.below(7_200, "after")))
            }
            isTaken = fate.chance(perMille: 200, "taken all the same")
            count("desk said later")
        } else if falls(temper.permanent) {
            (result.outcome, result.code, result.text) = (.permanentFailure, 422, "422 no")
            isTaken = false
            count("desk refused")
        } else if falls(temper.unknown) {
            (result.outcome, result.code, result.text) = (.unknown, 0, "no answer")
            isTaken = fate.chance(perMille: 500, "lost")
            count("desk gave no answer")
        }
        underWay.append(Attempt(about: about, answersAt: now + latency, result: result))
        return isTaken
    }

    /// Answers that have come in until now, in their order.
    mutating func answers(until now: Instant) -> [Attempt] {
        let answers = underWay.filter { $0.answersAt <= now }
        underWay.removeAll { $0.answersAt <= now }
        return answers.sorted(by: Attempt.isBefore)
    }

    /// The sender died: nobody hears its answers.
    mutating func lose() { underWay = [] }

    /// The sender stops: what is not answered within `limit` is unknown.
    mutating func drain(at now: Instant, within limit: TimeSpan) -> (until: Instant, [Attempt]) {
        var answers = underWay
        underWay = []
        for index in answers.indices where answers[index].answersAt > now + limit {
            answers[index].result = AttemptResult(
                delivery: answers[index].result.delivery, outcome: .unknown, text: "stopping")
            answers[index].answersAt = now + limit
        }
        answers.sort(by: Attempt.isBefore)
        return (answers.map(\.answersAt).max() ?? now, answers)
    }

    private mutating func count(_ fault: String) { faults[fault, default: 0] += 1 }
}

extension Desk.Attempt {
    fileprivate static func isBefore(_ one: Desk.Attempt, _ other: Desk.Attempt) -> Bool {
        (one.answersAt, one.about.name) < (other.answersAt, other.about.name)
    }
}

extension Desk.About {
    var name: String {
        switch self {
        case .push(let number): "push \(number)"
        case .digest(let recipient, let week): "digest \(recipient) \(week)"
        }
    }
}

/// A digest as somebody gets it.
package struct DigestSight: Hashable, Sendable {
    package var recipient: String
    /// The first of its seven days, such as `2026-11-02`.
    package var week: String
    package var messageID: String

    package init(recipient: String, week: String, messageID: String) {
        self.recipient = recipient
        self.week = week
        self.messageID = messageID
    }
}

extension Simulation {
    /// Hands a digest over.
    func handOver(_ order: DigestOrder, _ machine: Machine) {
        do {
            guard case .content(let content) = try machine.composition.payload(of: order, as: .content) else {
                return tell(.unusable("a digest that is no mail"))
            }
            let sight = DigestSight(
                recipient: order.letter.recipient.text, week: order.letter.due.period.first.description,
                messageID: content.messageID)
            let isTaken = desk.submit(
                .digest(sight.recipient, sight.week), as: order.letter.id.asDelivery, by: scenario.temper, at: now,
                isOut: relay.outages[.email].map { now < $0 } ?? false)
            tell(.digest(sight, isTaken: isTaken))
        } catch {
            tell(.unusable("a digest that cannot be made: \(error)"))
        }
    }

    /// Gives what CRMs and mailboxes answer to pushes and digests to the engine.
    func giveOfDesk(_ answers: [Desk.Attempt]) throws {
        guard !answers.isEmpty else { return }
        for answer in answers {
            let isFault = answer.result.blame != .delivery
            switch answer.about {
            case .push(let number): tell(.pushAnswered(number, answer.result.outcome, isFault: isFault))
            case .digest(let recipient, let week):
                tell(.digestAnswered(recipient, week: week, answer.result.outcome, isFault: isFault))
            }
            unrecordedAtDesk.append(answer.about)
        }
        try step(.results(answers.map(\.result)))
        try look()
    }

    /// Tells that what became of these is on disk.
    func tellRecordedAtDesk() {
        for about in unrecordedAtDesk {
            switch about {
            case .push(let number): tell(.pushRecorded(number))
            case .digest(let recipient, let week): tell(.digestRecorded(recipient, week: week))
            }
        }
        unrecordedAtDesk = []
    }
}
