import DripCampaigns
package import DripCore

/// The system's zones, read once; edges of daylight saving time are drawn more often than they come.
package struct Zones: Sendable {
    package let table: ZoneTable
    package let clocks: [String: WallClock]
    package let names: [String]

    /// Zones with a past: midnight transitions, half hours, odd offsets, dates that were left out, two changes a year
    /// by the moon.
    static let odd = [
        "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "Africa/Casablanca",
        "America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/St_Johns", "Europe/Dublin",
    ]
    static let usual = ["UTC", "Asia/Jakarta", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]

    /// Reads `/usr/share/zoneinfo`.
    package static func load(directory: String = "/usr/share/zoneinfo") throws -> Zones {
        let files = try ZoneFiles.load(directory: directory)
        let table = ZoneTable(
            version: files.version, zones: files.zones.compactMap { try? Zone(name: $0.key, tzif: $0.value) })
        return Zones(
            table: table, clocks: files.zones.compactMapValues { WallClock(tzif: $0) }, names: table.names)
    }

    func pick(_ dice: inout Dice) -> String {
        let roll = dice.below(10)
        let names = roll < 4 ? Zones.usual : roll < 8 ? Zones.odd : names
        return dice.pick(from: names) ?? "UTC"
    }

    /// Zones whose clocks change soon after an instant, of those that a history likes to begin before, and when.
    func changing(after instant: Instant) -> [(name: String, at: Instant)] {
        (Zones.odd + Zones.usual).compactMap { name in
            table[name]?.nextTransition(after: instant).map { (name, $0) }
        }.filter { $0.1 - instant < .days(8) }
    }

    /// Times of day that such a change skips or shows twice.
    func timesOfChanges(after instant: Instant) -> [LocalTime] {
        changing(after: instant).flatMap { name, at in
            let wall = clocks[name]?.wallSeconds(at: at - .seconds(1)) ?? 0
            return [1, 1_801, -1_799].map { LocalTime(secondOfDay: Int((wall + $0) % 86_400)) }
        }
    }

    /// An instant between 2024 and 2029, mostly some days before a change of some zone's clocks.
    func start(_ dice: inout Dice) -> Instant {
        let any = Instant(seconds: 1_704_067_200) + .seconds(Int64(dice.below(5 * 365 * 86_400)))
        guard dice.chance(70), let zone = table[dice.pick(from: Zones.odd + Zones.usual) ?? "UTC"],
            let change = zone.nextTransition(after: any), change - any < .days(366)
        else { return any }
        return change - dice.span(.zero, .days(6))
    }
}
