import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The one fault that is switched on: its number in the list, 0 for none. Only in a tree that `scripts/mutants` made.
package enum Fault {
    private static let active: Int = getenv("DRIPD_FAULT").flatMap { Int(String(cString: $0)) } ?? 0
    private static let counter = Atomic<Int64>(0)

    @inlinable package static func isOn(_ number: Int) -> Bool { number == activeNumber }
    @usableFromInline package static var activeNumber: Int { active }

    /// How often it was asked.
    package static func count() -> Int64 { counter.add(1, ordering: .relaxed).newValue }
}

extension SendTimes {
    private var onAnyDay: SendTimes {
        var times = self
        times.window.days = Set(Weekday.allCases)
        return times
    }

    func isOpenByWeekdayOfUTC(at instant: Instant, in zone: Zone) -> Bool {
        let wall = instant.seconds + Int64(zone.offsetSeconds(at: instant))
        return onAnyDay.openWall(atOrAfter: wall) == wall && window.opens(on: Zone.utc.local(at: instant).date)
    }

    func nextOpeningByWeekdayOfUTC(atOrAfter instant: Instant, in zone: Zone) -> Instant {
        if isOpenByWeekdayOfUTC(at: instant, in: zone) { return instant }
        var minute = Instant(seconds: instant.seconds - instant.seconds % 60)
        for _ in 0..<40 * 24 * 60 {
            minute = minute + .minutes(1)
            if isOpenByWeekdayOfUTC(at: minute, in: zone) { return minute }
        }
        return .distantFuture
    }
}
