import DripCore
import DripEngine
import DripStore
import Foundation

/// A push as a CRM gets it, read from its own bytes.
package struct PushSight: Hashable, Sendable {
    package var number: Int64
    /// The lead's.
    package var key: String
    /// By which a CRM knows a repeat.
    package var identity: String
    package var body: String

    package init(number: Int64, key: String, identity: String, body: String) {
        self.number = number
        self.key = key
        self.identity = identity
        self.body = body
    }

    /// What it says of the lead, each value as JSON; nil where it cannot be read.
    package var facts: [String: String]? {
        let object = try? JSONSerialization.jsonObject(with: Data(body.utf8))
        let lead = (object as? [String: Any])?["lead"] as? [String: Any]
        return (lead?["attributes"] as? [String: Any])?.mapValues(JSONFacts.text)
    }
}

/// Values of attributes as texts that can be compared, whoever wrote them.
enum JSONFacts {
    static func text(_ value: Any) -> String {
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "unreadable"
    }

    static func of(_ attributes: [String: AttributeValue]) throws -> [String: String] {
        let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(attributes))
        return (object as? [String: Any])?.mapValues(text) ?? [:]
    }
}

/// What the state says in the end of leads and of what is on its way to the CRM.
package struct CRMBook: Hashable, Sendable {
    /// By key: the attributes, each as JSON, and the stage.
    package var leads: [String: [String: String]] = [:]
    package var waiting: [Int64] = []
    /// By number: whose.
    package var dead: [Int64: String] = [:]
    /// Whether nothing is planned any more.
    package var isOver = false

    package init() {}
}

/// The other side of pushes: takes them, or not, and answers, or late, or never.
///
/// What it takes it takes at once; only its answer is late.
struct SimulatedCRM {
    struct Attempt {
        var sight: PushSight
        var answersAt: Instant
        var result: AttemptResult
    }

    let seed: UInt64
    let temper: Temper
    /// From here on it is good.
    let faultsEndAt: Instant
    private var underWay: [Attempt] = []
    /// How often each was handed out.
    private var tries: [Int64: Int] = [:]
    /// What it was told under each key, whatever became of it: a restored backup takes nothing of that back.
    private var told: [String: String] = [:]
    private(set) var faults: [String: Int] = [:]

    init(seed: UInt64, temper: Temper, faultsEndAt: Instant) {
        self.seed = seed
        self.temper = temper
        self.faultsEndAt = faultsEndAt
    }

    var nextAnswerAt: Instant? { underWay.lazy.map(\.answersAt).min() }

    /// Whether the key of a push stood for another text before: a CRM takes it for a repeat.
    mutating func knows(_ sight: PushSight) -> Bool {
        defer { told[sight.identity] = sight.body }
        return told[sight.identity].map { $0 != sight.body } ?? false
    }

    /// Answers whether it takes the push.
    ///
    /// `isOut`: nobody can reach it.
    mutating func submit(_ sight: PushSight, at now: Instant, isOut: Bool) -> Bool {
        tries[sight.number, default: 0] += 1
        let fate = Fate(seed: seed, "push \(sight.number)#\(tries[sight.number] ?? 0)")
        let isCalm = now >= faultsEndAt
        var latency = TimeSpan.milliseconds(Int64(20 + fate.below(480, "latency")))
        if !isCalm, fate.chance(perMille: temper.slow, "slow") {
            latency = latency + .seconds(Int64(fate.below(600, "wait")))
        }
        var result = AttemptResult(
            delivery: PushID(rawValue: sight.number).asDelivery, outcome: .accepted, code: 200, text: "200 ok")
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
            count("CRM asked for fewer")
        } else if falls(temper.transient) {
            (result.outcome, result.code, result.text) = (.transientFailure, 503, "503 later")
            if fate.chance(perMille: 300, "retry after") {
                result.retryAfter = .seconds(Int64(fate.below(7_200, "after")))
            }
            isTaken = fate.chance(perMille: 200, "taken all the same")
            count("CRM said later")
        } else if falls(temper.permanent) {
            (result.outcome, result.code, result.text) = (.permanentFailure, 422, "422 no")
            isTaken = false
            count("CRM refused")
        } else if falls(temper.unknown) {
            (result.outcome, result.code, result.text) = (.unknown, 0, "no answer")
            isTaken = fate.chance(perMille: 500, "lost")
            count("CRM gave no answer")
        }
        underWay.append(Attempt(sight: sight, answersAt: now + latency, result: result))
        return isTaken
    }

    /// Answers that have come in until now, in their order.
    mutating func answers(until now: Instant) -> [Attempt] {
        let answers = underWay.filter { $0.answersAt <= now }
        underWay.removeAll { $0.answersAt <= now }
        return answers.sorted { ($0.answersAt, $0.sight.number) < ($1.answersAt, $1.sight.number) }
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
        answers.sort { ($0.answersAt, $0.sight.number) < ($1.answersAt, $1.sight.number) }
        return (answers.map(\.answersAt).max() ?? now, answers)
    }

    private mutating func count(_ fault: String) { faults[fault, default: 0] += 1 }
}

extension Simulation {
    /// Hands a push over, as its bytes are.
    func handOver(_ order: PushOrder, _ machine: Machine) {
        do {
            guard case .post(let post) = try machine.composition.payload(of: order, as: .post) else {
                return tell(.unusable("a push that is no post"))
            }
            let sight = PushSight(
                number: order.push.id.rawValue, key: order.push.content.key, identity: post.idempotencyKey,
                body: String(decoding: post.body, as: UTF8.self))
            let isOut = relay.outages[.http].map { now < $0 } ?? false
            let isClash = crm.knows(sight)
            tell(.pushed(sight, isTaken: crm.submit(sight, at: now, isOut: isOut), isClash: isClash))
        } catch {
            tell(.unusable("a push that cannot be made: \(error)"))
        }
    }

    /// Gives the CRM's answers to the engine.
    func giveOfCRM(_ answers: [SimulatedCRM.Attempt]) throws {
        guard !answers.isEmpty else { return }
        for answer in answers {
            tell(.pushAnswered(answer.sight.number, answer.result.outcome, isFault: answer.result.blame != .delivery))
            unrecordedPushes.append(answer.sight.number)
        }
        try step(.results(answers.map(\.result)))
        try look()
    }

    /// Tells what the state has of leads and of the CRM in the end.
    func tellCRM() throws {
        guard scenario.crm != nil, let machine else { return }
        var book = CRMBook()
        for lead in try machine.handoffs().leads {
            book.leads[lead.key] = try JSONFacts.of(lead.attributes).merging(
                ["stage": JSONFacts.text(lead.stage.stage.rawValue)], uniquingKeysWith: { $1 })
        }
        for row in try files.tables.rows("SELECT id, died_at, key FROM pushes ORDER BY id") {
            guard let id = row[0].flatMap({ Int64($0) }) else { continue }
            if row[1] == nil { book.waiting.append(id) } else { book.dead[id] = row[2] }
        }
        book.isOver = machine.alarm == nil
        tell(.crm(book))
    }
}
