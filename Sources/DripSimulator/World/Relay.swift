import DripCore
import DripEngine

/// The other side of both channels, with the network in between: takes messages, or not, and answers, or late, or in
/// another order.
struct Relay {
    struct Attempt {
        var mark: Mark
        var delivery: DeliveryID
        /// What was handed over; nil where no message could be made.
        var reception: Reception?
        /// When the other side takes it; nil where it never does.
        var takenAt: Instant?
        var answersAt: Instant
        var result: AttemptResult
    }

    let seed: UInt64
    let temper: Temper
    /// From here on the other side is good.
    let faultsEndAt: Instant
    private(set) var underWay: [Attempt] = []
    var outages: [Channel: Instant] = [:]
    private(set) var faults: [String: Int] = [:]

    /// When it next takes a message, and when the next answer is there.
    var nextTakenAt: Instant? { underWay.lazy.compactMap(\.takenAt).min() }
    var nextAnswerAt: Instant? { underWay.lazy.map(\.answersAt).filter { $0 < .distantFuture }.min() }

    mutating func submit(_ mark: Mark, _ delivery: DeliveryID, _ reception: Reception, at now: Instant) {
        let fate = Fate(seed: seed, "\(mark.run)/\(mark.step)#\(mark.attempt)")
        var latency = TimeSpan.milliseconds(Int64(20 + fate.below(480, "latency")))
        let isCalm = now >= faultsEndAt
        if !isCalm, fate.chance(perMille: temper.slow, "slow") {
            latency = latency + .seconds(Int64(fate.below(600, "wait")))
            count("slow answer")
        }
        var result = AttemptResult(delivery: delivery, outcome: .accepted, code: 250, text: "250 ok")
        var takenAt: Instant? = now + .milliseconds(latency.milliseconds * Int64(fate.below(101, "taken")) / 100)
        let roll = fate.below(1_000, "outcome")
        var limit = 0
        func falls(_ share: Int) -> Bool {
            limit += share
            return !isCalm && roll < limit
        }
        if let until = outages[mark.channel], now < until {
            (result.outcome, result.blame, result.text) = (.transientFailure, .transport, "connection refused")
            takenAt = nil
            count("refused connection")
        } else if let mood = mood(of: mark.transport, at: now) {
            mood.spoil(&result, fate)
            takenAt = nil
            count("transport \(mood.rawValue)")
        } else if falls(temper.transportFault) {
            (result.outcome, result.blame, result.text) = (.transientFailure, .transport, "535 authentication failed")
            takenAt = nil
            count("transport fault")
        } else if falls(temper.transient) {
            (result.outcome, result.code, result.text) = (.transientFailure, 451, "451 4.7.1 later")
            if mark.channel == .http, fate.chance(perMille: 300, "retry after") {
                result.retryAfter = .seconds(Int64(fate.below(7_200, "after")))
            }
            takenAt = nil
            count("transient refusal")
        } else if falls(temper.permanent) {
            (result.outcome, result.code, result.text) = (.permanentFailure, 550, "550 5.7.1 no")
            takenAt = nil
            count("permanent refusal")
        } else if mark.channel == .email, falls(temper.hardBounce) {
            (result.outcome, result.code, result.enhancedCode) = (.permanentFailure, 550, "5.1.1")
            result.text = "550 5.1.1 no such user"
            takenAt = nil
            count("hard bounce")
        } else if falls(temper.unknown) {
            (result.outcome, result.code, result.text) = (.unknown, 0, "closed after the final dot")
            let isTaken = fate.chance(perMille: 500, "lost")
            if !isTaken { takenAt = nil }
            count(isTaken ? "taken, answer lost" : "not taken, answer lost")
        }
        underWay.append(
            Attempt(
                mark: mark, delivery: delivery, reception: reception, takenAt: takenAt, answersAt: now + latency,
                result: result))
    }

    /// No message could be made: the outbox itself answers.
    mutating func refuse(_ mark: Mark, _ delivery: DeliveryID, _ text: String, at now: Instant) {
        underWay.append(
            Attempt(
                mark: mark, delivery: delivery, reception: nil, takenAt: nil, answersAt: now,
                result: AttemptResult(
                    delivery: delivery, outcome: .permanentFailure, blame: .composing, text: text)))
    }

    /// What the other side has taken until now and not yet been seen to.
    mutating func taken(until now: Instant) -> [(at: Instant, Reception)] {
        var taken: [(at: Instant, Reception)] = []
        for index in underWay.indices {
            guard let at = underWay[index].takenAt, at <= now, let reception = underWay[index].reception else {
                continue
            }
            underWay[index].reception = nil
            underWay[index].takenAt = nil
            taken.append((at, reception))
        }
        underWay.removeAll { $0.takenAt == nil && $0.answersAt == .distantFuture }
        return taken.sorted { ($0.at, $0.1.mark) < ($1.at, $1.1.mark) }
    }

    /// Answers that have come in until now, in their order.
    mutating func answers(until now: Instant) -> [Attempt] {
        let answers = underWay.filter { $0.answersAt <= now }
        underWay.removeAll { $0.answersAt <= now }
        return answers.sorted { ($0.answersAt, $0.mark.number) < ($1.answersAt, $1.mark.number) }
    }

    /// The sender died: answers are lost, and what was on the wire may still be taken.
    mutating func lose(at now: Instant) {
        for index in underWay.indices {
            underWay[index].answersAt = .distantFuture
            guard let takenAt = underWay[index].takenAt, takenAt > now else { continue }
            let mark = underWay[index].mark
            let fate = Fate(seed: seed, "\(mark.run)/\(mark.step)#\(mark.attempt)")
            let isOnTheWire = takenAt - now < .seconds(1) && fate.chance(perMille: 400, "on the wire")
            if !isOnTheWire { underWay[index].takenAt = nil }
        }
        underWay.removeAll { $0.takenAt == nil }
    }

    /// Nothing that is still on the wire arrives.
    mutating func forget() { underWay = [] }

    /// The sender stops: what answers within `limit` still does, what was handed over whole is unknown, the rest put back.
    ///
    /// Answers with when the last one came.
    mutating func drain(at now: Instant, within limit: TimeSpan) -> (until: Instant, [Attempt]) {
        let end = now + limit
        var answers = underWay.filter { $0.answersAt < .distantFuture }
        underWay = underWay.filter { $0.answersAt == .distantFuture }
        for index in answers.indices where answers[index].answersAt > end {
            let isTaken = answers[index].takenAt.map { $0 <= end } ?? (answers[index].reception == nil)
            answers[index].result = AttemptResult(
                delivery: answers[index].delivery, outcome: isTaken ? .unknown : .transientFailure,
                blame: isTaken ? .delivery : .transport, text: "stopping")
            if !isTaken { answers[index].takenAt = nil }
            answers[index].answersAt = end
        }
        answers.sort { ($0.answersAt, $0.mark.number) < ($1.answersAt, $1.mark.number) }
        return (answers.map(\.answersAt).max() ?? now, answers)
    }

    /// How a transport may be out of sorts.
    private enum Mood: String, CaseIterable {
        case refusing, full, throttling

        func spoil(_ result: inout AttemptResult, _ fate: Fate) {
            result.outcome = .transientFailure
            switch self {
            case .refusing: (result.blame, result.text) = (.transport, "connection refused")
            case .full:
                (result.code, result.enhancedCode, result.text) = (452, "4.3.1", "452 4.3.1 the disk is full")
            case .throttling:
                (result.blame, result.code, result.text) = (.pace, 429, "429 too many")
                if fate.chance(perMille: 700, "wish") {
                    result.retryAfter = .seconds(Int64(fate.below(2_000, "wish")))
                }
            }
        }
    }

    /// How it is for these two hours; nil for well.
    private func mood(of transport: String, at now: Instant) -> Mood? {
        guard temper.unwell > 0, now < faultsEndAt else { return nil }
        let fate = Fate(seed: seed, "\(transport) in \(now.seconds / 7_200)")
        guard fate.chance(perMille: temper.unwell, "unwell") else { return nil }
        return Mood.allCases[fate.below(Mood.allCases.count, "mood")]
    }

    private mutating func count(_ fault: String) { faults[fault, default: 0] += 1 }
}
