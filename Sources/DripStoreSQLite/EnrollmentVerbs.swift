import DripCore
import DripStore

// MARK: - Asking

extension Session {
    func nextDueAt(_ route: Route) throws -> Instant? {
        try read { () throws(StoreError) in
            guard !heldNow.isEverything, let number = names.known(route) else { return nil }
            return try timers.nextDueAt(number, except: heldNow.campaigns)
        }
    }

    func enrolled(_ id: EnrollmentID) throws -> (enrollment: Enrollment, lead: Lead)? {
        try read { () throws(StoreError) in
            let row = enrollmentSQL.facts.bind(1, try (movedTo(id) ?? id).rawValue)
            defer { row.reset() }
            guard try row.step() else { return nil }
            return (try enrollment(row), try lead(row, at: EnrollmentStatements.columnCount).lead)
        }
    }

    func waiting(
        in campaign: CampaignID, for steps: Set<StepID>?, after: EnrollmentID?, limit: Int
    ) throws -> EnrollmentPage {
        try read { () throws(StoreError) in
            try page(of: campaign, .active, after: after, limit: limit) { enrollment in
                enrollment.current.map { steps?.contains($0.step) ?? true } ?? false
            }
        }
    }

    func completed(in campaign: CampaignID, after: EnrollmentID?, limit: Int) throws -> EnrollmentPage {
        try read { () throws(StoreError) in
            try page(of: campaign, .completed, after: after, limit: limit) { _ in true }
        }
    }

    func ongoing(by version: CampaignVersion, limit: Int) throws -> Int {
        try read { () throws(StoreError) in
            guard let number = names.known(version.campaign) else { return 0 }
            let row = enrollmentSQL.ongoing.bind(1, number).bind(3, max(0, limit))
            names.bind(known: version.hash, to: 2, of: row)
            defer { row.reset() }
            return try row.step() ? Int(row.int(0)) : 0
        }
    }

    private func page(
        of campaign: CampaignID, _ status: Enrollment.Status, after: EnrollmentID?, limit: Int,
        where isWanted: (Enrollment) -> Bool
    ) throws(StoreError) -> EnrollmentPage {
        var page = EnrollmentPage()
        guard let number = names.known(campaign) else { return page }
        let row = enrollmentSQL.waiting.bind(1, after?.rawValue ?? -1).bind(2, number).bind(3, status.rawValue)
        defer { row.reset() }
        while page.count < limit, try row.step() {
            let enrollment = try enrollment(row)
            page.count += 1
            page.last = enrollment.id
            guard isWanted(enrollment) else { continue }
            page.found.append((enrollment, try lead(row, at: EnrollmentStatements.columnCount).lead))
        }
        return page
    }

    func firstName(of step: StepID, in campaign: CampaignID) throws -> StepID {
        try read { () throws(StoreError) in try names.firstName(of: step, in: campaign) }
    }

    func rename(_ step: StepID, to name: StepID, in campaign: CampaignID) throws {
        try write { () throws(StoreError) in
            guard let number = names.known(campaign) else { return }
            try names.rename(step, to: name, in: number)
        }
    }

    func enrollments(of lead: LeadID) throws -> [Enrollment] {
        try read { () throws(StoreError) in try enrollments(ofLead: lead) }
    }

    func enrollment(of lead: LeadID, in campaign: CampaignID) throws -> Enrollment? {
        try read { () throws(StoreError) in try enrollments(ofLead: lead).last(in: campaign) }
    }

    func claimDue(_ route: Route, now: Instant, limit: Int) throws -> [Claim] {
        try write { () throws(StoreError) in
            guard !heldNow.isEverything, let number = names.known(route) else { return [] }
            let due = try timers.due(number, now: now, limit: limit, except: heldNow.campaigns)
            var claims: [Claim] = []
            claims.reserveCapacity(due.count)
            // What was claimed with others of its mailbox, before its turn or in it.
            var taken: Set<EnrollmentID> = []
            for timer in due where !taken.contains(timer.enrollment) {
                guard claims.count < limit else { break }
                let (claim, hasRivals) = try claim(timer)
                guard hasRivals, let mailbox = claimed[timer.enrollment.rawValue]?.mailbox else {
                    claims.append(claim)
                    continue
                }
                taken.insert(timer.enrollment)
                let waiting = try waiting(in: mailbox)
                let others = waiting.rivals(of: timer.enrollment).filter {
                    $0.pending.route == route && $0.pending.dueAt <= now && !taken.contains($0.enrollment)
                }
                var together = [claim]
                for other in others.map({ Timer(dueAt: $0.pending.dueAt, enrollment: $0.enrollment) }).sorted() {
                    together.append(try self.claim(other).claim)
                    taken.insert(other.enrollment)
                }
                for var claim in together {
                    claim.rivals = waiting.rivals(of: claim.enrollment.id)
                    claims.append(claim)
                }
            }
            return claims
        }
    }

    /// A due enrollment with its facts, all but its rivals, and whether there may be any.
    private func claim(_ timer: Timer) throws(StoreError) -> (claim: Claim, hasRivals: Bool) {
        let row = enrollmentSQL.facts.bind(1, timer.enrollment.rawValue)
        defer { row.reset() }
        guard try row.step() else {
            throw .corrupt("a timer names enrollment \(timer.enrollment.rawValue), or its lead")
        }
        let enrollment = try enrollment(row)
        guard let pending = enrollment.current, enrollment.status == .active, pending.dueAt == timer.dueAt else {
            throw .corrupt("the timer of enrollment \(timer.enrollment.rawValue) is not the row's")
        }
        let stored = try lead(row, at: EnrollmentStatements.columnCount)
        let behindLead = EnrollmentStatements.columnCount + LeadStatements.columnCount
        claimed[enrollment.id.rawValue] = ClaimedFacts(
            mailbox: stored.mailbox, charges: KnownCharges(settled: stored.settled, isWaiting: stored.isWaiting),
            head: row.optionalInt(behindLead))
        let claim = Claim(
            enrollment: enrollment, pending: pending, lead: stored.lead, suppression: stored.suppression,
            optOuts: stored.optOuts, ledger: ledger(settled: stored.settled, mailbox: stored.mailbox),
            delivery: try open[enrollment.id].map { open throws(StoreError) in try delivery(open) })
        return (claim, row.int(behindLead + 1) != 0)
    }
}

// MARK: - Deciding

extension Session {
    func enroll(
        _ lead: LeadID, in campaign: CampaignID, at: Instant, first: PendingStep?, key: String?,
        data: [String: AttributeValue], version: String?
    ) throws -> EnrollmentID? {
        try write { () throws(StoreError) in
            try require(lead)
            let earlier = try enrollments(ofLead: lead)
            guard !earlier.contains(where: { $0.campaign == campaign && $0.key == key && $0.isOngoing }) else {
                return nil
            }
            let start = lead.rawValue * EnrollmentID.perLead
            let id = EnrollmentID(rawValue: (earlier.last?.id.rawValue).map { $0 + 1 } ?? start)
            guard id.lead == lead else {
                throw StoreError(.misuse, "lead \(lead.rawValue) has \(EnrollmentID.perLead) enrollments already")
            }
            let enrollment = Enrollment(
                id: id, lead: lead, campaign: campaign, enrolledAt: at, status: first == nil ? .completed : .active,
                current: first, key: key, data: data, version: version)
            var entry = JournalEntry(
                at: at, kind: .enrolled, lead: lead, enrollment: id, campaign: campaign, detail: key ?? "")
            var head = try append(entry, after: nil)
            if first == nil {
                (entry.kind, entry.detail) = (.completed, "")
                head = try append(entry, after: head)
            }
            try insert(enrollment, head: head)
            try setTimer(of: enrollment)
            try countNewRun(id)
            return id
        }
    }

    func advance(_ enrollment: Enrollment, was: PendingStep?, entry: JournalEntry?) throws {
        try write { () throws(StoreError) in
            try check(enrollment)
            _ = try removeTimer(of: enrollment, was: was)
            // A delivery between attempts ends with its step; one that is being sent ends by its outcome.
            var left: OpenDelivery?
            if let delivery = open[enrollment.id], delivery.state == .reserved {
                let campaign = try names.number(of: enrollment.campaign)
                let step =
                    try enrollment.isOngoing
                    ? enrollment.current.map { step throws(StoreError) in
                        try names.number(of: step.step, in: campaign)
                    } : nil
                if step != delivery.step { left = delivery }
            }
            if let left { try open.end(left, inDoubt: false) }
            if let entry, entry.kind == .performed, let step = entry.step, let arm = enrollment.choices[step] {
                let campaign = try names.number(of: enrollment.campaign)
                let number = try names.number(of: step, in: campaign)
                arms.took(arm, at: number, of: campaign)
                try count(.runs, ofArm: arm, at: number, of: campaign, in: enrollment.id)
            }
            try update(enrollment, head: try append(entry, of: enrollment.id))
            try setTimer(of: enrollment)
            if let left { try release(left, keeping: false, at: entry?.at ?? now) }
            if was?.waitsForCap == true, !enrollment.waitsForCap {
                try passWakeOn(of: enrollment.lead, at: entry?.at ?? now)
            }
        }
    }

    func check(_ enrollment: Enrollment) throws(StoreError) {
        guard enrollment.id.lead == enrollment.lead else {
            throw StoreError(.misuse, "enrollment \(enrollment.id.rawValue) is not of lead \(enrollment.lead.rawValue)")
        }
        if enrollment.status == .active, enrollment.current == nil {
            throw StoreError(.misuse, "enrollment \(enrollment.id.rawValue) would be active with no step to come")
        }
    }

    /// Gives an enrollment the timer that its state asks for; it has none at this moment.
    func setTimer(of enrollment: Enrollment) throws(StoreError) {
        guard enrollment.status == .active, let step = enrollment.current, !open.isSending(enrollment.id) else {
            return
        }
        let line = try line(of: step, in: try names.number(of: enrollment.campaign))
        try timers.add(Timer(dueAt: step.dueAt, enrollment: enrollment.id), to: line)
        if enrollment.waitsForCap, let mailbox = try mailbox(ofLead: enrollment.lead) { try setWaiting(mailbox) }
    }

    /// Where the timer of a pending step stands.
    func line(of step: PendingStep, in campaign: Int64) throws(StoreError) -> Timers.Line {
        Timers.Line(route: try names.number(of: step.route), campaign: campaign)
    }

    /// Takes an enrollment's timer away, wherever it stands; false where it had none.
    ///
    /// `was` is where the caller read it, the usual and cheap case; the row knows if it was moved since.
    func removeTimer(of enrollment: Enrollment, was: PendingStep?) throws(StoreError) -> Bool {
        let campaign = try names.number(of: enrollment.campaign)
        if let was {
            let timer = Timer(dueAt: was.dueAt, enrollment: enrollment.id)
            if try timers.remove(timer, from: try line(of: was, in: campaign)) { return true }
        }
        guard let stored = try self.enrollment(id: enrollment.id).current else { return false }
        let timer = Timer(dueAt: stored.dueAt, enrollment: enrollment.id)
        return try timers.remove(timer, from: try line(of: stored, in: campaign))
    }
}
