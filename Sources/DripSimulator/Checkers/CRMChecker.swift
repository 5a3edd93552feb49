import DripCore

/// That a CRM hears of every lead it is meant to hear of: in order, each change once where repeats are left out, and in the end what is.
///
/// Judged by what it was handed, as bytes. Of one lead nothing goes while something of it is under way; a number stands for the same
/// text and the same key in every attempt, and comes no more once its end is on disk. In the end nothing waits, and what the CRM
/// took of a lead last says what the state says of it, unless the last word was refused; who was never told of is nobody it should
/// have heard of. What a restored backup has forgotten, nobody is held to.
package struct CRMChecker: Checker, Sendable {
    package static let guarantee = "crm"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    /// A push that was handed over, by its number.
    private struct Known {
        var sight: PushSight
        var firstAt: Instant
        var lastAt: Instant
        var wasRefused = false
        var answer: (outcome: Outcome, isFault: Bool)?
        var hasEnded = false
    }

    /// The longest wait between two attempts: an hour with its spread, or a wish of two hours, and what a clock may lag.
    private static let longestWait = TimeSpan.hours(8)

    private var counts = Judged("handed", "repeated", "in order", "dead", "end", "untold", "not over")
    private var plan: CRMPlan?
    private var known: [Int64: Known] = [:]
    /// By key: the number that is under way.
    private var underWay: [String: Int64] = [:]
    /// By key: the last number that was handed over, and the last push that was taken.
    private var last: [String: Int64] = [:]
    private var taken: [String: PushSight] = [:]
    private var gone: Set<String> = []
    private var holds: Set<Pause> = []
    private var isUnconfirmed = false
    private var wasRestored = false

    package init() {}

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .live(let folder): plan = folder.scoring?.crm
        case .lead(let lead, _): gone.remove(lead.key)
        case .merged(let from, _): gone.insert(from)
        case .erased(let lead, _):
            gone.insert(lead)
            taken[lead] = nil
        case .paused(let pause): holds.insert(pause)
        case .unsettled(let pause), .resumed(let pause): holds.remove(pause)
        case .pushed(let sight, let isTaken, let isClash):
            let clash = isClash ? ["push \(sight.number) of \(sight.key) has a key that stood for another text"] : []
            return clash + judge(sight, isTaken: isTaken, at: fact.shown)
        case .pushAnswered(let number, let outcome, let isFault):
            known[number]?.answer = (outcome, isFault)
            if let key = known[number]?.sight.key, underWay[key] == number { underWay[key] = nil }
            if outcome == .permanentFailure, !isFault { known[number]?.wasRefused = true }
        case .pushRecorded(let number): record(number)
        case .died: underWay = [:]
        case .restored:
            (known, last, taken) = ([:], [:], [:])
            (isUnconfirmed, wasRestored) = (true, true)
        case .confirmed: isUnconfirmed = false
        case .crm(let book): return judge(book)
        default: break
        }
        return []
    }

    private mutating func record(_ number: Int64) {
        guard let one = known[number], let answer = one.answer else { return }
        if !answer.isFault, answer.outcome == .accepted || answer.outcome == .permanentFailure {
            known[number]?.hasEnded = true
        }
    }

    private mutating func judge(_ sight: PushSight, isTaken: Bool, at now: Instant) -> [String] {
        counts.note("handed")
        var complaints: [String] = []
        let name = "push \(sight.number) of \(sight.key)"
        if isUnconfirmed { complaints.append("\(name) goes out of a copy that nobody confirmed") }
        for hold in [Pause.everything, .transport(CRMPlan.transport)] where holds.contains(hold) {
            complaints.append("\(name) goes while \(hold.target.rawValue) is paused")
        }
        if gone.contains(sight.key) { complaints.append("\(name), who is nobody any more") }
        if let other = underWay[sight.key] {
            complaints.append("\(name) goes while \(other) of the same lead is under way")
        }
        if let before = known[sight.number] {
            counts.note("repeated")
            if before.sight != sight { complaints.append("\(name) says \(sight), and said \(before.sight)") }
            if before.hasEnded { complaints.append("\(name) goes again, and had come to its end") }
        }
        if let last = last[sight.key] {
            counts.note("in order")
            if sight.number < last { complaints.append("\(name) goes behind \(last)") }
        }
        underWay[sight.key] = sight.number
        last[sight.key] = sight.number
        known[sight.number, default: Known(sight: sight, firstAt: now, lastAt: now)].lastAt = now
        if isTaken { taken[sight.key] = sight }
        return complaints
    }

    private mutating func judge(_ book: CRMBook) -> [String] {
        guard let plan, book.isOver, !isUnconfirmed else {
            counts.note("not over")
            return []
        }
        var complaints: [String] = []
        if !book.waiting.isEmpty { complaints.append("pushes \(book.waiting) wait, and nothing is planned") }
        for (number, key) in book.dead.sorted(by: { $0.key < $1.key }) {
            guard let one = known[number], !wasRestored else { continue }
            counts.note("dead")
            if !one.wasRefused, one.lastAt - one.firstAt + Self.longestWait < plan.giveUpAfter {
                complaints.append(
                    "push \(number) of \(key) was given up after \(one.lastAt - one.firstAt), and nobody refused it")
            }
        }
        for (key, facts) in book.leads.sorted(by: { $0.key < $1.key }) {
            let isDead = book.dead.contains { $0.value == key && $0.key >= (taken[key]?.number ?? 0) }
            guard !isDead else { continue }
            guard let sight = taken[key] else {
                guard !wasRestored else { continue }
                counts.note("untold")
                let stage = facts["stage"].map { String($0.dropFirst().dropLast()) } ?? ""
                if plan.stages.isEmpty || plan.stages.contains(stage) {
                    complaints.append("the CRM never heard of \(key), who stands at \(stage)")
                }
                continue
            }
            counts.note("end")
            let said = (sight.facts ?? [:]).filter { plan.watches($0.key) && !Self.points.contains($0.key) }
            let meant = facts.filter { plan.watches($0.key) && !Self.points.contains($0.key) }
            if said != meant { complaints.append("the CRM heard of \(key) that it is \(said), and it is \(meant)") }
        }
        return complaints
    }

    /// What follows from time, and is told along.
    private static let points: Set<String> = ["score", "fit", "engagement"]
}
