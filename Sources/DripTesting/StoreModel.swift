import DripCore
import DripStore

/// What a store should hold, as plain values: the obvious way of keeping the same promises.
struct StoreModel {
    var leads: [LeadID: Lead] = [:]
    var suppressions: [String: Suppression] = [:]
    var optOuts: [String: [OptOut]] = [:]
    var ledgers: [String: ChargeLedger] = [:]
    var enrollments: [EnrollmentID: Enrollment] = [:]
    var open: [EnrollmentID: Delivery] = [:]
    /// Which mailbox a delivery's charge is at.
    var charged: [DeliveryID: String] = [:]
    var doubts: Set<DeliveryID> = []
    var journal: [LeadID: [(number: Int, entry: JournalEntry)]] = [:]
    var written = 0
    /// The keys of what was merged, and the former numbers of enrollments.
    var aliases: [String: LeadID] = [:]
    var moves: [EnrollmentID: EnrollmentID] = [:]
    var totals: [CampaignID: [JournalEntry.Kind: Int]] = [:]

    func mailbox(of enrollment: Enrollment) -> String? { leads[enrollment.lead]?.address?.normalised }

    /// All that the property's steps go by.
    static let routes: [Route] = [.email, .http, Route(.http, transport: "crm"), Route(.http, transport: "ads")]

    /// Enrollments with a timer.
    var waiting: [Enrollment] {
        enrollments.values.filter { $0.status == .active && open[$0.id]?.state != .sending }
    }

    /// What is due of a route, by due instant and number.
    func due(_ route: Route, now: Instant) -> [Enrollment] {
        func due(_ enrollment: Enrollment) -> Instant { enrollment.current?.dueAt ?? .distantFuture }
        return waiting.filter { $0.current?.route == route && due($0) <= now }
            .sorted { (due($0), $0.id) < (due($1), $1.id) }
    }

    /// What a claim of that many answers: a mailbox's due work stands together, behind the first of it.
    func claims(_ route: Route, now: Instant, limit: Int) -> [EnrollmentID] {
        let all = due(route, now: now)
        var claims: [EnrollmentID] = []
        for enrollment in all.prefix(limit) where !claims.contains(enrollment.id) && claims.count < limit {
            let mailbox = mailbox(of: enrollment)
            let together = all.filter { $0.id == enrollment.id || (mailbox != nil && self.mailbox(of: $0) == mailbox) }
            claims += together.map(\.id)
        }
        return claims
    }

    func rivals(of enrollment: Enrollment) -> [Rival] {
        guard let mailbox = mailbox(of: enrollment) else { return [] }
        return waiting.filter { $0.id != enrollment.id && self.mailbox(of: $0) == mailbox }.sorted { $0.id < $1.id }
            .compactMap { other in
                other.current.map {
                    Rival(
                        enrollment: other.id, campaign: other.campaign, version: other.version, pending: $0,
                        zoneName: leads[other.lead]?.zoneName, pausedUntil: leads[other.lead]?.pause?.end)
                }
            }
    }

    func nextDueAt(_ route: Route) -> Instant? {
        waiting.compactMap(\.current).filter { $0.route == route }.map(\.dueAt).min()
    }

    mutating func note(_ entry: JournalEntry?) {
        guard let entry else { return }
        written += 1
        journal[entry.lead, default: []].append((written, entry))
        if let campaign = entry.campaign { totals[campaign, default: [:]][entry.kind, default: 0] += 1 }
    }

    func lead(key: String) -> Lead? {
        leads.values.first { $0.key == key } ?? aliases[key].flatMap { leads[$0] }
    }

    /// `new` are the numbers that the store gave.
    mutating func merge(_ from: LeadID, into merged: Lead, _ new: [EnrollmentID: EnrollmentID], at: Instant) {
        let old = leads.removeValue(forKey: from)
        leads[merged.id] = merged
        for (key, lead) in aliases where lead == from { aliases[key] = merged.id }
        if let old { aliases[old.key] = merged.id }
        let theirs = (journal.removeValue(forKey: from) ?? []).map { number, entry in
            var entry = entry
            entry.lead = merged.id
            entry.enrollment = entry.enrollment.map { new[$0] ?? $0 }
            return (number: number, entry: entry)
        }
        journal[merged.id] = ((journal[merged.id] ?? []) + theirs).sorted { $0.number < $1.number }
        for (was, id) in new.sorted(by: { $0.key < $1.key }) {
            guard var run = enrollments.removeValue(forKey: was) else { continue }
            (run.id, run.lead) = (id, merged.id)
            enrollments[id] = run
            for (former, present) in moves where present == was { moves[former] = id }
            moves[was] = id
            note(
                JournalEntry(at: at, kind: .merged, lead: merged.id, enrollment: id, campaign: run.campaign))
        }
    }

    mutating func mark(_ delivery: Delivery, charging touch: Touch?) {
        guard let enrollment = enrollments[delivery.enrollment] else { return }
        open[enrollment.id] = delivery
        if let old = charged[delivery.id] { ledgers[old]?.settle(delivery.id, keeping: false) }
        charged[delivery.id] = mailbox(of: enrollment)
        if let mailbox = charged[delivery.id], let at = delivery.markedAt, let touch {
            ledgers[mailbox, default: ChargeLedger()].charge(delivery.id, Charge(at: at, touch: touch))
        }
    }

    mutating func end(_ delivery: Delivery, keeping: Bool, at: Instant) {
        open[delivery.enrollment] = nil
        guard let mailbox = charged.removeValue(forKey: delivery.id) else { return }
        ledgers[mailbox]?.settle(delivery.id, keeping: keeping)
        for enrollment in waiting where self.mailbox(of: enrollment) == mailbox {
            guard var step = enrollment.current, [.capped, .priority].contains(step.waitingFor), step.dueAt > at else {
                continue
            }
            let booked = max(.zero, (step.permittedAt ?? step.dueAt) - at)
            step.deferred = max(.zero, step.deferred - booked)
            step.permittedAt = nil
            step.dueAt = at
            enrollments[enrollment.id]?.current = step
        }
    }

    /// Open charges have no order of their own.
    private static func ordered(_ ledger: ChargeLedger) -> ChargeLedger {
        ChargeLedger(settled: ledger.settled, open: ledger.open.sorted { $0.delivery < $1.delivery })
    }

    /// Compares everything that can be asked for; throws at the first difference.
    func compare(with reader: any StoreReader, now: Instant, today: LocalDate) throws {
        for lead in leads.values {
            try expectEqual(try reader.lead(key: lead.key), lead, "lead \(lead.id.rawValue)")
            let expected = enrollments.values.filter { $0.lead == lead.id }.sorted { $0.id < $1.id }
            try expectEqual(try reader.enrollments(of: lead.id), expected, "enrollments of \(lead.id.rawValue)")
            let entries = Array((journal[lead.id] ?? []).map(\.entry).reversed())
            try expectEqual(
                try reader.timeline(of: lead.id, limit: 1_000_000), entries, "timeline of \(lead.id.rawValue)")
            guard let address = lead.address else { continue }
            let ledger = ledgers[address.normalised] ?? ChargeLedger()
            try expectEqual(
                Self.ordered(try reader.ledger(of: address)), Self.ordered(ledger), "ledger of \(address)")
            try expectEqual(
                try reader.suppression(of: address), suppressions[address.normalised], "suppression of \(address)")
            try expectEqual(
                try reader.optOuts(of: address), optOuts[address.normalised] ?? [], "opt-outs of \(address)")
            let sharing = leads.values.filter { $0.address?.normalised == address.normalised }.sorted { $0.id < $1.id }
            try expectEqual(try reader.leads(address: address), sharing, "leads of \(address)")
        }
        for enrollment in enrollments.values {
            try expectEqual(
                try reader.rivals(of: enrollment.id), rivals(of: enrollment), "rivals of \(enrollment.id.rawValue)")
        }
        for version in Set(
            enrollments.values.compactMap { run in run.version.map { CampaignVersion(run.campaign, $0) } })
        {
            let ongoing = enrollments.values.count {
                $0.campaign == version.campaign && $0.version == version.hash && $0.isOngoing
            }
            try expectEqual(try reader.ongoing(by: version, limit: 1_000_000), ongoing, "who goes by \(version)")
        }
        for (key, id) in aliases {
            try expectEqual(try reader.lead(key: key), leads[id], "the lead that was \(key)")
        }
        for (was, id) in moves {
            try expectEqual(try reader.enrolled(was)?.enrollment, enrollments[id], "what was \(was.rawValue)")
        }
        let unresolved = open.values.sorted { $0.id < $1.id }
        try expectEqual(try reader.unresolved().map(\.delivery), unresolved, "what is unresolved")
        try expectEqual(Set(try reader.inDoubt(limit: 1_000_000).map(\.delivery.id)), doubts, "what is in doubt")
        let status = try reader.statusSnapshot(now: now, today: today)
        try expectEqual(status.campaigns.mapValues(\.total), totals, "totals")
        try expectEqual(status.leads, leads.count, "leads in the status")
        try expectEqual(status.inDoubt, doubts.count, "doubts in the status")
        try expectEqual(status.sending, open.values.filter { $0.state == .sending }.count, "sending in the status")
        try expectEqual(status.reserved, open.values.filter { $0.state == .reserved }.count, "reserved in the status")
        try expectEqual(
            status.campaigns.values.map(\.dueNow).reduce(0, +),
            Self.routes.map { due($0, now: now).count }.reduce(0, +), "due now in the status")
    }
}
