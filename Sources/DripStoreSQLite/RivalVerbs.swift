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
            return try waiting(in: try self.mailbox(id: mailbox)).rivals(of: enrollment)
        }
    }

    /// The enrollments of the mailbox's leads that wait for a step, by number; none of a held campaign, and no more than
    /// one of them may have as rivals.
    func waiting(in mailbox: Mailbox) throws(StoreError) -> [Rival] {
        var waiting: [Rival] = []
        for lead in try leadIDs(of: mailbox) where waiting.count <= Rival.limit {
            let active = try enrollments(ofLead: lead).filter { $0.status == .active && !open.isSending($0.id) }
            guard !active.isEmpty else { continue }
            let zoneName = try storedLead(lead).lead.zoneName
            for enrollment in active {
                guard let pending = enrollment.current, !heldNow.holds(try names.number(of: enrollment.campaign)) else {
                    continue
                }
                waiting.append(
                    Rival(
                        enrollment: enrollment.id, campaign: enrollment.campaign, pending: pending, zoneName: zoneName))
            }
        }
        return Array(waiting.prefix(Rival.limit + 1))
    }
}
