import DripCore
import Testing

@Suite struct PassageTimeTests {
    private static let spans: [(minutes: Int64, hours: Int, words: String)] = [
        (0, 0, "0 h"), (59, 0, "0 h"), (60, 1, "1 h"), (23 * 60, 23, "23 h"), (24 * 60, 24, "1 d"),
        (49 * 60 + 59, 49, "2 d 1 h"), (335 * 60, 335, "13 d 23 h"), (336 * 60, 336, "14 d"), (359 * 60, 336, "14 d"),
        (360 * 60, 360, "15 d"), (729 * 1_440, 17_496, "729 d"), (730 * 1_440, 17_520, "2 years or more"),
        (9_999 * 1_440, 17_520, "2 years or more"), (-300, 0, "0 h"),
    ]

    @Test(arguments: spans.indices) func isRoundedDown(index: Int) {
        let (minutes, hours, words) = Self.spans[index]
        let span = TimeSpan.minutes(minutes)
        let time = PassageTime(span)
        #expect(time.wholeHours == hours && "\(time)" == words)
        #expect(PassageTime(bucket: time.bucket) == time)
    }

    /// Against the definition, by sorting: Python's `sorted(times)[ceil(p * n / 100) - 1]`.
    @Test func aPercentileIsTheNearestRank() {
        let times: [Int64] = [3, 49, 485, 3, 7, 7, 7, 100, 20, 1]
        var counts: [PassageTime: Int] = [:]
        for hours in times { counts[PassageTime(.hours(hours)), default: 0] += 1 }
        let sorted = times.map { PassageTime(.hours($0)) }.sorted()
        for (percent, index) in [(50, 4), (90, 8), (100, 9), (1, 0), (91, 9), (10, 0), (11, 1)] {
            #expect(PassageTime.percentile(percent, of: counts) == sorted[index], "\(percent)")
        }
        #expect(PassageTime.percentile(50, of: [:]) == nil)
        let two = [PassageTime(.hours(2)): 1, PassageTime(.hours(9)): 1]
        #expect(
            PassageTime.percentile(50, of: two)?.wholeHours == 2 && PassageTime.percentile(90, of: two)?.wholeHours == 9
        )
    }

    /// Order is kept across the bound where hours become days.
    @Test func longerIsNeverLess() {
        let times = (0...20_000).map { (hours: Int64) in PassageTime(.hours(hours)) }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(Set(times).count == 336 + 716 + 1)
    }
}
