/// How much a new sending address may send on each of its first days: mailbox providers distrust who starts with all.
///
/// The rule: on the n-th day from `from` on, at most the n-th volume; behind the last one as much as the rate allows.
/// Days are those of the policy's zone. What is beyond the day's volume goes by the other transports of its channel,
/// or stays due until midnight.
///
/// Edge cases: before `from` the first volume holds; the count survives a restart, and an attempt that failed counts too.
///
/// Worked example: `from: 2026-12-01, days: [50, 100, 500]`: 50 messages on the 1st, 100 on the 2nd, 500 on the 3rd, and no
/// limit from the 4th on.
package struct WarmUp: Hashable, Sendable {
    package var from: LocalDate
    /// Messages on the first day, the second, and so on.
    package var volumes: [Int]

    package init(from: LocalDate, volumes: [Int]) {
        self.from = from
        self.volumes = volumes
    }

    /// How many messages may go on a day; nil for any number.
    package func volume(on day: LocalDate) -> Int? {
        let number = max(0, day.daysSinceEpoch - from.daysSinceEpoch)
        return number < volumes.count ? volumes[number] : nil
    }
}

/// How much a transport has sent on its last day, as the state keeps it.
package struct TransportDay: Hashable, Sendable {
    package var transport: String
    package var day: LocalDate
    package var count: Int

    package init(transport: String, day: LocalDate, count: Int) {
        self.transport = transport
        self.day = day
        self.count = count
    }
}

extension TransportDay: LosslessStringConvertible {
    /// `relay 2026-12-01 350`.
    package var description: String { "\(transport) \(day) \(count)" }

    package init?(_ description: String) {
        let words = description.split(separator: " ").map(String.init)
        guard words.count == 3, let day = LocalDate(words[1]), let count = Int(words[2]) else { return nil }
        self.init(transport: words[0], day: day, count: count)
    }
}
