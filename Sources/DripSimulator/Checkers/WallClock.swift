package import DripCore

/// What clocks on a wall show, read from a TZif file by simple means of its own: the judge of local times.
///
/// It knows the file's own list of changes and, by its last line, those of the years behind it (`FooterRule.swift`) until
/// 2040; from there on it abstains.
package struct WallClock: Sendable {
    private var changes: [Int64] = []
    private var offsets: [Int] = []
    private var firstOffset = 0
    /// Where its knowledge ends: seconds since 1970.
    private var end = Int64.max

    /// Takes the 64-bit block of a version 2+ file; nil where there is none.
    package init?(tzif bytes: [UInt8]) {
        func number(at place: Int, _ size: Int) -> Int64? {
            guard place + size <= bytes.count else { return nil }
            var value: UInt64 = 0
            for byte in bytes[place..<place + size] { value = value << 8 | UInt64(byte) }
            let shift = UInt64(64 - 8 * size)
            return Int64(bitPattern: value << shift) >> Int64(shift)
        }
        func counts(at place: Int) -> [Int]? {
            var counts: [Int] = []
            for index in 0..<6 {
                guard let count = number(at: place + 20 + 4 * index, 4) else { return nil }
                counts.append(Int(count))
            }
            return counts
        }
        // Counts stand in this order: isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt.
        guard bytes.count > 44, bytes[4] >= UInt8(ascii: "2"), let old = counts(at: 0) else { return nil }
        let second = 44 + old[3] * 5 + old[4] * 6 + old[5] + old[2] * 8 + old[1] + old[0]
        guard let new = counts(at: second) else { return nil }
        let times = second + 44
        let types = times + new[3] * 9
        func offset(_ type: Int) -> Int? { number(at: types + 6 * type, 4).map { Int($0) } }
        guard let first = offset(0) else { return nil }
        firstOffset = first
        for index in 0..<new[3] {
            guard let time = number(at: times + 8 * index, 8), let type = number(at: times + 8 * new[3] + index, 1),
                let offset = offset(Int(type))
            else { return nil }
            changes.append(time)
            offsets.append(offset)
        }
        let footer = bytes.dropLast().reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed()
        guard let rule = FooterRule(String(decoding: footer, as: UTF8.self)) else { return }
        end = max(WallDate.firstDay(ofYear: FooterRule.lastYear + 1) * 86_400 - 172_800, changes.last ?? 0)
        for (time, offset) in rule.changes(after: changes.last ?? 0) {
            changes.append(time)
            offsets.append(offset)
        }
    }

    /// Seconds east of Greenwich; nil where this judge abstains.
    private func offset(at second: Int64) -> Int? {
        guard second < end else { return nil }
        let place = count(until: second)
        return place == 0 ? firstOffset : offsets[place - 1]
    }

    /// How many changes lie at or before a second.
    private func count(until second: Int64) -> Int {
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The changes of the clock in a stretch of time.
    func changes(from first: Int64, to last: Int64) -> ArraySlice<Int64> {
        changes[count(until: first - 1)..<max(count(until: first - 1), count(until: last))]
    }

    /// Seconds since 1970 as that wall counts them; nil where this judge abstains.
    package func wallSeconds(at instant: Instant) -> Int64? {
        offset(at: instant.seconds).map { instant.seconds + Int64($0) }
    }

    /// Every instant at which the wall shows that: none in a gap, two where the clocks go back.
    func instants(showing wall: Int64) -> [Instant] {
        // No clock is a day and more away from Greenwich.
        let (first, last) = (wall - 93_600, wall + 93_600)
        let near = Set(([first] + changes(from: first, to: last)).compactMap { offset(at: $0) })
        return near.map { Instant(seconds: wall - Int64($0)) }.filter { wallSeconds(at: $0) == wall }.sorted()
    }

    /// The first instant at which the wall shows that, or the end of the gap that it fell into.
    func instant(showing wall: Int64) -> Instant? {
        instants(showing: wall).first
            ?? changes(from: wall - 93_600, to: wall + 93_600).lazy.map { Instant(seconds: $0) }.first { change in
                wallSeconds(at: change).map { $0 > wall } ?? false
            }
    }

    /// The local date, in days since 1970; nil where this judge abstains.
    func day(at instant: Instant) -> Int64? {
        wallSeconds(at: instant).map { $0 >= 0 ? $0 / 86_400 : ($0 - 86_399) / 86_400 }
    }

    /// Whether a campaign's window is open, and it is not quiet; nil where this judge abstains.
    func isOpen(_ window: CampaignPlan.Window?, _ policy: PolicyPlan, at instant: Instant) -> Bool? {
        guard let wall = wallSeconds(at: instant), let day = day(at: instant) else { return nil }
        let second = Int(wall - day * 86_400)
        if let quiet = policy.quietHours,
            quiet.holds(second, ofDay: day, where: { WallDate.isListed($0, in: policy.quietDays) })
        {
            return false
        }
        guard let window else { return true }
        return window.hours.holds(second, ofDay: day, where: { window.opens(onDay: $0, policy) })
    }
}

extension CampaignPlan.Hours {
    /// Whether a second of a day lies inside them, counted to the day on which they began.
    func holds(_ second: Int, ofDay day: Int64, where isListed: (Int64) -> Bool) -> Bool {
        let (begins, ends) = (opens.secondOfDay, closes.secondOfDay)
        if begins < ends { return isListed(day) && second >= begins && second < ends }
        return (isListed(day) && second >= begins) || (isListed(day - 1) && second < ends)
    }
}

extension CampaignPlan.Window {
    /// Whether its hours begin on that day.
    func opens(onDay day: Int64, _ policy: PolicyPlan) -> Bool {
        WallDate.isListed(day, in: days)
            && !(keepsHolidays && policy.holidays.contains { $0.holds(WallDate(day: day)) })
    }
}

extension Holidays.Entry {
    /// By the date's own text, for a second opinion.
    func holds(_ date: WallDate) -> Bool {
        switch days {
        case .dates(let first, let last): first.description <= date.text && date.text <= last.description
        case .yearly: yaml == "\"\(date.text.dropFirst(5))\""
        }
    }
}
