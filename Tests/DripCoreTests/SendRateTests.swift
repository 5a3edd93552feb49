import DripCore
import Testing

@Suite struct SendRateTests {
    private let start = Instant(seconds: 1_795_424_400)

    /// Takes whatever may go at every millisecond in which something may, and answers how many went by then.
    private func sent(_ rate: SendRate, within span: TimeSpan) -> Int {
        var bucket = TokenBucket(rate, at: start)
        var (now, count) = (start, 0)
        while now < start + span {
            while bucket.tokens(at: now) > 0 {
                bucket.take(at: now)
                count += 1
            }
            let next = bucket.nextTokenAt(now)
            #expect(next > now && bucket.tokens(at: next) > 0 && bucket.tokens(at: next - .milliseconds(1)) == 0)
            now = next
        }
        return count
    }

    @Test(arguments: [
        (1, TimeSpan.days(1)), (7, .hours(1)), (20, .minutes(1)), (300, .minutes(1)), (999, .seconds(1)),
        (5_000, .seconds(1)),
    ])
    func noMoreGoThanTheRateAllowsAndNoFewer(count: Int, period: TimeSpan) {
        let sent = sent(SendRate(count: count, period: period), within: TimeSpan.milliseconds(period.milliseconds * 3))
        // One token is there at the start; those of the last millisecond may lie behind the end.
        let last = 1 + count / Int(period.milliseconds)
        #expect((3 * count - last...3 * count + 1).contains(sent), "\(sent)")
    }

    @Test func anIdleBucketHoldsASecondsWorth() {
        let bucket = TokenBucket(SendRate(count: 300, period: .minutes(1)), at: start)
        #expect(bucket.tokens(at: start) == 1)
        #expect(bucket.tokens(at: start + .hours(9)) == 5)
        #expect(TokenBucket(SendRate(count: 1, period: .hours(1)), at: start).tokens(at: start + .days(9)) == 1)
    }

    @Test func aClockThatStepsBackGivesAndTakesNothing() {
        var bucket = TokenBucket(SendRate(count: 60, period: .minutes(1)), at: start)
        bucket.take(at: start)
        #expect(bucket.tokens(at: start - .hours(1)) == 0)
        var steppedBack = bucket
        steppedBack.clockStepped(to: start - .hours(1))
        #expect(steppedBack.tokens(at: start - .hours(1) + .seconds(1)) == 1, "it goes on from there")
        bucket.take(at: start - .hours(1))
        #expect(bucket.nextTokenAt(start - .hours(1)) == start - .hours(1) + .seconds(2), "one is owed")
        #expect(bucket.tokens(at: Instant.distantFuture) == 1)
    }
}
