import DripCore
import Testing

@testable import DripSimulator

/// The judge of digests must be able to speak.
@Suite struct DigestCheckerTests {
    private static let ground = Result { try Ground() }
    /// On Mondays at 08:00 in Jakarta, which is 01:00 UTC; since Friday, 30 October 2026.
    private static let plan = DigestPlan(
        recipients: ["ani@rumpun.example"], day: .monday, at: LocalTime(secondOfDay: 8 * 3_600))
    private static let born = Instant("2026-10-30T00:00:00Z") ?? .epoch
    private static let due = Instant("2026-11-09T01:00:00Z") ?? .epoch

    private static func live(_ plan: DigestPlan?) -> Fact.What {
        var folder = Doctored().folder
        (folder.policy.zone, folder.policy.digest) = ("Asia/Jakarta", plan)
        return .live(folder)
    }

    private static func sight(_ week: String = "2026-11-02", _ name: String = "<a>") -> DigestSight {
        DigestSight(recipient: "ani@rumpun.example", week: week, messageID: name)
    }

    /// Each fact so long after the digest of 2 November was due.
    private func complaints(_ facts: [(TimeSpan, Fact.What)], faultsEndAt: Instant = .distantFuture) throws -> [String]
    {
        var checker = DigestChecker(
            clocks: try Self.ground.get().zones.clocks, transports: TransportPlan.pair(email: 1, http: 1),
            faultsEndAt: faultsEndAt)
        var complaints: [String] = []
        for (at, what) in [(Self.born - Self.due, Self.live(Self.plan))] + facts {
            complaints += checker.hear(Fact(step: 1, at: Self.due + at, shown: Self.due + at, what: what))
        }
        return complaints
    }

    private static let accepted: [Fact.What] = [
        .digestAnswered("ani@rumpun.example", week: "2026-11-02", .accepted, isFault: false),
        .digestRecorded("ani@rumpun.example", week: "2026-11-02"),
    ]

    @Test func whatGoesInTimeAndOnceIsWell() throws {
        #expect(
            try complaints([
                (.zero, .digest(Self.sight(), isTaken: false)),
                (.hours(1), .digestAnswered("ani@rumpun.example", week: "2026-11-02", .unknown, isFault: false)),
                (.hours(1), .digestRecorded("ani@rumpun.example", week: "2026-11-02")),
                (.hours(2), .digest(Self.sight(), isTaken: true)), (.hours(2), Self.accepted[0]),
                (.hours(2), Self.accepted[1]), (.hours(3), .restored), (.hours(4), .confirmed),
                (.hours(4), .digest(Self.sight(), isTaken: true)),
                (.days(7), .digest(Self.sight("2026-11-09", "<b>"), isTaken: true)),
            ]) == [])
    }

    @Test(
        arguments: [
            // Too early, too late, of no week that ends on a Monday, of before, to nobody.
            [(.minutes(-1), .digest(sight(), isTaken: true))],
            [(.hours(49), .digest(sight(), isTaken: true))],
            [(.zero, .digest(sight("2026-11-03"), isTaken: true))],
            [(.zero, live(nil)), (.zero, .digest(sight(), isTaken: true))],
            // Again, under another name, under another one's, through a pause, out of a copy.
            [(.zero, .digest(sight(), isTaken: true))] + accepted.map { (.zero, $0) }
                + [(.hours(1), .digest(sight(), isTaken: true))],
            [
                (.zero, .digest(sight(), isTaken: false)),
                (.hours(1), .digest(sight("2026-11-02", "<b>"), isTaken: true)),
            ],
            [(.zero, .digest(sight(), isTaken: true)), (.days(7), .digest(sight("2026-11-09", "<a>"), isTaken: true))],
            [(.zero, .paused(.everything)), (.zero, .digest(sight(), isTaken: true))],
            [(.zero, .restored), (.zero, .digest(sight(), isTaken: true))],
        ] as [[(TimeSpan, Fact.What)]]) func whatIsNotSoIsFound(facts: [(TimeSpan, Fact.What)]) throws
    {
        #expect(try complaints(facts).count == 1)
    }

    @Test func whatWasDueBeforeAnybodyWasToGetItIsFound() throws {
        var checker = DigestChecker(
            clocks: try Self.ground.get().zones.clocks, transports: [], faultsEndAt: .distantFuture)
        let late = Self.due + .hours(1)
        _ = checker.hear(Fact(step: 1, at: late, shown: late, what: Self.live(Self.plan)))
        #expect(
            checker.hear(Fact(step: 2, at: late, shown: late, what: .digest(Self.sight(), isTaken: true))).count == 1)
    }

    /// Faults ended ten days before the week's is due.
    @Test func whatNeverGoesInTheEndIsFound() throws {
        let calm = Self.due - .days(10)
        let end = (TimeSpan.days(1), Self.live(nil))
        let early = (TimeSpan.days(-6), Fact.What.interrupted)
        #expect(try complaints([early, end], faultsEndAt: calm).count == 1)
        #expect(
            try complaints([early, (.hours(1), .digest(Self.sight(), isTaken: true)), end], faultsEndAt: calm).count
                == 1)
        #expect(try complaints([early, (.zero, .digest(Self.sight(), isTaken: true)), end], faultsEndAt: calm) == [])
    }
}
