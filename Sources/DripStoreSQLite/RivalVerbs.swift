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

extension Session {
    func rivals(of enrollment: EnrollmentID) throws -> [Rival] {
        try read { () throws(StoreError) in
            guard let mailbox = try mailbox(ofLead: enrollment.lead) else { return [] }
            return try waiting(in: try self.mailbox(id: mailbox)).filter { $0.enrollment != enrollment }
        }
    }

    /// Every enrollment of the mailbox's leads that waits for a step, by number; none of a held campaign.
    func waiting(in mailbox: Mailbox) throws(StoreError) -> [Rival] {
        var waiting: [Rival] = []
        for lead in try leadIDs(of: mailbox) {
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
        return waiting
    }
}
