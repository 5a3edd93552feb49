import DripCore
import Testing

@Suite struct RetryTests {
    @Test func theListsAreThese() {
        #expect(Retry.waits(for: .email).map(\.description) == ["30m", "1h", "2h", "3h"])
        #expect(Retry.waits(for: .http).map(\.description) == ["1m", "2m", "5m", "15m", "30m", "1h"])
    }

    @Test(arguments: [
        (Channel.email, 0, 30), (.email, 1, 30), (.email, 2, 60), (.email, 3, 120), (.email, 4, 180), (.email, 40, 180),
        (.http, 1, 1), (.http, 2, 2), (.http, 6, 60), (.http, 99, 60),
    ])
    func waitsAtLeastItsEntryAndAtMostAFifthMore(channel: Channel, attempts: Int, minutes: Int64) {
        for key in 0..<200 {
            let wait = Retry.wait(afterAttempts: attempts, channel: channel, key: "delivery-\(key)")
            #expect(wait >= .minutes(minutes) && wait < .minutes(minutes) + .seconds(minutes * 12))
        }
    }

    @Test func jitterIsAFunctionOfKeyAndAttempt() {
        func wait(_ attempts: Int, _ key: String) -> TimeSpan {
            Retry.wait(afterAttempts: attempts, channel: .email, key: key)
        }
        #expect(wait(1, "a") == wait(1, "a"))
        #expect(wait(1, "a") != wait(1, "b"))
        #expect(wait(4, "a") != wait(5, "a"))
        #expect(Set((0..<1_000).map { wait(1, "\($0)") }).count > 950)
    }

    @Test(arguments: [(.hours(2), .hours(2)), (.seconds(1), nil), (.milliseconds(-5), nil)] as [(TimeSpan, TimeSpan?)])
    func neverSoonerThanTheOtherSideAsks(asked: TimeSpan, expected: TimeSpan?) {
        let plain = Retry.wait(afterAttempts: 1, channel: .email, key: "a")
        #expect(Retry.wait(afterAttempts: 1, channel: .email, key: "a", retryAfter: asked) == expected ?? plain)
    }

    @Test func givesUpAtLateMax() throws {
        let now = try utc("2026-11-23T09:00:00Z")
        var situation = try situation(at: now)
        func next(_ late: TimeSpan, asked: TimeSpan? = nil) -> Instant? {
            situation.pending.late = late
            return Retry.nextAttemptAt(
                step: situation.step, pending: situation.pending, policy: situation.policy, attempts: 9, key: "a",
                retryAfter: asked, now: now)
        }
        let wait = Retry.wait(afterAttempts: 9, channel: .email, key: "a")
        #expect(next(.zero) == now + wait)
        #expect(next(.hours(24) - wait) == now + wait)
        #expect(next(.hours(24) - wait + .milliseconds(1)) == nil)
        #expect(next(.zero, asked: .milliseconds(.max)) == nil)
        situation.step.lateMax = .hours(48)
        #expect(next(.hours(24)) == now + wait)
        situation.step.whenLate = .send
        #expect(next(.hours(100)) == now + wait)
        #expect(next(.days(5)) == nil)
    }

    /// The worked example: how many attempts fit into a day.
    @Test func aDayHoldsSomeTenAttempts() throws {
        let situation = try situation(at: .epoch)
        for key in 0..<100 {
            var (pending, now, attempts) = (situation.pending, Instant.epoch, 1)
            while let at = Retry.nextAttemptAt(
                step: situation.step, pending: pending, policy: situation.policy, attempts: attempts, key: "\(key)",
                now: now)
            {
                pending = pending.deferring(until: at, reason: .retry, now: now)
                (now, attempts) = (at, attempts + 1)
            }
            #expect((8...11).contains(attempts) && pending.late <= .hours(24))
        }
    }
}
