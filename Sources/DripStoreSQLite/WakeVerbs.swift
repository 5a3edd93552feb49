// Whom the end of a delivery wakes.
//
// The rule: what waits for a cap of its mailbox, or gives way under one, becomes due when a delivery of that mailbox ends,
// to be decided again. One end frees one place: no more than `Rival.limit` are woken, of no more than `Rival.leadLimit`
// leads, so that a mailbox which thousands share does not cost their square. `mailboxes.waiting` remembers where the next
// end goes on (0: nobody waits; 1: from the list's beginning; else the lead's number + 1), round and round.
//
// Nobody is forgotten: whoever is woken and then waits for no cap any more without sending passes the wake on to one
// more, and every wait has a timer of its own, at the latest where its `defer_max` ends.
//
// Edge cases: what is due sooner stays as it is; what is being sent, paused or exited is none of it. What a hold stops
// is not woken, or its lateness would begin: its mailbox keeps its mark, and is woken when a hold ends.
//
// Worked example: 100 enrollments wait for a cap that one delivery fills. It fails: 64 are woken. One of them is sent, the
// other 63 are capped again. Its end wakes the other 36, and then 28 of the 63.

import DripCore
import DripStore

extension Session {
    /// Makes due at `at` what waits for a cap of this mailbox, up to `limit` of it.
    func wake(_ id: Int64, atMost limit: Int, at: Instant) throws(StoreError) {
        let mailbox = try mailbox(id: id)
        var start: LeadID?
        if let from = mailbox.wakesFrom, try self.mailbox(ofLead: from) == id { start = from }
        var (woken, visited, isHeld) = (0, 0, false)
        var goesOnAt: LeadID?
        func visit(_ member: Member) throws(StoreError) -> Bool {
            guard woken < limit, visited < Rival.leadLimit else {
                goesOnAt = member.id
                return false
            }
            visited += 1
            for enrollment in try enrollments(ofLead: member.id) where enrollment.waitsForCap {
                if heldNow.holds(try names.number(of: enrollment.campaign)) {
                    isHeld = true
                } else if try wake(enrollment, at: at) {
                    woken += 1
                }
            }
            return true
        }
        try walk(mailbox, from: start) { member throws(StoreError) in try visit(member) }
        if goesOnAt == nil, let start {
            try walk(mailbox) { member throws(StoreError) in member.id == start ? false : try visit(member) }
        }
        if isHeld { unwoken.insert(id) }
        let waiting = goesOnAt.map { $0.rawValue + 1 } ?? (isHeld ? 1 : 0)
        try mailboxSQL.setWakesFrom.bind(1, id).bind(2, waiting).run()
        chargesChanged(of: id)
    }

    /// False where it is due by then anyway, or being sent.
    private func wake(_ sleeper: Enrollment, at: Instant) throws(StoreError) -> Bool {
        guard let step = sleeper.current, step.dueAt > at, !open.isSending(sleeper.id) else { return false }
        var enrollment = sleeper
        let line = try line(of: step, in: try names.number(of: enrollment.campaign))
        let was = Timer(dueAt: step.dueAt, enrollment: enrollment.id)
        guard try timers.remove(was, from: line) else {
            throw .corrupt("enrollment \(enrollment.id.rawValue) waits without a timer")
        }
        enrollment.current = step.woken(at: at)
        try timers.add(Timer(dueAt: at, enrollment: enrollment.id), to: line)
        try update(enrollment, head: nil)
        return true
    }

    /// Wakes one more in the place of one that was woken and did not use it, where the last wake left some.
    func passWakeOn(of lead: LeadID, at: Instant) throws(StoreError) {
        guard let id = try mailbox(ofLead: lead), try mailbox(id: id).wakesFrom != nil else { return }
        try wake(id, atMost: 1, at: at)
    }

    /// Wakes what was not woken while it was held.
    func wakeUnwoken() throws(StoreError) {
        let mailboxes = unwoken.sorted()
        unwoken = []
        for id in mailboxes where try mailbox(id: id).isWaiting { try wake(id, atMost: Rival.limit, at: now) }
    }
}
