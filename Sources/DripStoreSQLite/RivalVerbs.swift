import DripCore
import DripStore

enum RivalStatements {
    /// Whether the mailbox may wait for anything beside the enrollment `e` of the lead `l` with the mailbox `m`.
    ///
    /// Nearly free: a lead's enrollments stand side by side, so the count reads the page that `e` is on; whether the
    /// lead shares its mailbox is in the rows that were read anyway. It may say yes of a rival that is being sent.
    static let hasRivals = """
        m.id IS NOT NULL AND (m.lead <> l.id OR l.next_lead IS NOT NULL OR 1 < (
            SELECT count(*) FROM enrollments o
            WHERE o.id BETWEEN l.id * \(EnrollmentID.perLead) AND l.id * \(EnrollmentID.perLead) \
        + \(EnrollmentID.perLead - 1) AND o.status = 0))
        """
}

extension [Rival] {
    /// All but the enrollment itself, which may be beyond what was looked at.
    func rivals(of enrollment: EnrollmentID) -> [Rival] {
        Array(lazy.filter { $0.enrollment != enrollment }.prefix(Rival.limit))
    }
}

extension Session {
    func rivals(of enrollment: EnrollmentID) throws -> [Rival] {
        try read { () throws(StoreError) in
            guard let mailbox = try mailbox(ofLead: enrollment.lead) else { return [] }
            return try waiting(in: mailbox).rivals(of: enrollment)
        }
    }

    /// What waits for a step of a mailbox's leads, by number; nothing of a held campaign, and no more than one of them may
    /// have as rivals.
    ///
    /// Read once, and again after a lead moved that was looked at.
    func waiting(in mailbox: Int64) throws(StoreError) -> [Rival] {
        if let known = waitingOf[mailbox] { return known }
        var waiting: [Rival] = []
        var visited = 0
        try walk(try self.mailbox(id: mailbox)) { member throws(StoreError) in
            visited += 1
            watched[member.id] = mailbox
            for enrollment in try enrollments(ofLead: member.id) {
                guard enrollment.status == .active, !open.isSending(enrollment.id), let pending = enrollment.current,
                    !heldNow.holds(try names.number(of: enrollment.campaign))
                else { continue }
                waiting.append(
                    Rival(
                        enrollment: enrollment.id, campaign: enrollment.campaign, version: enrollment.version,
                        pending: pending, zoneName: member.zoneName, pausedUntil: member.pausedUntil))
            }
            return waiting.count <= Rival.limit && visited < Rival.leadLimit
        }
        waiting.sort { $0.enrollment < $1.enrollment }
        waiting = Array(waiting.prefix(Rival.limit + 1))
        waitingOf[mailbox] = waiting
        return waiting
    }

    /// Forgets what was read of the mailbox of a lead: it, or an enrollment of its, is no longer as it was.
    func moved(_ lead: LeadID) {
        if let mailbox = watched[lead] { waitingOf[mailbox] = nil }
    }

    func forgetWaiting() {
        waitingOf.removeAll(keepingCapacity: true)
        watched.removeAll(keepingCapacity: true)
    }
}
