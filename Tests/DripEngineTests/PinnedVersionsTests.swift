import DripCore
import DripEngine
import DripMessages
import DripStore
import Testing

/// `version: pinned`: whoever is under way goes on by the version by which they entered, whatever is edited.
@Suite struct PinnedVersionsTests {
    private static let id = CampaignID(rawValue: "c")
    private static let pinned = "version: pinned"
    private static let first = [
        "id: a, after: 1h, email: m.md", "id: b, day: 3, email: m.md", "id: d, day: 5, email: m.md",
    ]
    private static let second = [
        "id: a, after: 2h, email: m.md", "id: e, day: 4, email: m.md", "id: b, day: 9, email: m.md",
    ]

    private static func folder(
        _ steps: [String] = first, head: String = pinned, body: String, policy: String = ""
    ) -> [String: String] {
        Folder.with(steps: steps, head: head, policy: policy, body: body)
    }

    private func world(head: String = pinned, body: String = "One.") throws -> World {
        let world = try World(files: Self.folder(head: head, body: body))
        try world.importLeads([["old@example.com"]], into: "c")
        world.run(for: .hours(4))
        return world
    }

    private func enrol(_ name: String, in world: World) throws {
        try world.importLeads([["\(name)@example.com"]], into: "c")
    }

    /// `a One.` of everything that a lead got.
    private func got(_ name: String, in world: World) throws -> [String] {
        try world.sends.filter { $0.lead.key == "\(name)@example.com" }.map { order in
            let message = try #require(order.compiled.message)
            let context = order.compiled.context(lead: order.lead, campaign: order.campaign, step: order.step.id)
            let text = String(decoding: try message.render(context).text, as: UTF8.self)
            return "\(order.step.id) \(text.prefix { $0 != "\n" })"
        }
    }

    private func earlier(_ world: World) throws -> [String] {
        try world.applied().filter { $0.contains("@") && $0.hasSuffix("campaign.yaml") }
    }

    private func pinning(_ world: World) throws -> (version: String?, earlier: [Int]) {
        let status = try #require(try world.status().campaigns.first { $0.id == Self.id })
        return (status.version, (status.earlier ?? [:]).values.sorted())
    }

    @Test(arguments: [false, true]) func whoIsUnderWayGoesOnAsTheyBegan(isRestarted: Bool) throws {
        let world = try world()
        let before = try #require(try pinning(world).version)
        world.files = Self.folder(Self.second, body: "Two.")
        let report = try world.reload()
        #expect(report.changed == [Self.id] && report.held.isEmpty && report.diagnostics.isEmpty)
        if isRestarted { try world.crash() }
        try enrol("new", in: world)
        #expect(try pinning(world).earlier == [1])
        #expect(try earlier(world) == ["c@\(before)/campaign.yaml"])
        #expect(try world.explain("old@example.com").enrollments.first?.version == before)
        #expect(try world.explain("new@example.com").enrollments.first?.version == nil)
        #expect(try world.lead("old@example.com").enrollments.first?.version == before)
        guard case .planned(let plan) = try world.command(.plan(lead: "old@example.com", campaign: Self.id)) else {
            Issue.record("no plan")
            return
        }
        #expect(plan.steps.map(\.step.rawValue) == ["b", "d"] && plan.version == before)
        world.run(for: .days(3))
        if isRestarted { try world.crash() }
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("new", in: world) == ["a Two.", "e Two.", "b Two."])
        #expect(
            world.sends.filter { $0.lead.key == "old@example.com" }.map(\.markedAt.description) == [
                "2026-11-02T03:00:00.000Z", "2026-11-03T17:00:00.000Z", "2026-11-05T17:00:00.000Z",
            ])
        #expect(try world.audit() == [])
    }

    /// Each goes by its own; one that nobody goes by any more is dropped, and the others stay.
    @Test func threeVersionsAtOnce() throws {
        let world = try world()
        for (name, body) in [("second", "Two."), ("third", "Three.")] {
            world.files = Self.folder(body: body)
            #expect(try world.reload().held.isEmpty)
            try enrol(name, in: world)
        }
        #expect(try pinning(world).earlier == [1, 1] && earlier(world).count == 2)
        #expect(try world.applied().filter { $0.hasSuffix("m.md") }.count == 3, "with their messages")
        try world.crash()
        #expect(try pinning(world).earlier == [1, 1])
        _ = try world.suppress("second@example.com")
        #expect(try pinning(world).earlier == [1] && earlier(world).count == 2, "until the next reload")
        try world.reload()
        #expect(try earlier(world).count == 1)
        world.run(for: .days(9))
        #expect(try got("old", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("third", in: world) == ["a Three.", "b Three.", "d Three."])
        try world.crash()
        #expect(try earlier(world).isEmpty && pinning(world).earlier.isEmpty)
        // What has ended is told by the latest.
        #expect(try world.explain("old@example.com").enrollments.first?.status == "completed")
        #expect(
            try world.explain("old@example.com").enrollments.first?.steps.map(\.state) == [
                "accepted", "accepted", "accepted",
            ])
        #expect(try world.audit() == [])
    }

    /// A version that is put back is the one that it was.
    @Test func aVersionThatIsPutBackIsTheSame() throws {
        let world = try world()
        let before = try pinning(world).version
        world.files = Self.folder(Self.second, body: "Two.")
        try world.reload()
        try enrol("new", in: world)
        world.files = Self.folder(body: "One.")
        try world.reload()
        #expect(try pinning(world).version == before && pinning(world).earlier == [1])
        #expect(try world.explain("old@example.com").enrollments.first?.version == nil)
        #expect(try earlier(world).count == 1)
        try world.crash()
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("new", in: world) == ["a Two.", "e Two.", "b Two."])
    }

    /// Whoever was enrolled before the campaign was pinned follows the latest, and an edit is held for them alone.
    @Test func whoCameBeforeItWasPinnedFollowsTheLatest() throws {
        let world = try world(head: "")
        world.files = Self.folder(body: "One.")
        try world.reload()
        try enrol("new", in: world)
        world.run(for: .hours(4))
        #expect(try earlier(world).isEmpty)
        // Both are past its new time: for `old` it would go at once, `new` is not asked.
        let late = ["id: a, after: 1h, email: m.md", "id: b, after: 2h, email: m.md", "id: d, day: 5, email: m.md"]
        world.files = Self.folder(late, body: "Two.")
        let held = try #require(try world.reload().held.first)
        #expect(held.counts == ["sent now": 1] && held.pinned == 1)
        _ = try world.command(.apply(Self.id, plan: held.hash))
        try enrol("newest", in: world)
        try world.crash()
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One.", "b Two.", "d Two."])
        #expect(try got("new", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("newest", in: world).first == "a Two.")
        #expect(try world.status().campaigns.first?.completed == 3)
        #expect(try world.audit() == [])
    }

    /// Without the line, those who entered by a pinned version end as they began, and new ones follow the latest again.
    @Test func whoEnteredAPinnedVersionEndsByItWhereTheLineIsTakenAway() throws {
        let world = try world()
        world.files = Self.folder(head: "", body: "Two.")
        try world.reload()
        try enrol("new", in: world)
        world.files = Self.folder(head: "", body: "Three.")
        try world.reload()
        try world.crash()
        #expect(try pinning(world).earlier == [1])
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("new", in: world) == ["a Three.", "b Three.", "d Three."])
    }

    /// Goal, exit and facts that end it are those of the lead's own version.
    @Test func itsEndingsAreThoseOfItsVersion() throws {
        let world = try world(head: Self.pinned + "\ngoal: demo_booked\nexit: { if: { plan: pro } }")
        try enrol("old2", in: world)
        world.files = Self.folder(head: Self.pinned + "\ngoal: ebook_downloaded", body: "Two.")
        try world.reload()
        try world.crash()
        try enrol("new", in: world)
        #expect(try world.event("ebook_downloaded", of: "old@example.com").exitedFrom.isEmpty)
        #expect(try world.event("demo_booked", of: "new@example.com").exitedFrom.isEmpty)
        #expect(try world.event("demo_booked", of: "old@example.com").exitedFrom == [Self.id])
        #expect(try world.event("ebook_downloaded", of: "new@example.com").exitedFrom == [Self.id])
        try world.importLeads([["old2@example.com", "pro"]], columns: ["email", "plan"], into: nil)
        #expect(try world.lead("old2@example.com").enrollments.first?.status == "exited")
    }

    /// A date that only an earlier version counts from still moves what waits for it.
    @Test func itsDatesAreThoseOfItsVersion() throws {
        let dated = ["id: a, day: 1, at: \"09:00\", anchor: { attribute: starts_on }, email: m.md"]
        let world = try World(files: Self.folder(dated, body: "One."))
        try world.importLeads(
            [["old@example.com", "2026-11-20"]], columns: ["email", "starts_on"], into: "c")
        world.files = Self.folder(["id: a, day: 2, email: m.md"], body: "Two.")
        try world.reload()
        try world.importLeads([["old@example.com", "2026-11-10"]], columns: ["email", "starts_on"], into: nil)
        world.run(for: .days(30))
        #expect(world.sentSteps == ["a @ 2026-11-10T02:00:00.000Z"])
    }

    /// Of two campaigns that want a lead at once, the more important one by the lead's own versions goes.
    @Test func itsPriorityIsThatOfItsVersion() throws {
        func files(_ priority: Int) -> [String: String] {
            var files = Self.folder(
                ["id: a, day: 3, at: \"09:00\", email: m.md"], head: Self.pinned + "\npriority: \(priority)",
                body: "C.",
                policy: "caps: [ { at_most: 1, per: 24h } ]")
            files["x/campaign.yaml"] = "name: X\nsteps:\n  - { id: x, day: 3, at: \"09:00\", email: m.md }\n"
            files["x/m.md"] = Folder.message("X.")
            return files
        }
        let world = try World(files: files(90))
        for campaign in ["c", "x"] { try world.importLeads([["old@example.com"]], into: campaign) }
        world.files = files(10)
        try world.reload()
        for campaign in ["c", "x"] { try world.importLeads([["new@example.com"]], into: campaign) }
        world.run(for: .days(10))
        #expect(try got("old", in: world) == ["a C.", "x X."])
        #expect(try got("new", in: world) == ["x X.", "a C."])
    }

    /// What campaigns share is the latest for everybody; with what an earlier version would not load, it is held back.
    @Test func whatIsSharedIsTheLatest() throws {
        var files = Self.folder(body: "One. {% include \"name\" %}")
        files["partials/name.md"] = "Budi\n"
        let world = try World(files: files)
        try enrol("old", in: world)
        world.run(for: .hours(2))
        files = Self.folder(body: "Two.")
        files["partials/name.md"] = "Siti\n"
        world.files = files
        try world.reload()
        world.files["partials/name.md"] = nil
        let report = try world.reload()
        let error = try #require(report.diagnostics.first { $0.severity == .error })
        #expect(error.file == "partials/name.md" && error.message.contains("the campaign c@"))
        try world.crash()
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One. Budi", "b One. Siti", "d One. Siti"])
    }

    /// While leads go by versions that know the old name, `was` renames nothing: nobody loses a step, nobody gets one twice.
    @Test func aRenamedStepIsAnotherOneForNewLeads() throws {
        let world = try world()
        let renamed = ["id: a2, was: a, after: 1h, email: m.md", "id: b2, was: b, day: 3, email: m.md"]
        world.files = Self.folder(renamed, body: "Two.")
        let report = try world.reload()
        #expect(report.diagnostics.contains { $0.message.contains("leads go on by versions that know it as `b`") })
        try world.crash()
        try enrol("new", in: world)
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("new", in: world) == ["a2 Two.", "b2 Two."])
        #expect(try world.audit() == [])
    }

    /// The last good version of a folder that is broken or gone stays the one that leads enter.
    @Test func aBrokenVersionEntersNobody() throws {
        let world = try world()
        world.files = Self.folder(Self.second, body: "Two.")
        try world.reload()
        for broken in ["name: [\n", nil] {
            world.files["c/campaign.yaml"] = broken
            #expect(try world.reload().kept == [Self.id])
        }
        try world.crash()
        try enrol("new", in: world)
        #expect(try pinning(world).earlier == [1])
        world.run(for: .days(20))
        #expect(try got("old", in: world) == ["a One.", "b One.", "d One."])
        #expect(try got("new", in: world) == ["a Two.", "e Two.", "b Two."])
    }

    /// Who enters while another campaign's edit is still judged enters by a version that is on record.
    @Test func aVersionIsOnRecordBeforeAnybodyEntersByIt() throws {
        var files = Self.folder(body: "One.")
        files["x/campaign.yaml"] = "name: X\nsteps:\n  - { id: x, day: 3, email: m.md }\n"
        files["x/m.md"] = Folder.message("X.")
        let world = try World(files: files)
        for page in [1...1_000, 1_001...1_500] {
            try world.importLeads(page.map { ["lead\($0)@example.com"] }, into: "x")
        }
        world.files["c/m.md"] = Folder.message("Two.")
        world.files["x/campaign.yaml"] = "name: X\nsteps:\n  - { id: x, day: 4, email: m.md }\n"
        world.goesOnAtOnce = false
        _ = try? world.reload()
        #expect(world.engine.hasEditWork)
        try enrol("new", in: world)
        world.files["c/m.md"] = Folder.message("Three.")
        world.goesOnAtOnce = true
        try world.crash()
        #expect(try pinning(world).earlier == [1])
        world.run(for: .days(20))
        #expect(try got("new", in: world) == ["a Two.", "b Two.", "d Two."])
    }

    /// In the midst of an edit the process dies: those who follow the latest all get their place, whoever has entered since
    /// goes by what they entered by, and nobody else is touched.
    @Test(arguments: [1, 2, 3, 4, 5]) func aCrashInTheMiddleOfAnEdit(pages: Int) throws {
        func files(_ day: Int, head: String = Self.pinned) -> [String: String] {
            Self.folder(["id: b, day: \(day), at: \"09:00\", email: m.md"], head: head, body: "Day \(day).")
        }
        let world = try World(files: files(9, head: ""))
        for page in [1...1_000, 1_001...1_500] {
            try world.importLeads(page.map { ["lead\($0)@example.com"] }, into: "c")
        }
        world.files = files(9)
        try world.reload()
        try enrol("nine", in: world)
        world.files = files(12)
        world.goesOnAtOnce = false
        _ = try? world.reload()
        for _ in 1..<pages { world.ring() }
        try enrol("amid", in: world)
        let isNew =
            try world.lead("amid@example.com").enrollments.first?.nextDueAt?.description.prefix(10) == "2026-11-13"
        world.files = files(15)
        world.goesOnAtOnce = true
        try world.crash()
        world.run(for: .days(20))
        #expect(try got("nine", in: world) == ["b Day 9."])
        #expect(try got("amid", in: world) == [isNew ? "b Day 12." : "b Day 9."])
        let followers = world.sends.filter { $0.lead.key.hasPrefix("lead") }.map(\.markedAt.description)
        #expect(followers.count == 1_500 && Set(followers) == ["2026-11-16T02:00:00.000Z"])
        #expect(try earlier(world).count == (isNew ? 2 : 1), "until the next reload")
        try world.reload()
        #expect(try earlier(world).isEmpty)
        #expect(try world.audit() == [])
    }

    /// A doubt of a run whose version nobody keeps any more is not sent again by another one.
    @Test func aDoubtIsSentAgainByItsOwnVersionOnly() throws {
        let world = try World(files: Self.folder(["id: a, after: 1h, email: m.md"], body: "One."))
        try enrol("old", in: world)
        world.respond = { World.noReply($0) }
        world.run(for: .hours(2))
        world.respond = { World.accepted($0) }
        world.files = Self.folder(body: "Two.")
        try world.reload()
        let request = ResolveRequest(
            lead: "old@example.com", campaign: Self.id, step: StepID(rawValue: "a"), verdict: .resend, note: "")
        let error = #expect(throws: ControlError.self) { try world.command(.resolve(request)) }
        #expect(error?.message.contains("which nobody goes by any more") == true)
        #expect(try world.lead("old@example.com").enrollments.first?.status == "completed")
    }

    /// Two leads that are one person: each run keeps its version.
    @Test func aMergeKeepsTheVersions() throws {
        let world = try world()
        try world.importLeads([["other@example.com"]], into: nil)
        world.files = Self.folder(Self.second, body: "Two.")
        try world.reload()
        _ = try world.command(.merge(MergeRequest(from: "old@example.com", into: "other@example.com")))
        try world.crash()
        world.run(for: .days(20))
        #expect(try got("other", in: world) == ["b One.", "d One."])
    }
}
