import DripCore
import DripEngine
import DripMessages
import Testing

/// A lead's tags, from where they come to what hangs on them.
@Suite struct TagsTests {
    private let budi = "budi@example.com"

    private func tag(_ world: World, _ key: String, add: [String] = [], remove: [String] = []) throws -> TagAnswer {
        let request = TagRequest(
            lead: key, add: try ValueList(add.map(AttributeValue.text)),
            remove: try ValueList(remove.map(AttributeValue.text)))
        guard case .tagged(let answer) = try world.command(.tag(request)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer
    }

    private func tags(_ world: World, _ key: String) throws -> String? {
        try world.lead(key).attributes["tags"]?.text
    }

    private func sent(_ world: World) -> [String] { world.sends.map(\.step.id.rawValue) }

    @Test func aCommandTagsOnceAndIsOnRecord() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([[budi, "Cold; new"]], columns: ["email", "tags"], into: nil)
        let answer = try tag(world, "Budi@Example.com", add: ["vip", "NEW"], remove: ["cold", "none"])
        #expect(answer.lead == budi && answer.tags.text == "new, vip")
        #expect(answer.added.text == "vip" && answer.removed.text == "Cold")
        let again = try tag(world, budi, add: ["vip", "NEW"], remove: ["cold", "none"])
        #expect(again.tags == answer.tags && again.added.isEmpty && again.removed.isEmpty)
        let timeline = try world.lead(budi).timeline.filter { $0.what == "tagged" }
        #expect(timeline.map(\.detail) == ["tags: vip added, Cold removed"])
        try world.crash()
        #expect(try tags(world, budi) == "new, vip")
        // Without the last of them there is no such fact.
        _ = try tag(world, budi, remove: ["new", "vip"])
        #expect(try world.lead(budi).attributes["tags"] == nil)
        #expect(try world.audit() == [])
    }

    @Test func aTagWakesEnrolsAndEnds() throws {
        var files = Folder.with(
            steps: [
                "id: wait, wait_for: { tags: vip }, up_to: 9d, then: [ { id: fast, email: m.md } ]",
                "id: last, anchor: previous, after: 2d, email: m.md",
            ], head: "exit: { if: { tags: cold } }")
        files["d/campaign.yaml"] =
            "name: D\nenroll: { when: { tags: [vip, gold] } }\nsteps: [ { id: d, email: m.md, after: 1d } ]\n"
        files["d/m.md"] = Folder.message()
        let world = try World(files: files)
        try world.importLeads([[budi]], into: "c")
        world.run(for: .hours(5))
        #expect(sent(world).isEmpty)
        let answer = try tag(world, budi, add: ["VIP"])
        #expect(answer.enrolledIn.map(\.rawValue) == ["d"] && answer.exitedFrom.isEmpty)
        world.run(for: .minutes(1))
        #expect(sent(world) == ["fast"])
        #expect(try tag(world, budi, add: ["cold"]).exitedFrom.map(\.rawValue) == ["c"])
        world.run(for: .days(9))
        #expect(sent(world) == ["fast", "d"])
        #expect(try world.audit() == [])
    }

    @Test func whatCannotBeDoneIsRefusedAndChangesNothing() throws {
        let world = try World(files: Folder.nurture)
        let full = (0..<100).map { "t\($0)" }.joined(separator: ";")
        try world.importLeads(
            [[budi, full, ""], ["ani@example.com", "", "x"]], columns: ["email", "tags", "city"], into: nil)
        func refusal(_ key: String, add: [String] = [], remove: [String] = []) -> String? {
            #expect(throws: ControlError.self) { try tag(world, key, add: add, remove: remove) }?.message
        }
        #expect(refusal(budi, add: ["vip"], remove: ["none"]) == "a lead has at most 100 tags, and \(budi) has 100")
        #expect(try tag(world, budi, add: ["vip"], remove: ["t7"]).tags.values.count == 100)
        #expect(refusal(budi)?.contains("which tags") == true)
        #expect(refusal(budi, add: ["a"], remove: ["A"])?.contains("added and removed at once") == true)
        #expect(refusal("nobody@example.com", add: ["a"])?.contains("no lead has the address") == true)
        #expect(try world.lead(budi).timeline.count { $0.what == "tagged" } == 1)
    }

    /// Two campaigns note something of one lead in the same turn.
    @Test func whatTwoStepsAddAtOnceIsBothThere() throws {
        var files = Folder.with(steps: ["id: a, after: 1h, set: { tags: { add: [a, both], remove: cold } }"])
        files["d/campaign.yaml"] = "name: D\nsteps: [ { id: b, after: 1h, set: { tags: { add: [Both, b] } } } ]\n"
        let world = try World(files: files)
        let full = (0..<98).map { "t\($0)" }.joined(separator: ";")
        for (key, tags) in [(budi, "cold;x"), ("ani@example.com", full)] {
            try world.importLeads([[key, tags]], columns: ["email", "tags"], into: "c")
            try world.importLeads([[key]], into: "d")
        }
        world.run(for: .hours(2))
        #expect(try tags(world, budi) == "x, a, both, b")
        // What has no room is told, and stops nobody.
        let timeline = try world.lead("ani@example.com").timeline.filter { $0.what == "performed" }
        #expect(
            timeline.map(\.detail).sorted() == [
                "tags: Both, b added, no room in tags for b", "tags: a, both added, cold removed",
            ])
        #expect(try world.lead("ani@example.com").enrollments.map(\.status) == ["completed", "completed"])
        #expect(try world.audit() == [])
    }

    @Test func anImportSaysAllTagsOrNone() throws {
        let world = try World(files: Folder.nurture)
        try world.importLeads([[budi, "a;b"]], columns: ["email", "tags"], into: nil)
        try world.importLeads([[budi, ""]], columns: ["email", "tags"], into: nil)
        #expect(try tags(world, budi) == "a, b")
        let summary = try world.importLeads(
            [[budi, "c"], ["ani@example.com", String(repeating: "a", count: 300)]], columns: ["email", "tags"],
            into: nil)
        #expect(try tags(world, budi) == "c")
        #expect(summary.refused.map(\.column) == ["tags"] && summary.updated == 1)
    }

    /// `set` gives a list, or one word, which is a list of tags too.
    @Test func aStepGivesAListOrAWord() throws {
        let world = try World(
            files: Folder.with(
                steps: [
                    "id: list, after: 1h, set: { tags: [vip, Gold, VIP], sizes: [38, 40], note: \"a;b\" }",
                    "id: word, after: 2h, set: { tags: vip, sizes: \"\" }",
                ]))
        try world.importLeads([[budi]], into: "c")
        world.run(for: .minutes(61))
        let facts = try world.lead(budi).attributes
        #expect(facts["tags"] == .list(try ValueList([.text("vip"), .text("Gold")])))
        #expect(facts["sizes"]?.text == "38, 40" && facts["note"] == .text("a;b"))
        world.run(for: .hours(1))
        #expect(
            try world.lead(budi).attributes == ["tags": .list(try ValueList([.text("vip")])), "note": .text("a;b")])
    }

    @Test func anEventBringsAListToItsRun() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 0s, email: m.md"],
                head: "enroll: { on: ebook_downloaded, again: { key: order_id } }",
                body: "You have {{ event.items }}{% if event.items contains \"mug\" %}, and a mug{% endif %}."))
        try world.importLeads([[budi]], into: nil)
        let items = AttributeValue.list(try ValueList([.text("mug"), .text("<b>")]))
        func tell(_ data: [String: AttributeValue]) throws -> [String] {
            let name = EventName(rawValue: "ebook_downloaded")
            guard case .event(let answer) = try world.command(.event(lead: budi, name: name, data: data)) else {
                return ["?"]
            }
            return answer.enrolledIn.map(\.rawValue)
        }
        // A list tells no runs apart.
        #expect(try tell(["order_id": items]) == [])
        #expect(try tell(["order_id": .text("7"), "items": items]) == ["c"])
        world.run(for: .minutes(1))
        let order = try #require(world.sends.first)
        let message = try #require(order.compiled.message)
        let context = order.compiled.context(
            lead: order.lead, campaign: order.campaign, step: order.step.id, data: order.data)
        #expect(
            String(decoding: try message.renderBody(context), as: UTF8.self).contains("You have mug, <b>, and a mug."))
        #expect(String(decoding: try message.render(context).html, as: UTF8.self).contains("mug, &lt;b&gt;"))
    }
}
