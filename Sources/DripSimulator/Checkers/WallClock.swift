package import DripCore

/// What clocks on a wall show, read from a TZif file by simple means of its own: the judge of local times.
///
/// It knows the file's own list of changes and not the rule for the years behind it; from there on it abstains.
package struct WallClock: Sendable {
    private var changes: [Int64] = []
    private var offsets: [Int] = []
    private var firstOffset = 0
    private var hasRule = false

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
        hasRule = bytes.suffix(64).contains(UInt8(ascii: ","))
    }

    /// Seconds since 1970 as that wall counts them; nil where only the file's rule would know.
    package func wallSeconds(at instant: Instant) -> Int64? {
        let second = instant.seconds
        guard let last = changes.last, second >= changes[0] else { return second + Int64(firstOffset) }
        if second >= last { return hasRule ? nil : second + Int64(offsets[offsets.count - 1]) }
        var (low, high) = (0, changes.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle] <= second { low = middle } else { high = middle }
        }
        return second + Int64(offsets[low])
    }

    /// The local date, in days since 1970; nil where this judge abstains.
    func day(at instant: Instant) -> Int64? {
        wallSeconds(at: instant).map { $0 >= 0 ? $0 / 86_400 : ($0 - 86_399) / 86_400 }
    }

    /// The instant at which the local date of `instant` began: found by looking, quarter by quarter.
    func midnight(before instant: Instant) -> Instant? {
        guard let today = day(at: instant) else { return nil }
        var quarter = instant.seconds - instant.seconds % 900
        // At its longest a day has 26 hours or so; before it the date is another.
        for _ in 0..<120 {
            guard let day = day(at: Instant(seconds: quarter - 1)) else { return nil }
            if day != today { return Instant(seconds: quarter) }
            quarter -= 900
        }
        return nil
    }

    /// Whether a campaign's window is open, and it is not quiet; nil where this judge abstains.
    func isOpen(_ window: CampaignPlan.Window?, _ policy: PolicyPlan, at instant: Instant) -> Bool? {
        guard let wall = wallSeconds(at: instant), let day = day(at: instant) else { return nil }
        let second = Int(wall - day * 86_400)
        if let quiet = policy.quietHours {
            let (begins, ends) = (quiet.opens.secondOfDay, quiet.closes.secondOfDay)
            let isQuiet = begins < ends ? second >= begins && second < ends : second >= begins || second < ends
            if isQuiet { return false }
        }
        return window.map { isOpen($0, policy, day: day, second: second) } ?? true
    }

    private func isOpen(_ window: CampaignPlan.Window, _ policy: PolicyPlan, day: Int64, second: Int) -> Bool {
        // 1 January 1970 was a Thursday; Monday is 0.
        func isListed(_ day: Int64) -> Bool {
            window.days.contains { Int64($0.index) == ((day + 3) % 7 + 7) % 7 }
                && !(window.keepsHolidays && policy.holidays.contains { $0.holds(LocalDate(daysSinceEpoch: Int(day))) })
        }
        let (opens, closes) = (window.hours.opens.secondOfDay, window.hours.closes.secondOfDay)
        if opens < closes { return isListed(day) && second >= opens && second < closes }
        return (isListed(day) && second >= opens) || (isListed(day - 1) && second < closes)
    }
}

extension Holidays.Entry {
    /// By the date's own text, for a second opinion.
    fileprivate func holds(_ date: LocalDate) -> Bool {
        switch days {
        case .dates(let first, let last): first.description <= date.description && date.description <= last.description
        case .yearly: yaml == "\"\(date.description.dropFirst(5))\""
        }
    }
}
