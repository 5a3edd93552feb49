import DripCore
import DripStore

extension Engine {
    /// More are as old as a CRM's outage: `dripd crm` says how many there are.
    private static let pushesShown = 20

    /// A lead with its enrollments and its history, local times beside the instants.
    func leadView(_ key: String, entries: Int = 200, now: Instant) throws -> LeadView {
        try ask { reader in
            let lead = try find(key, in: reader)
            let clock = try zone(of: lead, in: reader)
            let said = try doNotSend(lead, in: reader)
            let timeline = try reader.timeline(of: lead.id, limit: entries == .max ? entries : entries + 1)
            var shown = LeadView(
                key: lead.key, address: lead.address, timeZone: lead.zoneName, locale: lead.locale,
                attributes: lead.attributes, suppression: said.suppression, optOuts: said.optOuts,
                pause: lead.pause.flatMap { $0.holds(at: now) ? $0 : nil },
                enrollments: try reader.enrollments(of: lead.id).map { view(of: $0, of: lead, clock, now: now) },
                timeline: timeline.prefix(entries).map { TimelineEntry($0, on: clock) },
                consents: try reader.consents(of: lead.id).map { entries == .max ? $0 : $0.short },
                standing: programme.policy.scoring.map {
                    Standing(lead.stage, $0.score(of: programme.stageFacts(of: lead, now: now)))
                }, timelineHasMore: timeline.count > entries)
            shown.pushes = try reader.pushes(of: lead.id, limit: entries == .max ? .max : Self.pushesShown).map(
                PushView.init)
            return shown
        }
    }

    /// Notes that an import gave a lead another mailbox, which has its own suppressions, opt-outs and charges.
    ///
    /// What waited for a cap of the old one is decided again: the new one may have room.
    func addressChanged(
        from old: EmailAddress, to lead: Lead, now: Instant, in transaction: any StoreTransaction
    ) throws {
        let detail = "\(old.masked) → \(lead.address?.masked ?? "")"
        try transaction.journal(JournalEntry(at: now, kind: .addressChanged, lead: lead.id, detail: detail))
        try decideCapsAnew(of: lead.id, now: now, in: transaction)
    }

    /// The lead has another mailbox, whose caps have room of their own: what waits under the old one's is decided again.
    func decideCapsAnew(of lead: LeadID, now: Instant, in transaction: any StoreTransaction) throws {
        for var enrollment in try transaction.enrollments(of: lead)
        where enrollment.status == .active && flightOfEnrollment[enrollment.id] == nil {
            guard let was = enrollment.current, was.waitingFor == .capped || was.waitingFor == .priority else {
                continue
            }
            enrollment.current = was.woken(at: now)
            try transaction.advance(enrollment, was: was, entry: nil)
        }
    }

    private func view(
        of enrollment: Enrollment, of lead: Lead, _ clock: Zone, now: Instant
    ) -> LeadView.EnrollmentView {
        let campaign = programme.entry(of: enrollment)?.campaign
        let zone = campaign.map { programme.zone(of: lead, in: $0) } ?? clock
        let current = enrollment.current
        let hold = current.flatMap { self.hold(of: enrollment.campaign, $0.route) }
        let dueAt = current.flatMap { step -> Instant? in
            // The end of a pause that a person must end is nobody's to tell.
            let isHeld = hold != nil && (step.dueAt <= now || step.waitingFor == .paused)
            return step.isUnplanned || isHeld || step.dueAt == .distantFuture ? nil : step.dueAt
        }
        return LeadView.EnrollmentView(
            campaign: enrollment.campaign, status: enrollment.status.name, enrolledAt: enrollment.enrolledAt,
            enrolledLocal: zone.wallClock(at: enrollment.enrolledAt), finished: enrollment.finished,
            nextStep: current?.step, nextDueAt: dueAt, nextDueLocal: dueAt.map { zone.wallClock(at: $0) },
            waitingFor: current?.waitingFor, hold: hold, version: earlierVersion(of: enrollment))
    }

    /// What a person paused of a campaign's steps on a route: the widest first.
    func hold(of campaign: CampaignID, _ route: Route) -> Hold? {
        let transport = lanes.first { $0.route == route }.flatMap { hold(of: $0, outlets) }
        return holds[.everything] ?? holds[.campaign(campaign)] ?? transport
    }
}
