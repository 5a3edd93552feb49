import DripCore
import DripStore
import DripStoreSQLite
import Foundation

/// What the store is made to do: leads like an import's, a campaign of four steps, and the engine's way through them.
struct Workload {
    /// How the instants at which a crowd becomes due relate to the order in which it was enrolled.
    enum Order: String {
        /// The usual case: all at one local time, taken in the order of enrollment.
        case sequential
        /// `spread`: by a hash of the lead, so that each step touches pages of its own.
        case shuffled
    }

    static let campaign = CampaignID(rawValue: "ebook-nurture")
    static let steps = ["welcome", "case-study", "webinar", "demo-offer"].map(StepID.init(rawValue:))
    static let start = Instant(seconds: 1_764_547_200)
    static let dayLength = TimeSpan.hours(48)

    var dueOrder = Order.sequential
    var keyOrder = Order.sequential

    /// SplitMix64's mixing function: a hash of small numbers that any machine repeats.
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    func draft(_ number: Int) throws -> LeadDraft {
        let id = keyOrder == .sequential ? number : Int(Self.mixed(UInt64(number)) >> 36)
        let serial = String(id + 100_000_000).dropFirst()
        let domains = ["example.com", "example.org", "mail.example.net", "example.co.id"]
        let address = try EmailAddress(
            "\(keyOrder == .sequential ? "" : "\(number)")lead\(serial)@\(domains[number % 4])")
        let names = ["Budi", "Siti", "Andreas", "Maria", "Agus", "Dewi", "John", "Wei"]
        return LeadDraft(
            key: address.normalised, address: address,
            zoneName: ["Asia/Jakarta", "Europe/Berlin", "America/New_York"][number % 3],
            locale: ["id", "en"][number % 2],
            attributes: [
                "first_name": .text(names[number % names.count]), "company": .text("Company \(number % 5_000)"),
            ])
    }

    func first(_ number: Int) -> PendingStep {
        let spread = dueOrder == .sequential ? 0 : Int64(Self.mixed(UInt64(number)) % 1_800_000)
        let due = Self.start + .milliseconds(spread)
        return PendingStep(step: Self.steps[0], route: .email, plannedAt: due, dueAt: due)
    }

    /// What bulk enrolling took; making the drafts (checking addresses) is the import's work and not counted.
    struct Enrolling {
        var seconds = 0.0
        var cpuSeconds = 0.0
    }

    /// Enrols `count` leads, 1,000 per commit.
    func enrol(_ count: Int, in store: any DripStore) throws -> Enrolling {
        var spent = Enrolling()
        for first in stride(from: 0, to: count, by: 1_000) {
            let drafts = try (first..<min(count, first + 1_000)).map { (number: $0, draft: try draft($0)) }
            let at = Self.start - .hours(1)
            let (began, cpu) = (ContinuousClock.now, Self.cpuSeconds())
            try store.commit(at: at, today: Self.today(at)) { transaction in
                for (number, draft) in drafts {
                    let lead = try transaction.upsert(draft).lead
                    _ = try transaction.enroll(lead.id, in: Self.campaign, at: at, first: self.first(number))
                }
            }
            spent.seconds += began.duration(to: .now).seconds
            spent.cpuSeconds += Self.cpuSeconds() - cpu
        }
        return spent
    }

    static func today(_ instant: Instant) -> LocalDate {
        LocalDate(daysSinceEpoch: Int(instant.milliseconds.floorDivided(by: 86_400_000)))
    }

    struct Run {
        var steps = 0
        var commits = 0
        var seconds = 0.0
        /// Processor time, ours and the kernel's: what a busy machine does not blur.
        var cpuSeconds = 0.0
        /// The longest commit: what a checkpoint costs the one that it falls on.
        var longestSeconds = 0.0
        var perSecond: Double { Double(steps) / seconds }
    }

    /// Takes `count` steps as the engine does: each commit records the last batch's outcomes and marks the next one.
    func run(_ count: Int, batch: Int, in store: any DripStore) throws -> Run {
        let clock = ContinuousClock()
        var run = Run()
        var now = Self.start + .minutes(31)
        var sent: [(claim: Claim, delivery: Delivery)] = []
        let began = clock.now
        let cpu = Self.cpuSeconds()
        while run.steps < count {
            let from = clock.now
            let done = sent
            sent = try store.commit(at: now, today: Self.today(now)) { transaction in
                transaction.pruneCharges(before: now - .days(7))
                for (claim, delivery) in done { try record(claim, delivery, at: now, in: transaction) }
                let limit = min(batch, count - run.steps)
                return try transaction.claimDue(.email, now: now, limit: limit).map { claim in
                    let touch = Touch(channel: .email, campaign: Self.campaign)
                    return (claim, try transaction.mark(claim, at: now, charging: touch))
                }
            }
            run.steps += sent.count
            run.commits += 1
            run.longestSeconds = max(run.longestSeconds, from.duration(to: clock.now).seconds)
            // Everyone has this day's message: on to the next.
            if sent.isEmpty, done.isEmpty {
                let next = try store.read { try $0.nextDueAt(.email) }
                guard let next else { break }
                now = max(next, now) + .minutes(31)
            } else {
                now = now + .milliseconds(20)
            }
        }
        let done = sent
        try store.commit(at: now, today: Self.today(now)) { transaction in
            for (claim, delivery) in done { try record(claim, delivery, at: now, in: transaction) }
        }
        run.seconds = began.duration(to: clock.now).seconds
        run.cpuSeconds = Self.cpuSeconds() - cpu
        return run
    }

    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    private func record(
        _ claim: Claim, _ delivery: Delivery, at now: Instant, in transaction: any StoreTransaction
    ) throws {
        var enrollment = claim.enrollment
        enrollment.finished.append(claim.pending.step)
        enrollment.lastSent = SentStep(sentAt: now, plannedAt: claim.pending.plannedAt)
        let planned = claim.pending.plannedAt + Self.dayLength
        // Four steps, then round again: a bench may take more days than the campaign has.
        let step = Self.steps[enrollment.finished.count % Self.steps.count]
        if enrollment.finished.count > Self.steps.count { enrollment.finished.removeFirst() }
        enrollment.current = PendingStep(step: step, route: .email, plannedAt: planned, dueAt: planned)
        let entry = JournalEntry(
            at: now, kind: .accepted, lead: claim.lead.id, enrollment: enrollment.id, campaign: Self.campaign,
            step: claim.pending.step, plannedAt: claim.pending.plannedAt, detail: "250 2.0.0 Ok: queued as 4Rk2Xp7vZz")
        try transaction.settle(delivery.id, as: .accepted, enrollment: enrollment, entry: entry)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
