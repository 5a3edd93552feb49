import DripCore
import DripEngine
import Testing

/// `dripd handoff`, and the list of what is promised.
@Suite struct HandoffCommandTests {
    private static let scoring = """
        stages: { mql: { on: demo_booked }, sql: { on: sales_accepted } }
        handoff:
          accept_within: 2h
          follow_up_within: 4h
          owners:
            - { name: Rini, email: rini@rumpun.example, days: mon-fri, hours: "08:00-16:00" }
            - { name: Budi, email: budi@rumpun.example, away: [ 2026-11-02 ] }
        """

    private struct Unexpected: Error {}

    private func world(_ scoring: String? = scoring) throws -> World {
        var files = Folder.with(
            steps: [
                "id: give, handoff: next",
                "id: answer, wait_for: { not: { handoff: given } }, up_to: { working: 2h, of: owner }, otherwise: [ { id: late, after: 0s, email: m.md } ]",
            ], head: "enroll: { on: demo_booked }")
        files["scoring.yaml"] = scoring
        let world = try World(files: files)
        try world.importLeads(
            (1...3).map { ["siti\($0)", "siti\($0)@example.com"] }, columns: ["key", "email"], into: nil)
        return world
    }

    private func give(
        _ world: World, _ lead: String, _ owner: String, _ because: String = "knows them"
    ) throws -> HandoffAnswer {
        let request = HandoffRequest(lead: lead, owner: owner, because: because)
        guard case .handedOff(let answer) = try world.command(.handoff(request)) else { throw Unexpected() }
        return answer
    }

    private func promises(_ world: World, after: Int64? = nil, limit: Int = 25) throws -> Page<PromiseView> {
        guard case .promises(let page) = try world.command(.list(ListRequest(.promises, after: after, limit: limit)))
        else { throw Unexpected() }
        return page
    }

    private func counts(_ world: World) throws -> [String: [String: Int]] {
        guard case .owners(let owners) = try world.command(.owners) else { throw Unexpected() }
        return Dictionary(uniqueKeysWithValues: owners.map { ($0.name, $0.months.first?.counts ?? [:]) })
    }

    /// Away or not, in turn or not: a person has said so.
    ///
    /// The clock is that of whoever has it now.
    @Test func whoeverIsNamedGetsTheLeadAndItsPromise() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        let answer = try give(world, "siti1@example.com", "bUDI")
        #expect(answer.owner == "Budi" && answer.was == "Rini" && answer.isGiven)
        #expect(answer.acceptByLocal == "Tue 2026-11-03 02:00 Asia/Jakarta", "away on Monday: from midnight on")
        let lead = try world.lead("siti1")
        #expect(lead.attributes["owner"]?.text == "Budi" && lead.attributes["handoff_to"]?.text == "Budi")
        #expect(lead.timeline.contains { $0.what == "handedOff" && $0.detail == "given to Budi: knows them" })
        #expect(try counts(world) == ["Rini": ["given": 1, "taken_away": 1], "Budi": ["given": 1]])
        // The turns are as they were: the next lead is not Rini's once more by that.
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .minutes(1))
        #expect(try world.lead("siti2").attributes["owner"]?.text == "Rini")
        #expect(try world.audit() == [])
    }

    @Test func theSameSaidTwiceIsDoneOnce() throws {
        let world = try world()
        let first = try give(world, "siti1", "Rini")
        let second = try give(world, "siti1", "Rini")
        #expect(first.isGiven && !second.isGiven && first.acceptBy == second.acceptBy)
        #expect(try counts(world)["Rini"] == ["given": 1])
        #expect(try world.lead("siti1").timeline.filter { $0.what == "handedOff" }.count == 1)
        // What was given back, or followed up, is promised anew.
        _ = try world.event("sales_rejected", of: "siti1")
        #expect(try give(world, "siti1", "Rini").isGiven)
        #expect(try counts(world)["Rini"] == ["given": 2, "rejected": 1])
    }

    /// An import has called it Budi's; what is promised is still Rini's, and ends with that.
    @Test func whatAnImportCalledSomebodysIsGivenToThem() throws {
        let world = try world()
        _ = try give(world, "siti1", "Rini")
        try world.importLeads([["siti1", "Budi"]], columns: ["key", "owner"], into: nil)
        #expect(try give(world, "siti1", "Budi").isGiven)
        #expect(try world.lead("siti1").attributes["handoff_to"]?.text == "Budi")
        #expect(try counts(world) == ["Rini": ["given": 1, "taken_away": 1], "Budi": ["given": 1]])
    }

    @Test func aCampaignThatWaitsForTheAnswerWaitsForTheNewOwners() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        // 10:59 in Jakarta; Rini's two hours are over at 11:00.
        world.run(for: .minutes(119))
        _ = try give(world, "siti1", "Budi")
        world.run(for: .hours(12))
        #expect(world.sends.isEmpty)
        world.run(for: .hours(6))
        #expect(world.sends.map(\.step.id.rawValue) == ["late"])
    }

    @Test func whatCannotBeGivenIsRefusedInWords() throws {
        let world = try world()
        for (lead, owner, because, words) in [
            ("siti1", "Rini", " \n", "say why"), ("nobody", "Rini", "x", "no lead"),
            ("siti1", "Joko\u{1b}[2J", "x", "there are Rini, Budi"),
        ] {
            #expect {
                try give(world, lead, owner, because)
            } throws: {
                "\($0)".contains(words) && !"\($0)".contains("\u{1b}")
            }
        }
        _ = try world.command(.erase(EraseRequest(lead: "siti2")))
        #expect(throws: (any Error).self) { try give(world, "siti2", "Rini") }
        #expect(try counts(world) == ["Rini": [:], "Budi": [:]])
        let without = try self.world("stages: { mql: { on: demo_booked } }")
        #expect { try give(without, "siti1", "Rini") } throws: { "\($0)".contains("write `handoff:") }
    }

    @Test func whatIsPromisedIsListedWithItsOwnersClock() throws {
        let world = try world()
        for key in ["siti1", "siti2"] { _ = try give(world, key, "Rini") }
        _ = try give(world, "siti3", "Budi")
        world.run(for: .hours(1))
        _ = try world.event("sales_accepted", of: "siti1")
        world.run(for: .minutes(61))
        let page = try promises(world)
        #expect(page.data.map(\.lead) == ["siti1", "siti2", "siti3"])
        #expect(page.data.map(\.promise) == [.followUp, .accept, .accept])
        #expect(page.data.map(\.isOverdue) == [false, true, false])
        #expect(page.data.map(\.owner) == ["Rini", "Rini", "Budi"])
        #expect(page.data[1].byLocal == "Mon 2026-11-02 11:00 Asia/Jakarta")
        let first = try promises(world, limit: 2)
        let next = try promises(world, after: first.nextCursor.flatMap { Int64($0) }, limit: 2)
        #expect(first.data + next.data == page.data && !next.hasMore)
        for key in ["siti1", "siti2", "siti3"] { _ = try world.event("sales_rejected", of: key) }
        #expect(try promises(world).data == [])
    }
}
