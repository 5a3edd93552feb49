import DripCore
import Testing

@Suite struct PushEndTests {
    private let now = Instant("2026-12-01T02:00:00Z") ?? .epoch

    private func push(attempts: Int = 0, triedAt: Instant? = nil) -> Push {
        Push(
            id: PushID(rawValue: 7), transport: "hubspot", lead: LeadID(rawValue: 1),
            content: PushContent(key: "budi", address: nil, facts: [:]), at: now, dueAt: now, attempts: attempts,
            triedAt: triedAt)
    }

    private func end(
        _ outcome: Outcome, _ push: Push, blame: AttemptResult.Blame = .delivery, code: Int = 0,
        retryAfter: TimeSpan? = nil, giveUpAfter: TimeSpan = .hours(1)
    ) -> PushEnd {
        PushEnd.of(
            AttemptResult(
                delivery: push.id.asDelivery, outcome: outcome, blame: blame, code: code, text: "",
                retryAfter: retryAfter), push,
            giveUpAfter: giveUpAfter, now: now)
    }

    @Test func whatWasTakenIsDoneAndWhatIsRefusedIsDead() {
        #expect(end(.accepted, push()) == .done)
        #expect(end(.permanentFailure, push()) == .dead)
        #expect(end(.permanentFailure, push(), blame: .composing) == .dead)
        #expect(end(.transientFailure, push(), blame: .transport) == .putBack)
        #expect(end(.transientFailure, push(attempts: 99, triedAt: .epoch), blame: .pace) == .putBack)
    }

    /// One lead that a CRM does not know must not pause it for ever.
    @Test func whatMayBeAboutTheLeadCountsAsAnAttempt() {
        for code in [403, 404, 405] {
            #expect(end(.transientFailure, push(attempts: 9, triedAt: .epoch), blame: .transport, code: code) == .dead)
            guard case .again = end(.transientFailure, push(), blame: .transport, code: code) else {
                Issue.record("\(code) does not count")
                return
            }
        }
        for code in [0, 301, 401, 407] {
            #expect(end(.transientFailure, push(triedAt: .epoch), blame: .transport, code: code) == .putBack)
        }
    }

    @Test(arguments: [Outcome.transientFailure, .unknown])
    func theRestIsTriedAgainUntilTheEnd(outcome: Outcome) {
        guard case .again(let first) = end(outcome, push()) else {
            Issue.record("the first attempt is the last")
            return
        }
        #expect(first >= now + .minutes(1) && first < now + .seconds(72))
        guard case .again(let sixth) = end(outcome, push(attempts: 4, triedAt: now - .minutes(24))) else {
            Issue.record("half an hour is left, and the wait is as long")
            return
        }
        #expect(sixth >= now + .minutes(30))
        #expect(end(outcome, push(attempts: 4, triedAt: now - .minutes(31))) == .dead)
        #expect(end(outcome, push(), retryAfter: .minutes(50)) == .again(now + .minutes(50)))
        #expect(end(outcome, push(), retryAfter: .minutes(61)) == .dead)
        // A clock that was set back buys no time, and costs none.
        #expect(end(outcome, push(attempts: 1, triedAt: now + .days(9))) != .dead)
    }

    @Test func pushesAndDeliveriesAreNeverMistaken() {
        #expect(PushID(DeliveryID(rawValue: 7)) == nil && PushID(DeliveryID(rawValue: 0)) == nil)
        #expect(PushID(PushID(rawValue: 7).asDelivery) == PushID(rawValue: 7))
        let letter = DigestLetterID(rawValue: 7).asDelivery
        #expect(DigestLetterID(letter) == DigestLetterID(rawValue: 7) && PushID(letter) == nil)
        #expect(DigestLetterID(PushID(rawValue: 7).asDelivery) == nil && DigestLetterID(DeliveryID(rawValue: 7)) == nil)
    }
}
