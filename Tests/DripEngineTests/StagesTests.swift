import DripCore
import DripEngine
import DripStore
import Testing

/// Stages in the engine; the rules have tables of their own, and a story in `Recipes/ours-stages`.
@Suite struct StagesTests {
    private let budi = "budi@example.com"

    private func files(_ scoring: String? = nil, head: String = "") -> [String: String] {
        var files = Folder.with(
            steps: ["id: hello, after: 1h, email: m.md", "id: later, after: 900h, email: m.md"],
            head:
                "enroll: { when: { stage: mql }, again: after_exit }\nexit: { if: { stage: [lead, recycled, customer] } }"
        )
        files["scoring.yaml"] =
            scoring
                ?? """
                engagement: [ { on: ebook_downloaded, points: 40 }, { on: demo_booked, points: 0 } ]
                half_life: 10d
                stages:
                  mql: { if: { score: { at_least: 80 } }, until: { score: { less_than: 50 } } }
                  sql: { on: demo_booked }
                """
        return files
    }

    private func stage(_ world: World, _ stage: Stage, of key: String) throws -> StageAnswer {
        let request = StageRequest(lead: key, stage: stage, because: "asked by phone")
        guard case .staged(let answer) = try world.command(.stage(request)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    private func moves(_ world: World, _ key: String) throws -> [String] {
        try world.lead(key).timeline.filter { $0.what == "stageMoved" }.reversed().map(\.detail)
    }

    @Test func aStageBeginsAndEndsCampaignsAndOutlivesACrash() throws {
        let world = try World(files: files())
        try world.importLeads([[budi]], into: nil)
        _ = try world.event("ebook_downloaded", of: budi)
        let second = try world.event("ebook_downloaded", of: budi)
        #expect(second.enrolledIn.map(\.rawValue) == ["c"])
        try world.crash()
        let standing = try #require(try world.lead(budi).standing)
        #expect(standing.stage == .mql && standing.score == 80 && standing.lines[0].parts.count == 2)
        world.run(for: .hours(2))
        #expect(world.sends.map(\.step.id.rawValue) == ["hello"])
        // 80 × 2^(−7/10) is 49.2: at the seventh midnight it is a lead again, and its campaign ends. Nobody asked.
        world.run(until: try #require(Instant("2026-11-08T23:59:59Z")))
        #expect(try world.lead(budi).standing?.stage == .mql)
        world.run(until: try #require(Instant("2026-11-09T00:00:00Z")))
        #expect(try world.lead(budi).standing?.stage == .lead)
        #expect(try world.lead(budi).enrollments.map(\.status) == ["exited"])
        #expect(
            try moves(world, budi) == ["lead → mql: score at_least 80", "mql → lead: score less_than 50"])
        #expect(try world.audit() == [])
    }

    @Test func aPersonPutsALeadAtAStageOnce() throws {
        let world = try World(files: files())
        try world.importLeads([[budi]], into: nil)
        let answer = try stage(world, .mql, of: budi)
        #expect(answer.was == .lead && answer.stage == .mql && answer.enrolledIn.map(\.rawValue) == ["c"])
        let again = try stage(world, .mql, of: budi)
        #expect(again.was == .mql && again.enrolledIn.isEmpty)
        let without = try World(files: Folder.nurture)
        try without.importLeads([[budi]], into: nil)
        #expect(throws: ControlError.self) { try stage(without, .mql, of: budi) }
        // Its score was never up, so it does not sink.
        world.run(for: .days(30))
        #expect(try stage(world, .recycled, of: budi).exitedFrom.map(\.rawValue) == ["c"])
        #expect(
            try moves(world, budi) == [
                "lead → mql: asked by phone", "mql → mql: asked by phone", "mql → recycled: asked by phone",
            ])
        let refused = StageRequest(lead: budi, stage: .sql, because: " \u{7}")
        #expect(throws: ControlError.self) { try world.command(.stage(refused)) }
        #expect(throws: ControlError.self) { try stage(world, .sql, of: "nobody@example.com") }
    }

    /// A crowd that sinks at one midnight is looked at in pages, and nobody is forgotten.
    @Test func aCrowdSinksAtOneMidnight() throws {
        let world = try World(files: files())
        let keys = (0..<1_203).map { "lead\($0)@example.com" }
        for keys in [keys[..<700], keys[700...]] { try world.importLeads(keys.map { [$0] }, into: nil) }
        for key in keys { for _ in 0..<2 { _ = try world.event("ebook_downloaded", of: key) } }
        world.run(until: try #require(Instant("2026-11-09T00:00:00Z")))
        for key in keys { #expect(try world.lead(key).standing?.stage == .lead, "\(key)") }
        #expect(try world.failing.read { try $0.nextLookAt() } == nil)
    }

    @Test func aChangedScoringMovesNobodyByItself() throws {
        let world = try World(files: files())
        try world.importLeads([[budi]], into: nil)
        _ = try world.event("ebook_downloaded", of: budi)
        #expect(try !world.lead(budi).timelineHasMore)
        world.files["scoring.yaml"] = files()["scoring.yaml"]?.replacing("at_least: 80", with: "at_least: 30")
            .replacing("less_than: 50", with: "less_than: 20")
        let report = try world.reload()
        #expect(report.diagnostics.isEmpty && report.changed.isEmpty && report.changedFiles == ["scoring.yaml"])
        #expect(try world.reload().changedFiles.isEmpty)
        world.run(for: .hours(20))
        #expect(try world.lead(budi).standing?.stage == .lead)
        try world.importLeads([[budi, "Jakarta"]], columns: ["email", "city"], into: nil)
        #expect(try world.lead(budi).standing?.stage == .mql)
    }

    @Test func aBrokenScoringRunsOnAsItWas() throws {
        let world = try World(files: files())
        try world.importLeads([[budi]], into: nil)
        for broken in ["stages: nonsense\n", nil] {
            world.files["scoring.yaml"] = broken
            let report = try world.reload()
            #expect(report.diagnostics.contains { $0.severity == .error } && report.changedFiles.isEmpty)
            try world.crash()
        }
        _ = try world.event("ebook_downloaded", of: budi)
        #expect(try world.event("ebook_downloaded", of: budi).enrolledIn.map(\.rawValue) == ["c"])
        // One that never was sound leaves whoever asks for stages without a version that runs.
        let other = try World(files: files("stages: nonsense\n"))
        #expect(throws: ControlError.self) { try other.importLeads([[budi]], into: "c") }
    }

    @Test func whatMergesStandsAtTheHigherStageAndWhatIsErasedAtNone() throws {
        let world = try World(files: files())
        try world.importLeads(
            [["crm-1", budi], ["crm-2", "b@example.com"]], columns: ["key", "email"], into: nil)
        _ = try stage(world, .sql, of: "crm-2")
        _ = try world.command(.merge(MergeRequest(from: "crm-2", into: "crm-1")))
        #expect(try world.lead("crm-1").standing?.stage == .sql)
        #expect(try moves(world, "crm-1") == ["lead → sql: asked by phone", "lead → sql: that of crm-2"])
        _ = try stage(world, .mql, of: "crm-1")
        for _ in 0..<9 { _ = try world.event("ebook_downloaded", of: "crm-1") }
        #expect(try world.failing.read { try $0.nextLookAt() } != nil)
        _ = try world.command(.erase(EraseRequest(lead: "crm-1")))
        #expect(try world.failing.read { try $0.nextLookAt() } == nil)
        world.run(for: .days(60))
        #expect(try world.audit() == [])
    }

    @Test func pointsOfAStepAreGivenOnce() throws {
        var files = files()
        files["c/campaign.yaml"] =
            "name: C\nsteps: [ { id: up, after: 1h, score: 90 }, { id: m, after: 2h, email: m.md } ]\n"
        let world = try World(files: files)
        try world.importLeads([[budi]], into: "c")
        world.run(for: .hours(3))
        try world.crash()
        world.run(for: .hours(3))
        let standing = try #require(try world.lead(budi).standing)
        #expect(standing.score == 90 && standing.stage == .mql && standing.lines.map(\.rule) == ["steps of campaigns"])
        #expect(standing.lines[0].parts.map { "\($0.campaign?.rawValue ?? "")/\($0.step?.rawValue ?? "")" } == ["c/up"])
    }

    /// An event that moves a lead and ends a campaign is seen by both, whichever asks for the other.
    @Test func anEndingSeesTheStageThatItsEventBrings() throws {
        var files = files()
        files["c/campaign.yaml"] =
            "name: C\ngoal: { on: demo_booked, if: { stage: sql } }\nsteps: [ { id: m, after: 9d, email: m.md } ]\n"
        let world = try World(files: files)
        try world.importLeads([[budi]], into: "c")
        #expect(try world.event("demo_booked", of: budi).exitedFrom.map(\.rawValue) == ["c"])
        #expect(try world.lead(budi).timeline.contains { $0.reason == .goalReached })
    }

    /// Two who become one may have the points together that neither had.
    @Test func whatTwoHaveTogetherMovesThem() throws {
        let world = try World(files: files())
        try world.importLeads([["crm-1", budi], ["crm-2", "b@example.com"]], columns: ["key", "email"], into: nil)
        _ = try world.event("ebook_downloaded", of: "crm-1")
        world.run(for: .minutes(1))
        _ = try world.event("ebook_downloaded", of: "crm-2")
        _ = try world.command(.merge(MergeRequest(from: "crm-2", into: "crm-1")))
        #expect(try world.lead("crm-1").standing?.stage == .mql)
        #expect(try world.lead("crm-1").enrollments.map(\.status) == ["active"])
    }

    /// An edit of the policy that the scoring does not fit, and of both at once with a mistake in one.
    @Test func aScoringThatDoesNotFitThePolicyNeverLeavesEverybodyWithoutPoints() throws {
        let good = files()
        for edit in [
            ("policy.yaml", "  demo_booked: They booked a demo.\n", ""), ("scoring.yaml", "demo_booked", "demo_boked"),
        ] {
            let world = try World(files: good)
            try world.importLeads([[budi]], into: nil)
            _ = try world.event("ebook_downloaded", of: budi)
            world.files[edit.0] = good[edit.0]?.replacing(edit.1, with: edit.2)
            #expect(try world.reload().diagnostics.contains { $0.severity == .error }, "\(edit)")
            #expect(try world.lead(budi).standing?.score == 40, "\(edit)")
            try world.crash()
            #expect(try world.event("ebook_downloaded", of: budi).enrolledIn.map(\.rawValue) == ["c"], "\(edit)")
        }
        // A policy with a mistake goes back, and the scoring that was written for it with it.
        let world = try World(files: good)
        try world.importLeads([[budi]], into: nil)
        world.files["policy.yaml"] = (good["policy.yaml"] ?? "") + "  trial_begun: It began.\ncaps: nonsense\n"
        world.files["scoring.yaml"] = good["scoring.yaml"]?.replacing(
            "on: demo_booked, points", with: "on: trial_begun, points")
        let said = try world.reload().diagnostics.map(\.description)
        #expect(said.contains { $0.contains("scoring.yaml") && $0.contains("held back") }, "\(said)")
        _ = try world.event("ebook_downloaded", of: budi)
        #expect(try world.lead(budi).standing?.score == 40)
    }

    /// A clock that is wrong for a moment moves nobody.
    @Test func aLeapOfTheClockSinksNobody() throws {
        let world = try World(files: files())
        try world.importLeads([[budi]], into: nil)
        for _ in 0..<2 { _ = try world.event("ebook_downloaded", of: budi) }
        world.run(for: .hours(2))
        let before = world.now
        world.sleep(until: before + .days(60))
        world.ring()
        #expect(try world.lead(budi).timeline.count { $0.what == "stageMoved" } == 1)
        world.setBack(to: before + .minutes(1))
        world.ring()
        #expect(try world.lead(budi).timeline.count { $0.what == "stageMoved" } == 1)
        // One that goes on from there is believed after an hour.
        world.sleep(until: before + .days(60))
        world.run(for: .hours(2))
        #expect(try world.lead(budi).standing?.stage == .lead)
    }
}
