import DripCore
import DripEngine
import DripMessages
import Testing

/// Leads that are given to sales: who gets them, what they are told, and what they answer.
@Suite struct HandoverTests {
    private static let scoring = """
        stages:
          mql: { on: demo_booked }
          sql: { on: sales_accepted }
          recycled: { on: sales_rejected }
        handoff:
          accept_within: 2h
          follow_up_within: 4h
          owners:
            - { name: Rini, email: rini@rumpun.example, days: mon-fri, hours: "08:00-16:00" }
            - { name: Budi, email: budi@rumpun.example, days: mon-fri, hours: "08:00-16:00" }
        """
    private static let steps = [
        "id: give, handoff: next",
        "id: tell, after: 0s, notify: { to: owner, message: m.md }",
        """
        id: answer, wait_for: { not: { handoff: given } }, up_to: { working: 2h, of: owner }, otherwise: [ \
        { id: take, handoff: another }, { id: tell-another, after: 0s, notify: { to: owner, message: m.md } }, \
        { id: answer-of-another, wait_for: { not: { handoff: given } }, up_to: { working: 2h, of: owner } } ]
        """,
        "id: remind, anchor: previous, after: 1d, if: { handoff: accepted }, notify: { to: owner, message: m.md }",
    ]
    private static let body = """
        {{ handoff.lead }} is yours, {{ handoff.owner }}, until {{ handoff.accept_by }}.
        {{ handoff.history }}
        {{ handoff.link }}
        """

    private func world(_ scoring: String = scoring, steps: [String] = steps, body: String = body) throws -> World {
        var files = Folder.with(
            steps: steps, head: "enroll: { on: demo_booked, again: after_exit }\nexit: { if: { stage: recycled } }",
            body: body)
        files["scoring.yaml"] = scoring
        let world = try World(files: files)
        try world.importLeads(
            (1...3).map { ["siti\($0)", "siti\($0)@example.com", "Siti"] }, columns: ["key", "email", "first_name"],
            into: nil)
        return world
    }

    private func owner(_ world: World, _ key: String) throws -> String? {
        try world.lead(key).attributes["owner"]?.text
    }

    private func figures(_ world: World) throws -> [String: [String: Int]] {
        guard case .owners(let owners) = try world.command(.owners) else { throw Unexpected() }
        return Dictionary(uniqueKeysWithValues: owners.map { ($0.name, $0.months.first?.counts ?? [:]) })
    }

    private func press(
        _ world: World, _ action: HandoverRequest.Action, _ name: String = "Rini", of send: Int = 0
    ) throws -> HandoverView {
        let order = world.sends[send]
        let since = try #require(order.lead.attributes["owner_since"]?.text)
        let request = HandoverRequest(
            enrollment: order.delivery.enrollment, owner: name, since: since, action: action)
        guard case .handover(let view) = try world.command(.handover(request)) else { throw Unexpected() }
        return view
    }

    private struct Unexpected: Error {}

    @Test func leadsGoRoundAndEachOwnerIsTold() throws {
        let world = try world()
        for key in ["siti1", "siti2", "siti3"] { _ = try world.event("demo_booked", of: key) }
        world.run(for: .minutes(1))
        #expect(try ["siti1", "siti2", "siti3"].map { try owner(world, $0) } == ["Rini", "Budi", "Rini"])
        #expect(
            world.sends.map { $0.step.recipient(for: $0.lead)?.text } == [
                "rini@rumpun.example", "budi@rumpun.example", "rini@rumpun.example",
            ])
        let first = try world.lead("siti1")
        #expect(first.attributes["accept_by"]?.text == "2026-11-02T04:00:00.000Z")
        #expect(first.timeline.contains { $0.detail == "given to Rini: it is their turn" }, "\(first.timeline)")
        #expect(try figures(world) == ["Rini": ["given": 2], "Budi": ["given": 1]])
        #expect(try world.audit() == [])
    }

    @Test func theNoteSaysWhoItIsAndLeadsToAPageOfTheOwners() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        let signer = try LinkSigner(
            publicURL: "https://mail.rumpun.example", keys: [.init(id: 1, secret: Array(repeating: 7, count: 32))])
        let order = try #require(world.sends.first)
        guard
            case .mail(let mail) = try Composition(instanceID: "test", signer: signer).payload(of: order)
        else { throw Unexpected() }
        let text = String(decoding: mail.bytes, as: UTF8.self).replacing("=\r\n", with: "").replacing("=3D", with: "=")
        #expect(text.contains("Siti, siti1@example.com is yours, Rini, until Mon 2026-11-02 11:00"), "\(text)")
        #expect(
            text.contains("2026-11-02 09:00  stage lead =E2=86=92 mql: demo_booked\r\n2026-11-02 09:00  demo_booked"),
            "\(text)")
        let since = "2026-11-02T02:00:00.000Z"
        let link = signer.handoverURL(
            for: order.delivery.enrollment, step: order.step.id, owner: "Rini", since: since)
        #expect(text.contains(link), "\(text)")
        let token = String(try #require(link.split(separator: "/").last).prefix { $0 != "?" })
        #expect(signer.verifyHandover(token, owner: "Rini", since: since) == order.delivery.enrollment)
        #expect(signer.verifyHandover(token, owner: "Budi", since: since) == nil)
        #expect(signer.verifyHandover(token, owner: "Rini", since: "2026-11-02T02:00:00.001Z") == nil)
        #expect(signer.verify(token, purpose: .click, about: "\(since)\nRini") == nil)
    }

    @Test func factsAreForPeople() throws {
        let world = try world()
        try world.importLeads(
            [["siti1", "2026-12-01T02:00:30.500Z"]], columns: ["key", "trial_ends"], into: nil)
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        let brief = try #require(try press(world, .look).brief)
        #expect(
            brief.facts.map { "\($0.name): \($0.value)" } == [
                "first name: Siti", "trial ends: Tue 2026-12-01 09:00 Asia/Jakarta",
            ])
    }

    @Test func acceptingIsCountedOnceAndMovesTheStage() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        #expect(try press(world, .look).state == .given)
        #expect(try press(world, .accept).state == .accepted)
        #expect(try press(world, .accept).state == .accepted)
        let lead = try world.lead("siti1")
        #expect(lead.standing?.stage == .sql && lead.attributes["accept_by"] == nil)
        // 10:00 in Jakarta, and four hours.
        #expect(lead.attributes["follow_up_by"]?.text == "2026-11-02T07:00:00.000Z")
        #expect(lead.timeline.filter { $0.detail.hasPrefix("sales_accepted") }.count == 1)
        world.run(for: .hours(5))
        #expect(try press(world, .followUp).state == .followedUp)
        #expect(try press(world, .followUp).state == .followedUp)
        world.run(for: .minutes(2))
        _ = try press(world, .followUp)
        #expect(try world.lead("siti1").timeline.filter { $0.detail.hasPrefix("followed_up") }.count == 2)
        #expect(try figures(world)["Rini"] == ["given": 1, "accepted_in_time": 1, "followed_up_late": 1])
    }

    @Test func rejectingNeedsAReasonAndEndsTheCampaign() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        #expect(throws: ControlError.self) { try press(world, .reject("  ")) }
        #expect(try press(world, .reject("a student\r\nX: y")) == HandoverView(state: .rejected))
        let lead = try world.lead("siti1")
        #expect(lead.standing?.stage == .recycled && lead.enrollments.map(\.status) == ["exited"])
        #expect(
            lead.timeline.contains { $0.detail == "sales_rejected by Rini, by the link in a note: a student  X: y" },
            "\(lead.timeline)")
        #expect(try figures(world)["Rini"] == ["given": 1, "rejected": 1])
        #expect(try press(world, .accept).state == .rejected)
    }

    /// Given on Monday at 09:00; nobody answers within two working hours, nor does the next one, over a crash and a night.
    @Test func whoDoesNotAnswerLosesTheLead() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(until: try #require(Instant("2026-11-02T03:59:59Z")))
        #expect(try owner(world, "siti1") == "Rini")
        try world.crash()
        world.run(until: try #require(Instant("2026-11-02T04:00:01Z")))
        #expect(try owner(world, "siti1") == "Budi")
        #expect(world.sends.last?.step.recipient(for: world.sends[0].lead)?.text == "budi@rumpun.example")
        // The link that Rini has speaks for nobody now, and tells her whose it is.
        #expect(try press(world, .accept) == HandoverView(isOf: "Budi"))
        #expect(try press(world, .accept, "budi", of: 1).state == .accepted)
        #expect(
            try figures(world) == [
                "Rini": ["given": 1, "taken_away": 1], "Budi": ["given": 1, "accepted_in_time": 1],
            ])
        #expect(try world.audit() == [])
    }

    @Test func aPromiseOfFridayEndsOnMonday() throws {
        let world = try world()
        // Friday at 15:00: one of the two hours is left.
        world.sleep(until: try #require(Instant("2026-11-06T08:00:00Z")))
        _ = try world.event("demo_booked", of: "siti1")
        world.run(until: try #require(Instant("2026-11-09T01:59:59Z")))
        #expect(try owner(world, "siti1") == "Rini")
        world.run(until: try #require(Instant("2026-11-09T02:00:01Z")))
        #expect(try owner(world, "siti1") == "Budi")
    }

    @Test func whomNobodyTakesIsToldOf() throws {
        let away = Self.scoring.replacing("hours: \"08:00-16:00\"", with: "away: [ 2026-11-02 ]")
        let world = try world(away)
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        #expect(world.sends.isEmpty)
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .minutes(1))
        let problems = try world.status().problems
        #expect(problems.map(\.what) == ["c/give gave a lead to nobody: away: Rini, Budi"], "one, of two leads")
        let problem = try #require(problems.first)
        let timeline = try world.lead("siti1").timeline
        #expect(timeline.contains { $0.step?.rawValue == "tell" && $0.reason == .noAddress }, "\(timeline)")
        // What it says to do is done so.
        let words = problem.mend.replacing("`", with: "").split(separator: " ")
        let named = try #require(
            words.firstIndex(of: "handoff").map { words.suffix(from: $0) }?.first { $0.hasPrefix("id:") })
        _ = try world.command(.handoff(HandoffRequest(lead: String(named), owner: "Budi", because: "he is back")))
        #expect(try owner(world, "siti2") == "Budi")
    }

    @Test func aReasonThatComesWithAnEventIsKept() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        let event = Command.event(
            lead: "siti1", name: EventName(rawValue: "sales_rejected"), data: ["reason": .text("no budget before May")])
        _ = try world.command(event)
        #expect(try world.lead("siti1").timeline.contains { $0.detail == "sales_rejected: no budget before May" })
    }

    @Test func anEventByTheAPICountsAsTheLinkDoes() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        _ = try world.event("sales_accepted", of: "siti1")
        _ = try world.event("followed_up", of: "siti1")
        #expect(
            try figures(world)["Rini"] == ["given": 1, "accepted_in_time": 1, "followed_up_in_time": 1])
        // Of a lead that was given to nobody they are events like others.
        _ = try world.event("sales_accepted", of: "siti2")
        #expect(try world.lead("siti2").attributes["handoff"] == nil)
    }

    /// Whoever gets the lead again gets another note; the old one's link is nobody's.
    @Test func aLinkEndsWithItsHandoff() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        _ = try press(world, .reject("not yet"))
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        #expect(try world.lead("siti1").attributes["handoff"]?.text == "given")
        #expect(try press(world, .accept).brief == nil)
        #expect(try world.lead("siti1").timeline.filter { $0.detail.hasPrefix("sales_accepted") }.isEmpty)
    }

    /// The score sinks and comes back within the promise: nobody has more time for that, and nothing is counted twice.
    @Test func whatWasPromisedStandsWhereTheLeadComesBack() throws {
        let world = try world(steps: [
            "id: give, handoff: next", "id: again, anchor: previous, after: 30m, handoff: next",
        ])
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(1))
        let lead = try world.lead("siti1")
        #expect(lead.attributes["accept_by"]?.text == "2026-11-02T04:00:00.000Z")
        #expect(lead.timeline.contains { $0.detail == "stays with Rini: it is theirs already" }, "\(lead.timeline)")
        #expect(try figures(world)["Rini"] == ["given": 1])
    }

    /// An import may call it somebody else's: whoever it is given to, and whose promise runs, has it.
    @Test(arguments: ["Budi", "Joko"]) func whosePromiseRunsHasTheLead(_ name: String) throws {
        let world = try world(steps: [
            "id: give, handoff: next",
            "id: pass, anchor: previous, after: 30m, handoff: \(name == "Budi" ? "another" : "next")",
        ])
        _ = try world.event("demo_booked", of: "siti2")
        _ = try world.event("demo_booked", of: "siti3")
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        #expect(try owner(world, "siti1") == "Rini")
        try world.importLeads([["siti1", name], ["siti2", "Budi"]], columns: ["key", "owner"], into: nil)
        world.run(for: .hours(1))
        let lead = try world.lead("siti1")
        #expect(lead.attributes["owner"]?.text == lead.attributes["handoff_to"]?.text)
        #expect(lead.attributes["owner"]?.text == (name == "Budi" ? "Rini" : "Budi"))
    }

    /// An import gives the lead to somebody else before it was answered; somebody leaves the file.
    @Test func theAnswerCountsForWhoeverItWasGivenTo() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        try world.importLeads([["siti1", "Budi"]], columns: ["key", "owner"], into: nil)
        _ = try world.event("sales_accepted", of: "siti1")
        #expect(try figures(world)["Rini"] == ["given": 1, "accepted_in_time": 1])
        #expect(try figures(world)["Budi"] == [:])
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .minutes(1))
        #expect(try owner(world, "siti2") == "Budi")
        world.files["scoring.yaml"] = Self.scoring.split(separator: "\n").filter { !$0.contains("Budi") }
            .joined(separator: "\n")
        #expect(try world.reload().diagnostics.isEmpty)
        _ = try world.event("sales_accepted", of: "siti2")
        #expect(try world.lead("siti2").attributes["handoff"]?.text == "accepted")
        #expect(try figures(world)["Budi"] == ["given": 1, "accepted_in_time": 1])
    }

    @Test func aMergeKeepsOneHandoffWhole() throws {
        let world = try world()
        for key in ["siti1", "siti2"] { _ = try world.event("demo_booked", of: key) }
        world.run(for: .hours(1))
        _ = try press(world, .accept)
        _ = try world.command(.merge(MergeRequest(from: "siti2", into: "siti1")))
        let lead = try world.lead("siti1")
        #expect(lead.attributes["handoff"]?.text == "accepted" && lead.attributes["accept_by"] == nil)
        #expect(try figures(world)["Budi"] == [:], "within his time: nobody blames him")
        #expect(try world.audit() == [])
    }

    @Test func anErasedLeadsLinkLeadsNowhere() throws {
        let world = try world()
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .minutes(1))
        _ = try world.command(.erase(EraseRequest(lead: "siti1")))
        #expect(try press(world, .accept) == HandoverView())
    }

    @Test func whatIsForColleaguesDoesNotGoToLeads() throws {
        let world = try world(steps: Self.steps + ["id: mail, anchor: previous, after: 1d, email: m.md"])
        #expect(throws: ControlError.self) { try world.importLeads([["a@b.example"]], into: "c") }
        #expect(try world.status().problems.contains { $0.what.contains("`handoff` is for colleagues") })
    }
}
