import DripCore
import Testing

@Suite struct SettlementTests {
    private let step = Step(
        id: StepID(rawValue: "s"), timing: .after(.zero), action: .email(MessageChoice(path: "c/m.md")))
    private let now = Instant(seconds: 1_800_000_000)

    private func settlement(
        _ outcome: Outcome, _ blame: AttemptResult.Blame, late: TimeSpan = .zero, attempts: Int = 1
    ) throws -> Settlement {
        let sender = Policy.Sender(name: "A", address: try EmailAddress("a@example.com"))
        let policy = Policy(sender: sender, postalAddress: "B", unsubscribeAddress: sender.address)
        let pending = PendingStep(step: step.id, route: .email, plannedAt: now, dueAt: now, late: late)
        return Settlement.of(
            AttemptResult(delivery: DeliveryID(rawValue: 1), outcome: outcome, blame: blame, text: ""), step: step,
            pending: pending, policy: policy, attempts: attempts, key: "1/s", now: now)
    }

    @Test(arguments: [
        (Outcome.accepted, AttemptResult.Blame.delivery, Settlement.accepted),
        (.unknown, .delivery, .inDoubt), (.unknown, .transport, .inDoubt),
        (.permanentFailure, .delivery, .failed(.permanentFailure)), (.permanentFailure, .transport, .putBack),
        (.transientFailure, .transport, .putBack),
    ])
    func saysWhatAResultMeans(outcome: Outcome, blame: AttemptResult.Blame, expected: Settlement) throws {
        #expect(try settlement(outcome, blame) == expected)
    }

    @Test func aTransientFailureIsRetriedWhileLateMaxAllows() throws {
        guard case .retry(let at) = try settlement(.transientFailure, .delivery) else {
            Issue.record("no retry")
            return
        }
        #expect(at >= now + .minutes(30) && at <= now + .minutes(36))
        #expect(try settlement(.transientFailure, .delivery, late: .hours(24)) == .failed(.retriesExhausted))
    }
}
