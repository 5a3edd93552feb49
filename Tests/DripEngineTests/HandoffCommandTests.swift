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
            - { name: Sari, email: sari@rumpun.example, takes: { country: nowhere } }
        """

    private struct Unexpected: Error {}

    private func world(
        _ scoring: String? = scoring, exit: String = "", others: [String: String] = [:]
    ) throws -> World {
        var files = Folder.with(
            steps: [
                "id: give, handoff: next",
                "id: answer, wait_for: { not: { handoff: given } }, up_to: { working: 2h, of: owner }, otherwise: [ { id: late, after: 0s, email: m.md } ]",
            ], head: "enroll: { on: demo_booked }\n" + exit)
        files.merge(others) { $1 }
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
        _ = try give(world, "siti3", "Rini", "asked\nfor her")
        let said = try world.lead("siti3").timeline.prefix(2).map(\.detail)
        #expect(said == ["given_by_hand", "given to Rini: asked for her"])
        _ = try give(world, "siti3", "Sari")
        #expect(try counts(world) == ["Rini": [:], "Budi": ["given": 1], "Sari": ["given": 1]], "nobody blames Rini")
        #expect(try world.audit() == [])
    }

    @Test func whatIsMovedWhenItsTimeIsOverWasTakenAway() throws {
        let world = try world()
        _ = try give(world, "siti1", "Rini")
        world.run(for: .minutes(121))
        _ = try give(world, "siti1", "Sari")
        #expect(try counts(world) == ["Rini": ["given": 1, "taken_away": 1], "Budi": [:], "Sari": ["given": 1]])
    }

    /// Rini had the first lead in turn; that Budi was given one by hand makes the next his all the same.
    @Test func nobodysTurnChanges() throws {
        let world = try world(Self.scoring.replacing(", away: [ 2026-11-02 ]", with: ""))
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        _ = try give(world, "siti3", "Budi")
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .minutes(1))
        #expect(try ["siti1", "siti2"].map { try world.lead($0).attributes["owner"]?.text } == ["Rini", "Budi"])
    }

    /// What told the one before ends, and whoever has it now is told; who has it already is told nothing.
    @Test func aCampaignHearsThatALeadWasGivenByHand() throws {
        let tell = """
            name: Tell
            enroll: { on: given_by_hand, if: { handoff: given }, again: after_exit }
            steps: [ { id: tell, after: 0s, notify: { to: owner, message: m.md } } ]

            """
        let world = try world(
            exit: "exit: { on: given_by_hand }",
            others: ["tell/campaign.yaml": tell, "tell/m.md": Folder.message("Yours, {{ handoff.owner }}.")])
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        let first = try give(world, "siti1", "Budi")
        #expect(first.enrolledIn.map(\.rawValue) == ["tell"] && first.exitedFrom.map(\.rawValue) == ["c"])
        world.run(for: .minutes(1))
        let again = try give(world, "siti1", "Budi")
        #expect(again.enrolledIn == [] && again.exitedFrom == [])
        world.run(for: .minutes(1))
        #expect(try give(world, "siti1", "Rini").enrolledIn.map(\.rawValue) == ["tell"])
        world.run(for: .days(1))
        #expect(world.sends.map(\.step.id.rawValue) == ["tell", "tell"])
        let told = world.sends.map { $0.step.recipient(for: $0.lead)?.text }
        #expect(told == ["budi@rumpun.example", "rini@rumpun.example"])
        let heard = try world.lead("siti1").timeline.filter { $0.what == "event" && $0.detail == "given_by_hand" }
        #expect(heard.count == 2)
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

    /// It is theirs again, and what they have promised was never taken from them.
    @Test func whatAListCalledSomebodyElsesGoesBackWithoutANewPromise() throws {
        let world = try world()
        let first = try give(world, "siti1", "Rini")
        try world.importLeads([["siti1", "Sari"]], columns: ["key", "owner"], into: nil)
        world.run(for: .hours(1))
        let answer = try give(world, "siti1", "Rini")
        #expect(!answer.isGiven && answer.was == "Sari" && answer.acceptBy == first.acceptBy)
        let lead = try world.lead("siti1")
        #expect(lead.attributes["owner"]?.text == "Rini")
        #expect(lead.timeline.first?.detail == "stays with Rini: knows them", "\(lead.timeline)")
        #expect(try counts(world)["Rini"] == ["given": 1] && counts(world)["Sari"] == [:])
    }

    /// An import has called it Budi's; what is promised is still Rini's, and ends with that.
    ///
    /// Whoever it is given to promises anew.
    @Test func whatAnImportCalledSomebodysIsGivenToThem() throws {
        let world = try world()
        _ = try give(world, "siti1", "Rini")
        try world.importLeads([["siti1", "Budi"]], columns: ["key", "owner"], into: nil)
        #expect(try give(world, "siti1", "Budi").isGiven)
        #expect(try world.lead("siti1").attributes["handoff_to"]?.text == "Budi")
        #expect(try counts(world) == ["Rini": [:], "Budi": ["given": 1], "Sari": [:]])
    }

    /// 10:59 in Jakarta: of Rini's two hours a minute is left, and Sari has two of her own.
    @Test func aCampaignThatWaitsForTheAnswerGivesTheNewOwnerTheWholeTime() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(119))
        _ = try give(world, "siti1", "Sari")
        world.run(for: .minutes(119))
        #expect(world.sends.isEmpty)
        world.run(for: .minutes(2))
        #expect(world.sends.map(\.step.id.rawValue) == ["late"])
    }

    /// Rini's two hours begin on Monday; Sari, who works at any time, is waited for until Friday evening.
    @Test func aWaitBecomesShorterWithTheNewOwnersHours() throws {
        let world = try world()
        world.sleep(until: try #require(Instant("2026-11-06T10:00:00Z")))
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(5))
        _ = try give(world, "siti1", "Sari")
        world.run(for: .minutes(119))
        #expect(world.sends.isEmpty)
        world.run(for: .minutes(2))
        #expect(world.sends.map(\.step.id.rawValue) == ["late"])
    }

    /// A list has said that it is Sari's meanwhile: her working hours are those that count, from when it was given.
    @Test func aWaitGoesByTheHoursOfWhomAListNames() throws {
        let world = try world()
        world.sleep(until: try #require(Instant("2026-11-06T10:00:00Z")))
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(5))
        try world.importLeads([["siti1", "Sari"]], columns: ["key", "owner"], into: nil)
        world.run(for: .minutes(116))
        #expect(world.sends.map(\.step.id.rawValue) == ["late"])
    }

    /// What is made due beneath a pause of its campaign is late afterwards: a wait that goes on is only put off.
    @Test func aWaitIsMovedAndNeverMadeDueByAChange() throws {
        let world = try world()
        func due() throws -> Instant? { try world.lead("siti1").enrollments.first?.nextDueAt }
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        let first = try due()
        #expect(first == Instant("2026-11-02T04:00:00Z"))
        try world.importLeads([["siti1", "40"]], columns: ["key", "employees"], into: nil)
        #expect(try due() == first)
        world.run(for: .minutes(30))
        _ = try give(world, "siti1", "Sari")
        #expect(try due() == Instant("2026-11-02T04:31:00Z"))
    }

    /// Two records of one person, each with somebody: nobody is blamed for that.
    @Test func aMergeWithinTheTimeOfAPromiseBlamesNobody() throws {
        let world = try world()
        _ = try give(world, "siti1", "Rini")
        _ = try give(world, "siti2", "Sari")
        _ = try world.command(.merge(MergeRequest(from: "siti2", into: "siti1")))
        #expect(try counts(world) == ["Rini": ["given": 1], "Budi": [:], "Sari": [:]])
        #expect(try world.audit() == [])
    }

    /// Who has accepted it promises a follow-up: to that end, whoever gets it then begins anew.
    @Test func anAcceptedLeadIsToBeAcceptedAnew() throws {
        let world = try world()
        _ = try give(world, "siti1", "Rini")
        _ = try world.event("sales_accepted", of: "siti1")
        #expect(try promises(world).data.map(\.promise) == [.followUp])
        #expect(try give(world, "siti1", "Sari").isGiven)
        #expect(try promises(world).data.map(\.promise) == [.accept])
        #expect(try world.lead("siti1").attributes["follow_up_by"] == nil)
        #expect(try counts(world)["Rini"] == ["given": 1, "accepted_in_time": 1, "given_back": 1])
    }

    @Test func whatCannotBeGivenIsRefusedInWords() throws {
        let world = try world()
        for (lead, owner, because, words) in [
            ("siti1", "Rini", " \n\t", "say why"), ("nobody", "Rini", "x", "no lead"),
            ("siti1", "Joko\u{1b}[2J", "x", "there are Rini, Budi, Sari"),
        ] {
            #expect {
                try give(world, lead, owner, because)
            } throws: {
                "\($0)".contains(words) && !"\($0)".contains("\u{1b}")
            }
        }
        _ = try world.command(.erase(EraseRequest(lead: "siti2")))
        #expect(throws: (any Error).self) { try give(world, "siti2", "Rini") }
        _ = try world.command(.stage(StageRequest(lead: "siti3", stage: .customer, because: "signed")))
        #expect { try give(world, "siti3", "Rini") } throws: { "\($0)".contains("siti3 is customer") }
        #expect(try counts(world) == ["Rini": [:], "Budi": [:], "Sari": [:]])
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
