import DripCore
import DripEngine
import Testing

/// What sales promised, in `dripd owners`, in reports and in digests: the same numbers everywhere.
@Suite struct OwnerBooksTests {
    private static let scoring = """
        stages: { mql: { on: demo_booked }, sql: { on: sales_accepted } }
        handoff:
          accept_within: 2h
          follow_up_within: 4h
          owners:
            - { name: Rini, email: rini@rumpun.example, days: mon-fri, hours: "08:00-16:00" }
            - { name: Budi, email: budi@rumpun.example, days: mon-fri, hours: "08:00-16:00" }
        """

    private struct Unexpected: Error {}

    private func world() throws -> World {
        var files = Folder.with(
            steps: ["id: give, handoff: next", "id: last, after: 300d, email: m.md"],
            head: "enroll: { on: demo_booked }")
        files["scoring.yaml"] = Self.scoring
        let world = try World(files: files)
        try world.importLeads(
            (1...4).map { ["siti\($0)", "siti\($0)@example.com"] }, columns: ["key", "email"], into: nil)
        return world
    }

    private func owners(_ world: World) throws -> [OwnerView] {
        guard case .owners(let owners) = try world.command(.owners) else { throw Unexpected() }
        return owners
    }

    private func report(_ world: World, from: String? = nil, to: String? = nil, campaign: String? = nil) throws
        -> Report
    {
        let request = ReportRequest(
            from: from.flatMap { Month($0) }, to: to.flatMap { Month($0) },
            campaign: campaign.map { CampaignID(rawValue: $0) })
        guard case .reported(let report) = try world.command(.report(request)) else { throw Unexpected() }
        return report
    }

    private func at(_ text: String, _ world: World) throws { world.run(until: try #require(Instant(text))) }

    private func overdue(_ world: World) throws -> [Int] {
        try owners(world).flatMap(\.months).flatMap { [$0.overdue, $0.followUpsOverdue] }
    }

    /// Given on Monday at 09:00 in Jakarta, to be accepted by 11:00; accepted at 12:00, to be followed up by 16:00.
    @Test func whatIsOverdueIsSaidUntilItIsAnswered() throws {
        let world = try world()
        for key in ["siti1", "siti2"] { _ = try world.event("demo_booked", of: key) }
        try at("2026-11-02T04:00:00Z", world)
        #expect(try overdue(world) == [0, 0, 0, 0])
        try at("2026-11-02T04:00:01Z", world)
        #expect(try overdue(world) == [1, 0, 1, 0])
        try world.crash()
        #expect(try overdue(world) == [1, 0, 1, 0])
        try at("2026-11-02T05:00:00Z", world)
        _ = try world.event("sales_accepted", of: "siti1")
        #expect(try overdue(world) == [0, 0, 1, 0])
        try at("2026-11-03T02:00:00Z", world)
        #expect(try overdue(world) == [0, 1, 1, 0])
        _ = try world.event("followed_up", of: "siti1")
        _ = try world.command(.erase(EraseRequest(lead: "siti2")))
        #expect(try overdue(world) == [0, 0, 0, 0])
        #expect(try world.audit() == [])
    }

    @Test func aReportSaysWhatOwnersSay() throws {
        let world = try world()
        for key in ["siti1", "siti2", "siti3"] { _ = try world.event("demo_booked", of: key) }
        try at("2026-11-02T03:00:00Z", world)
        _ = try world.event("sales_accepted", of: "siti1")
        // It is the first of December in Jakarta, and the last of November by UTC.
        try at("2026-11-30T18:00:00Z", world)
        _ = try world.event("demo_booked", of: "siti4")
        try at("2026-12-02T18:00:00Z", world)
        let all = try report(world).owners
        #expect(all == OwnerLine.lines(of: try owners(world).flatMap(\.months)))
        #expect(
            all.map { "\($0.name) \($0.given) \($0.overdue) \($0.followUpsOverdue) \($0.kept.percent)" } == [
                "Budi 2 2 0 0.0%", "Rini 2 1 1 50.0%",
            ])
        let december = try report(world, from: "2026-12").owners
        #expect(december.map { "\($0.name) \($0.given) \($0.overdue)" } == ["Budi 1 1"])
        let november = try report(world, from: "2026-11", to: "2026-11").owners
        #expect(november.map { "\($0.name) \($0.given) \($0.overdue)" } == ["Budi 1 1", "Rini 2 1"])
        #expect(try report(world, to: "2026-10").owners.isEmpty && report(world, campaign: "c").owners.isEmpty)
        let campaign = try #require(try report(world, campaign: "c").lines.first)
        #expect(campaign.funnel?.leads == 4 && campaign.runs == 4 && campaign.goals == nil, "it has no goal")
    }

    @Test func aDigestPutsWhoeverIsLateFirst() throws {
        let world = try world()
        for key in ["siti1", "siti2", "siti3"] { _ = try world.event("demo_booked", of: key) }
        try at("2026-11-02T03:00:00Z", world)
        for key in ["siti1", "siti3"] { _ = try world.event("sales_accepted", of: key) }
        for key in ["siti1", "siti3"] { _ = try world.event("followed_up", of: key) }
        try at("2026-11-10T02:00:00Z", world)
        _ = try world.event("demo_booked", of: "siti4")
        try at("2026-11-16T02:00:00Z", world)
        let digest = try world.engine.digest(
            of: DigestPeriod(first: try #require(LocalDate("2026-11-09"))), now: world.now)
        #expect(
            digest.owners.map {
                "\($0.name) \($0.overdue) \($0.week.given) \($0.before.given) \($0.before.kept.percent)"
            }
                == ["Budi 2 1 1 0.0%", "Rini 0 0 2 100.0%"])
        guard case .digest(let same) = try world.command(.digest) else { throw Unexpected() }
        #expect(same == digest)
    }
}
