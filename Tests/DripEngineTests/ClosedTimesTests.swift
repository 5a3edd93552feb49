import DripCampaigns
import DripCore
import DripEngine
import Foundation
import Testing

@Suite struct ClosedTimesTests {
    private static let holidays = """
        quiet_hours: "21:00-07:00"
        holidays: { indonesia: [ 2026-11-04, { from: 2026-11-09, to: 2026-11-10, name: Cuti bersama } ] }
        """

    @Test func noSendStartsOnAHolidayOrInQuietHours() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, after: 0s, email: m.md", "id: two, day: 3, at: \"09:00\", email: m.md",
                    "id: three, anchor: previous, after: 72h, email: m.md",
                    "id: four, anchor: previous, day: 1, at: \"20:30\", email: m.md",
                ],
                head: "send_window: { days: mon-fri, holidays: indonesia }", policy: Self.holidays))
        // Monday 22:30 in Jakarta: quiet until 07:00.
        world.sleep(until: World.monday + .minutes(13 * 60 + 30))
        try world.importLeads([["budi@example.com"]], into: "c")
        let waiting = try #require(try world.explain("budi@example.com").enrollments.first)
        #expect(waiting.outlook == "one goes at Tue 2026-11-03 07:00 Asia/Jakarta, if nothing changes until then")
        #expect(waiting.steps[0].reason == .quietHours)
        let quiet = try #require(waiting.gatesNow.first { $0.gate == "quietHours" })
        #expect(quiet.verdict == "defer" && quiet.until == Instant("2026-11-03T00:00:00Z"))
        world.run(until: try #require(Instant("2026-11-08T00:00:00Z")))
        let three = try #require(try world.explain("budi@example.com").enrollments.first?.steps[2])
        #expect(three.state == "waiting" && three.reason == nil)
        world.run(for: .days(20))
        #expect(
            world.sentSteps == [
                "one @ 2026-11-03T00:00:00.000Z",
                // Wednesday is a holiday: the next day at the same time.
                "two @ 2026-11-05T02:00:00.000Z",
                // Planned for Sunday 09:00; Monday and Tuesday are holidays too, and Wednesday is quiet until 07:00.
                "three @ 2026-11-11T00:00:00.000Z",
                // Counted from the end of the third: that evening, before it is quiet.
                "four @ 2026-11-11T13:30:00.000Z",
            ])
        #expect(try world.status().campaigns.first?.deferred == ["quietHours": 1, "outsideWindow": 1])
    }

    @Test func aHolidayThatAPolicyBringsHoldsWhatIsDue() throws {
        let steps = ["id: one, day: 3, at: \"09:00\", email: m.md"]
        let head = "send_window: { days: mon-fri, hours: \"08:00-17:00\", holidays: indonesia }"
        let world = try World(
            files: Folder.with(steps: steps, head: head, policy: "holidays: { indonesia: [ 2026-12-25 ] }"))
        try world.importLeads([["budi@example.com"]], into: "c")
        world.files = Folder.with(steps: steps, head: head, policy: Self.holidays)
        try world.reload()
        world.run(for: .days(3))
        // Planned anew when it was claimed: the next open day at its `at`.
        #expect(world.sentSteps == ["one @ 2026-11-05T02:00:00.000Z"])
    }

    /// Waiting for a holiday burns neither account: a step with no patience at all still goes.
    @Test func waitingForAHolidayBurnsNothing() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 2d, email: m.md, defer_max: 0s, late_max: 0s"],
                head: "send_window: { holidays: indonesia }", policy: Self.holidays))
        try world.importLeads([["budi@example.com"]], into: "c")
        world.run(until: try #require(Instant("2026-11-04T03:00:00Z")))
        let view = try #require(try world.explain("budi@example.com").enrollments.first)
        #expect(view.steps[0].reason == .holiday)
        #expect(view.steps[0].detail == "2026-11-04 is a holiday in Asia/Jakarta; opens Thu 2026-11-05 07:00")
        #expect(try world.status().campaigns.first?.deferred == ["holiday": 1])
        world.run(for: .days(2))
        #expect(world.sentSteps == ["one @ 2026-11-05T00:00:00.000Z"])
    }

    @Test func aSpreadDrawsLeadsApartAndIsTheSameInExplain() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: one, day: 2, at: \"16:50\", email: m.md",
                    "id: two, day: 3, at: \"09:00\", spread: 0s, email: m.md",
                ],
                head: "spread: 30m\nsend_window: { hours: \"08:00-17:00\" }"))
        try world.importLeads((1...40).map { ["lead\($0)@example.com"] }, into: "c")
        let planned = try (1...40).map { number in
            try #require(try world.explain("lead\(number)@example.com").enrollments.first?.steps[0].plannedAt)
        }
        world.run(for: .days(5))
        let first = world.sends.filter { $0.step.id.rawValue == "one" }
        let (opens, closes) = (Instant("2026-11-03T09:50:00Z"), Instant("2026-11-03T10:00:00Z"))
        #expect(first.allSatisfy { $0.markedAt >= opens ?? .epoch && $0.markedAt < closes ?? .epoch })
        #expect(Set(planned).count > 30 && first.map(\.markedAt).sorted() == planned.sorted())
        let second = world.sends.filter { $0.step.id.rawValue == "two" }.map(\.markedAt)
        #expect(Set(second) == [try #require(Instant("2026-11-04T02:00:00Z"))] && second.count == 40)
    }

    /// The sample campaign behind Lebaran of 2026 (18 to 24 March), as `scripts/support/calendar_oracle.py` works it out.
    @Test(
        arguments: [
            // Enrolled on Monday at 10:00: three steps come together on the 25th, and a cap puts the last one off.
            (
                "2026-03-16T03:00:00Z",
                ["2026-03-16T03:00:00Z", "2026-03-25T02:00:00Z", "2026-03-25T03:00:00Z", "2026-03-26T02:00:00Z"]
            ),
            // On Tuesday evening: three again, and what the cap put off keeps the next one at its distance.
            (
                "2026-03-17T11:00:00Z",
                ["2026-03-25T01:00:00Z", "2026-03-25T02:00:00Z", "2026-03-26T01:00:00Z", "2026-03-27T01:00:00Z"]
            ),
            // On Wednesday, a holiday already: the last step is far enough to keep its own time.
            (
                "2026-03-18T11:00:00Z",
                ["2026-03-25T01:00:00Z", "2026-03-25T02:00:00Z", "2026-03-26T01:00:00Z", "2026-03-27T02:00:00Z"]
            ),
        ])
    func theSampleBehindARowOfHolidays(enrolled: String, expected: [String]) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let tree = try FileTree.read(directory: root.appending(path: "campaigns").path)
        let world = try World(
            files: tree.files.mapValues { String(decoding: $0, as: UTF8.self) }, now: #require(Instant(enrolled)))
        try world.importLeads([["budi@example.com"]], into: "ebook-nurture")
        world.run(for: .days(20))
        #expect(world.sends.map(\.step.id.rawValue) == ["welcome", "case-study", "webinar", "demo-offer"])
        #expect(world.sends.map(\.markedAt) == expected.compactMap { Instant($0) })
    }
}
