package import DripCore

/// That everybody who is to get the digest gets it when it is due, of the right days, and each week once.
///
/// By clocks and calendars on the wall: no digest goes before its day and time, or more than two days after; none of a week that was
/// due before anybody was to get it; none that somebody has got, as far as that was on disk, and a repeat has the same Message-ID.
/// Once faults have ended, every week's goes to everybody within ten minutes. What a restored backup has forgotten may go again.
package struct DigestChecker: Checker, Sendable {
    package static let guarantee = "digest"
    package var judged: Int { counts.all }
    package var judgedByRule: [String: Int] { counts.byRule }

    private struct Letter: Hashable, Sendable {
        var recipient: String
        var week: String
    }

    private let clocks: [String: WallClock]
    /// Whether a transport's own limits may hold a digest.
    private let isPaced: Bool
    /// Pauses and unconfirmed copies outlive faults by a day or two.
    private let calmFrom: Instant
    private var counts = Judged("sent", "repeated", "once", "in time")
    private var plan: DigestPlan?
    private var zone = ""
    /// When somebody was to get it first, as the engine's clock showed it; and when it was calm.
    private var bornAt: Instant?
    private var calmAt: Instant?
    private var names: [Letter: String] = [:]
    private var answers: [Letter: (outcome: Outcome, isFault: Bool)] = [:]
    private var ended: Set<Letter> = []
    private var sentAt: [Letter: Instant] = [:]
    private var isPaused = false
    private var isUnconfirmed = false

    package init(clocks: [String: WallClock], transports: [TransportPlan], faultsEndAt: Instant) {
        self.clocks = clocks
        isPaced = transports.contains(where: \.isPaced)
        calmFrom = min(faultsEndAt, .distantFuture - .days(4)) + .days(3)
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        if calmAt == nil, fact.at >= calmFrom { calmAt = fact.shown }
        switch fact.what {
        case .live(let folder):
            let before = plan
            (plan, zone) = (folder.policy.digest, folder.policy.zone)
            if before == nil, plan != nil { bornAt = bornAt ?? fact.shown }
            if let before, plan == nil { return judge(before, until: fact.shown) }
        case .digest(let sight, _): return judge(sight, at: fact.shown)
        case .digestAnswered(let recipient, let week, let outcome, let isFault):
            answers[Letter(recipient: recipient, week: week)] = (outcome, isFault)
        case .digestRecorded(let recipient, let week):
            let letter = Letter(recipient: recipient, week: week)
            guard let answer = answers[letter], !answer.isFault else { return [] }
            if answer.outcome == .accepted || answer.outcome == .permanentFailure { ended.insert(letter) }
        case .paused(.everything): isPaused = true
        case .unsettled(.everything), .resumed(.everything): isPaused = false
        case .restored: (ended, isUnconfirmed) = ([], true)
        case .confirmed: isUnconfirmed = false
        default: break
        }
        return []
    }

    private mutating func judge(_ sight: DigestSight, at now: Instant) -> [String] {
        let letter = Letter(recipient: sight.recipient, week: sight.week)
        let name = "the digest of \(sight.week) to \(sight.recipient)"
        guard let plan, plan.recipients.contains(sight.recipient) else { return ["\(name), who is to get none"] }
        counts.note("sent")
        var complaints: [String] = []
        if isPaused { complaints.append("\(name) goes while everything is paused") }
        if isUnconfirmed { complaints.append("\(name) goes out of a copy that nobody confirmed") }
        if let known = names[letter], known != sight.messageID {
            complaints.append("\(name) is called \(sight.messageID), and was \(known)")
        }
        if names.contains(where: { $0.key != letter && $0.value == sight.messageID }) {
            complaints.append("\(name) has another one's Message-ID")
        }
        if names[letter] != nil { counts.note("repeated") }
        names[letter] = sight.messageID
        counts.note("once")
        if ended.contains(letter) { complaints.append("\(name) goes again") }
        sentAt[letter] = sentAt[letter] ?? now
        guard let due = dueAt(sight.week, plan) else { return complaints }
        counts.note("in time")
        if now < due || now - due > .days(2) { complaints.append("\(name) goes at \(now), and is due at \(due)") }
        if let bornAt, due < bornAt { complaints.append("\(name) was due at \(due), before anybody was to get it") }
        return complaints
    }

    /// Everybody has got every week of the calm time.
    private mutating func judge(_ plan: DigestPlan, until end: Instant) -> [String] {
        guard let calmAt, !isPaced, let clock = clocks[zone], let first = clock.day(at: calmAt),
            let last = clock.day(at: end)
        else { return [] }
        var complaints: [String] = []
        for day in stride(from: first, through: last, by: 1) where WallDate.isListed(day, in: [plan.day]) {
            let week = WallDate(day: day - 7).text
            guard let due = dueAt(week, plan), due > calmAt, due + .minutes(10) < end else { continue }
            for recipient in plan.recipients {
                counts.note("in time")
                let letter = Letter(recipient: recipient, week: week)
                guard let at = sentAt[letter] else {
                    complaints.append("the digest of \(week) never went to \(recipient)")
                    continue
                }
                if at - due > .minutes(10) {
                    complaints.append("the digest of \(week) went to \(recipient) at \(at) only")
                }
            }
        }
        return complaints
    }

    /// By the wall: its day is seven days behind the first; nil where this judge abstains, or the day is another one.
    private func dueAt(_ week: String, _ plan: DigestPlan) -> Instant? {
        guard let clock = clocks[zone] else { return nil }
        let parts = week.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        let day = WallDate.firstDay(ofMonth: parts[1], parts[0]) + Int64(parts[2]) - 1 + 7
        guard WallDate.isListed(day, in: [plan.day]) else { return .distantFuture }
        return clock.instant(showing: day * 86_400 + Int64(plan.at.secondOfDay))
    }
}
