import DripCore
import DripEngine
import DripTesting
import Testing

@testable import DripSimulator

/// The simulated world itself: clocks, fates, files.
@Suite struct WorldTests {
    private static let ground = Result { try Ground() }
    private let start = Instant(seconds: 1_800_000_000)

    // MARK: Clocks

    @Test func aClockThatIsSetGoesOnFromThere() {
        var clock = SkewedClock(at: start)
        clock.step(by: .hours(-1), at: start + .hours(2))
        #expect(clock.shows(at: start + .hours(3)) == start + .hours(2))
        clock.step(by: .hours(3), at: start + .hours(3))
        #expect(clock.shows(at: start + .hours(3)) == start + .hours(5))
    }

    @Test(arguments: [0, 200, -200, 5_000, -5_000])
    func theInstantAtWhichItShowsSomethingIsTheFirst(rate: Int) {
        var clock = SkewedClock(at: start)
        clock.drift(rate, at: start + .seconds(7))
        for hours in [1, 2, 100, 1_000] as [Int64] {
            let wanted = start + .hours(hours) + .milliseconds(13)
            let instant = clock.instant(showing: wanted, from: start)
            #expect(clock.shows(at: instant) >= wanted)
            #expect(clock.shows(at: instant - .milliseconds(1)) < wanted)
        }
    }

    @Test func whatItShowsAlreadyIsNow() {
        let clock = SkewedClock(at: start)
        #expect(clock.instant(showing: start - .hours(1), from: start + .hours(1)) == start + .hours(1))
    }

    /// Two readers of zone files that share no line agree about every zone.
    @Test func wallsShowWhatZonesSay() throws {
        let zones = try Self.ground.get().zones
        var random = SplitMix64(seed: 1)
        var compared = 0
        for (name, clock) in zones.clocks {
            let zone = try #require(zones.table[name])
            for _ in 0..<20 {
                let instant = Instant(seconds: 1_704_067_200 + Int64(random.next() % (6 * 366 * 86_400)))
                guard let wall = clock.wallSeconds(at: instant) else { continue }
                compared += 1
                #expect(wall == zone.local(at: instant).wallSeconds, "\(name) at \(instant)")
            }
        }
        #expect(compared > 5_000)
    }

    /// Behind the file's list its last line holds; both readers of it say the same.
    @Test func wallsShowWhatZonesSayBehindTheList() throws {
        let zones = try Self.ground.get().zones
        var random = SplitMix64(seed: 2)
        for (name, clock) in zones.clocks {
            let zone = try #require(zones.table[name])
            for _ in 0..<20 {
                let instant = Instant(seconds: 2_145_916_800 + Int64(random.next() % (2 * 366 * 86_400)))
                #expect(clock.wallSeconds(at: instant) == zone.local(at: instant).wallSeconds, "\(name) at \(instant)")
            }
        }
    }

    struct Period: Sendable {
        var of: PolicyPlan.Cap.Calendar
        var zone: String
        var at: String
        var begins: String
    }

    /// Weeks begin on Mondays; a day whose midnight is skipped begins where the gap ends.
    static let periods = [
        Period(of: .day, zone: "Europe/Berlin", at: "2026-10-25T12:00:00Z", begins: "2026-10-24T22:00:00Z"),
        Period(of: .week, zone: "Europe/Berlin", at: "2026-10-26T12:00:00Z", begins: "2026-10-25T23:00:00Z"),
        Period(of: .week, zone: "Europe/Berlin", at: "2026-10-25T12:00:00Z", begins: "2026-10-18T22:00:00Z"),
        Period(of: .month, zone: "Europe/Berlin", at: "2026-10-31T22:59:59Z", begins: "2026-09-30T22:00:00Z"),
        Period(of: .month, zone: "Europe/Berlin", at: "2026-10-31T23:00:00Z", begins: "2026-10-31T23:00:00Z"),
        Period(of: .day, zone: "Africa/Cairo", at: "2027-04-30T12:00:00Z", begins: "2027-04-29T22:00:00Z"),
    ]

    @Test(arguments: periods)
    func wallsKnowWhenPeriodsBegin(period: Period) throws {
        let clock = try #require(try Self.ground.get().zones.clocks[period.zone])
        #expect(clock.begin(of: period.of, around: try #require(Instant(period.at))) == Instant(period.begins))
    }

    @Test(arguments: [
        ("2026-12-24T20:59:59Z", true), ("2026-12-24T21:00:00Z", false), ("2026-12-25T10:00:00Z", false),
        ("2026-12-28T07:59:59Z", false), ("2026-12-28T08:00:00Z", true), ("2026-12-26T10:00:00Z", false),
    ])
    func wallsKnowWindowsHolidaysAndQuietHours(text: String, isOpen: Bool) throws {
        var policy = Doctored().folder.policy
        policy.quietHours = .init(opens: LocalTime(secondOfDay: 21 * 3_600), closes: LocalTime(secondOfDay: 7 * 3_600))
        policy.holidays = [Holidays.Entry(.yearly(month: 12, day: 25))]
        let window = CampaignPlan.Window(
            days: Array(Weekday.allCases.prefix(5)),
            hours: .init(opens: LocalTime(secondOfDay: 8 * 3_600), closes: LocalTime(secondOfDay: 22 * 3_600)),
            keepsHolidays: true)
        let clock = try #require(try Self.ground.get().zones.clocks["UTC"])
        #expect(clock.isOpen(window, policy, at: try #require(Instant(text))) == isOpen)
    }

    // MARK: Fates

    @Test func aFateIsItsOwnNames() {
        let fate = Fate(seed: 1, "k0 in c/one#1")
        #expect(fate.below(1_000_000, "latency") == Fate(seed: 1, "k0 in c/one#1").below(1_000_000, "latency"))
        #expect(fate.below(1_000_000, "latency") != fate.below(1_000_000, "outcome"))
        #expect(fate.below(1_000_000, "latency") != Fate(seed: 1, "k0 in c/one#2").below(1_000_000, "latency"))
        #expect(fate.below(1_000_000, "latency") != Fate(seed: 2, "k0 in c/one#1").below(1_000_000, "latency"))
    }

    // MARK: Faults and what comes of them

    /// One lead that is due two hours after the import, and what happens in between.
    private func history(_ actions: [(TimeSpan, Action.Kind)]) throws -> [String] {
        var folder = Doctored().folder
        folder.policy.caps = []
        folder.campaigns["c"]?.window = nil
        let begin = Doctored.nine - .hours(2)
        let scenario = Scenario(
            seed: 1, startsAt: begin, transports: TransportPlan.pair(email: 1, http: 1), folders: [folder],
            leads: [LeadPlan(key: "k0", email: "k0@example.com")],
            actions: [Action(at: begin, kind: .importLeads([0], campaign: "c"))]
                + actions.map { Action(at: begin + $0.0, kind: $0.1) }, temper: .calm, isPlain: false,
            faultsEndAt: begin + .days(4))
        let verdict = try Simulation.run(scenario, on: try Self.ground.get(), isVerbose: true)
        #expect(verdict.violations == [])
        return verdict.history
    }

    private func count(_ word: String, _ history: [String]) -> Int { history.count { $0.contains(word) } }

    @Test func aKillLeavesTheStateAndNoCopy() throws {
        let history = try history([(.hours(1), .crash(.idle, downtime: .minutes(1)))])
        #expect(count(" booted", history) == 2 && count("received", history) == 2)
        #expect(count("status running", history) == 1)
    }

    @Test(arguments: [true, false])
    func aMarkThatIsOnDiskWhenItDiesIsInDoubt(isDurable: Bool) throws {
        // The next commit from 08:59 on is the one that marks.
        let crash = Action.Kind.crash(.commit(0, durable: isDurable), downtime: .minutes(1))
        let history = try history([(.minutes(119), crash)])
        #expect(count("one inDoubt(unknownOutcome)", history) == (isDurable ? 1 : 0))
        #expect(count("received", history) == (isDurable ? 1 : 2))
    }

    @Test func aRestoredBackupSendsNothingUntilItIsConfirmed() throws {
        let history = try history([(.hours(1), .backup), (.hours(30), .restore(downtime: .minutes(1)))])
        let restored = try #require(history.firstIndex { $0.contains("restored from a backup") })
        let confirmed = try #require(history.firstIndex { $0.contains("recovery confirmed") })
        let marks = history.indices.filter { history[$0].contains("marked") }
        #expect(marks.contains { $0 < restored } && marks.contains { $0 > confirmed })
        #expect(!marks.contains { $0 > restored && $0 < confirmed })
    }

    @Test(arguments: StoreFault.Kind.allCases, StoreFault.Place.allCases)
    func aDiskThatFailsLosesNothing(kind: StoreFault.Kind, place: StoreFault.Place) throws {
        let fault = StoreFault(kind: kind, place: kind == .io || place != .after ? place : .during, lasts: .minutes(10))
        let history = try history([(.minutes(119), .storeFault(fault))])
        #expect(count("received", history) >= 1)
        #expect(history.contains { $0.contains("k0 in c completed") })
    }
}
