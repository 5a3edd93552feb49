import DripCore
import DripEngine
import DripStore
import Testing

/// Campaigns that decide, through the real engine and its store.
@Suite struct FlowTests {
    private static let budi = "budi@example.com"

    private func world(
        _ campaign: String, others: [String: String] = [:], leads: [String] = [budi], columns: [String] = ["email"],
        inFlight: Int = 4
    ) throws -> World {
        var files = ["policy.yaml": Folder.policy(), "layouts/default.html": Folder.layout, "c/m.md": Folder.message()]
        files["c/campaign.yaml"] = campaign
        for (name, text) in others {
            files["\(name)/campaign.yaml"] = text
            files["\(name)/m.md"] = Folder.message()
        }
        let world = try World(files: files, inFlight: inFlight)
        try world.importLeads(leads.map { [$0] }, columns: columns, into: "c")
        return world
    }

    private func sent(_ world: World) -> [String] { world.sends.map { "\($0.campaign.id)/\($0.step.id)" } }

    private func fact(_ name: String, _ value: String, of key: String = budi, _ world: World) throws {
        try world.importLeads([[key, value]], columns: ["email", name], into: nil)
    }

    private static let waiting = """
        name: C
        steps:
          - { id: invite, after: 1h, email: m.md }
          - id: booked
            wait_for: demo_booked
            up_to: 3d
            then: [ { id: thanks, email: m.md } ]
            otherwise: [ { id: remind, email: m.md }, { id: again, after: 1d, email: m.md } ]
          - { id: bye, after: 1h, anchor: previous, email: m.md }

        """

    @Test func whoDoesItGoesOnAtOnceAndWhoDoesNotWhenTimeIsOver() throws {
        let world = try world(Self.waiting, leads: [Self.budi, "sari@example.com"])
        world.run(for: .hours(30))
        #expect(sent(world) == ["c/invite", "c/invite"])
        let at = world.now
        let answer = try world.event("demo_booked", of: Self.budi)
        #expect(answer.exitedFrom.isEmpty)
        world.run(for: .seconds(1))
        // The gap behind the invitation was kept: 20 h are over.
        #expect(sent(world).last == "c/thanks" && world.sends.last?.markedAt == at)
        world.run(for: .days(5))
        let ofSari = world.sends.filter { $0.lead.key == "sari@example.com" }
        #expect(ofSari.map(\.step.id.rawValue) == ["invite", "remind", "again", "bye"])
        #expect(ofSari[1].markedAt >= ofSari[0].markedAt + .days(3))
        #expect(ofSari[1].markedAt <= ofSari[0].markedAt + .days(3) + .seconds(1))
        #expect(try world.audit() == [])
        let said = try world.lead(Self.budi).timeline.map(\.detail)
        #expect(said.contains("it is so: did demo_booked since the enrollment"), "\(said)")
    }

    /// What came before the wait began, and while a message was on its way, is seen.
    @Test func nothingIsMissedInBetween() throws {
        let world = try world(Self.waiting)
        world.respond = { _ in nil }
        world.run(for: .hours(1))
        #expect(sent(world) == ["c/invite"])
        _ = try world.event("demo_booked", of: Self.budi)
        world.respond = { World.accepted($0) }
        world.run(for: .days(1))
        #expect(sent(world) == ["c/invite", "c/thanks", "c/bye"])
    }

    /// A crash, a pause and a new start change nothing of what a lead waits for.
    @Test func aWaitSurvives() throws {
        let world = try world(Self.waiting)
        world.run(for: .hours(2))
        try world.crash()
        _ = try world.command(.pause(.lead(Self.budi), until: .instant(world.now + .days(1)), note: ""))
        _ = try world.event("demo_booked", of: Self.budi)
        world.run(for: .hours(12))
        #expect(sent(world) == ["c/invite"], "a lead that rests is left alone")
        try world.crash()
        world.run(for: .days(2))
        #expect(sent(world) == ["c/invite", "c/thanks", "c/bye"])
        #expect(try world.audit() == [])
    }

    @Test func explainAndPlanSayWhatIsWaitedFor() throws {
        let world = try world(Self.waiting)
        world.run(for: .hours(2))
        let explained = try #require(try world.explain(Self.budi).enrollments.first)
        #expect(
            explained.outlook.hasPrefix(
                "booked waits for: did demo_booked since the enrollment, until Thu 2026-11-05 10:00"),
            "\(explained.outlook)")
        #expect(explained.gatesNow.contains { $0.gate == "awaited" && $0.verdict == "defer" })
        guard case .planned(let plan) = try world.command(.plan(lead: Self.budi, campaign: CampaignID(rawValue: "c")))
        else {
            Issue.record("no plan")
            return
        }
        #expect(plan.steps.map(\.step.rawValue) == ["booked", "remind", "again", "bye"])
        #expect(plan.steps.first?.outlook == .does)
    }

    @Test func branchesAndSetsAreFollowed() throws {
        let world = try world(
            """
            name: C
            exit: { if: { state: done } }
            steps:
              - id: by-plan
                branch:
                  - { name: pro, if: { plan: pro }, steps: [ { id: pro, after: 1h, email: m.md } ] }
                  - { name: rest, steps: [ { id: rest, after: 1h, email: m.md } ] }
              - { id: note, set: { state: done } }
              - { id: never, email: m.md, day: 9 }

            """, leads: [])
        try world.importLeads(
            [[Self.budi, "pro"], ["sari@example.com", "basic"]], columns: ["email", "plan"], into: "c")
        world.run(for: .days(20))
        #expect(
            Set(world.sends.map { "\($0.lead.key) \($0.step.id)" }) == [
                "budi@example.com pro", "sari@example.com rest",
            ])
        let lead = try world.lead(Self.budi)
        #expect(lead.attributes["state"] == .text("done"))
        #expect(lead.enrollments.first?.status == "exited")
        #expect(try world.audit() == [])
    }

    private static let followUps = """
        name: C
        steps:
          - id: ask
            repeat: { times: 5, every: 2d, until: replied, steps: [ { id: follow-up, after: 1h, email: m.md } ] }
          - { id: bye, after: 1h, anchor: previous, email: m.md }

        """

    /// The five follow-ups until reply: all of them, or none behind the reply, whose end the lead sees at once.
    @Test func followUpsGoUntilTheReply() throws {
        let silent = try world(Self.followUps)
        silent.run(for: .days(30))
        #expect(silent.sends.map(\.step.id.rawValue) == (1...5).map { "follow-up.\($0)" } + ["bye"])
        let apart = zip(silent.sends, silent.sends.dropFirst()).map { $1.markedAt - $0.markedAt }.dropLast()
        #expect(apart.allSatisfy { $0 >= .hours(49) && $0 < .hours(50) })
        let replying = try world(Self.followUps)
        replying.run(for: .days(3))
        #expect(sent(replying).count == 2)
        let at = replying.now
        _ = try replying.event("replied", of: Self.budi)
        replying.run(for: .days(30))
        #expect(sent(replying).last == "c/bye" && replying.sends.count == 3)
        #expect(replying.sends[2].markedAt < at + .days(1))
        #expect(try replying.audit() == [])
    }

    @Test func aSplitTakesEveryLeadOneWay() throws {
        let leads = (1...60).map { "lead\($0)@example.com" }
        let world = try world(
            """
            name: C
            steps:
              - id: ab
                split:
                  - { name: a, weight: 1, steps: [ { id: short, after: 1h, email: m.md } ] }
                  - { name: b, weight: 1, steps: [ { id: long, after: 1h, email: m.md } ] }

            """, leads: leads)
        world.run(for: .days(2))
        let short = world.sends.filter { $0.step.id.rawValue == "short" }.count
        #expect(world.sends.count == 60 && (10...50).contains(short))
        #expect(try world.status().campaigns.first?.completed == 60)
    }

    @Test func whoIsHeldOutRunsThroughWithoutAnyEffect() throws {
        let leads = (1...80).map { "lead\($0)@example.com" }
        let world = try world(
            """
            name: C
            holdout: 50%
            goal: demo_booked
            steps:
              - { id: one, after: 1h, email: m.md }
              - { id: note, set: { state: done } }
              - { id: two, after: 30h, email: m.md }

            """, leads: leads)
        world.run(for: .hours(2))
        let first = try #require(leads.first { key in !world.sends.contains { $0.lead.key == key } })
        #expect(try world.lead(first).attributes["state"] == nil)
        _ = try world.event("demo_booked", of: first)
        #expect(try world.lead(first).enrollments.first?.status == "exited", "its goals count")
        world.run(for: .days(3))
        let status = try #require(try world.status().campaigns.first)
        #expect((15...65).contains(status.accepted.total / 2))
        #expect(status.completed == 79 && status.exited == 1)
        #expect(status.skipped["heldOut"] == (80 - status.accepted.total / 2) * 3 - 1)
    }

    /// A condition that becomes true enrols, once each time; one that is true already does not.
    @Test func aSegmentEnrolsWhoComesIntoIt() throws {
        let world = try world(
            "name: C\nsteps: [ { id: one, day: 1, email: m.md } ]\n",
            others: [
                "trial": """
                name: Trial
                enroll: { when: { plan: trial }, again: after_exit }
                steps: [ { id: hello, after: 1h, email: m.md } ]

                """
            ])
        try fact("plan", "trial", world)
        world.run(for: .days(2))
        #expect(sent(world).filter { $0 == "trial/hello" }.count == 1)
        try fact("city", "Bandung", world)
        world.run(for: .days(2))
        #expect(sent(world).filter { $0 == "trial/hello" }.count == 1, "nothing has become true")
        try fact("plan", "none", world)
        try fact("plan", "trial", world)
        world.run(for: .days(2))
        #expect(sent(world).filter { $0 == "trial/hello" }.count == 2)
        // A new lead that comes with it is one too.
        try world.importLeads([["sari@example.com", "trial"]], columns: ["email", "plan"], into: nil)
        #expect(try world.lead("sari@example.com").enrollments.map(\.campaign.rawValue) == ["trial"])
        #expect(try world.audit() == [])
    }

    /// One run for each order, side by side; what ends one leaves the others.
    @Test func cartsAreRunsOfTheirOwn() throws {
        let world = try world(
            """
            name: C
            enroll: { on: ebook_downloaded, again: { key: order_id } }
            goal: demo_booked
            steps: [ { id: remind, after: 1h, email: m.md }, { id: last, after: 30h, email: m.md } ]

            """, leads: [])
        try world.importLeads([[Self.budi]], into: nil)
        func event(_ name: String, order: String?) throws -> EventAnswer {
            let data = order.map { ["order_id": AttributeValue.text($0)] } ?? [:]
            guard
                case .event(let answer) = try world.command(
                    .event(lead: Self.budi, name: EventName(rawValue: name), data: data))
            else { throw ControlError(.invalid, "no answer") }
            return answer
        }
        #expect(try event("ebook_downloaded", order: "7").enrolledIn.count == 1)
        #expect(try event("ebook_downloaded", order: "7").enrolledIn.isEmpty)
        #expect(try event("ebook_downloaded", order: "8").enrolledIn.count == 1)
        #expect(try event("ebook_downloaded", order: nil).enrolledIn.isEmpty, "nothing says which")
        #expect(try event("demo_booked", order: "7").exitedFrom.count == 1)
        world.run(for: .days(4))
        #expect(sent(world) == ["c/remind", "c/last"])
        #expect(try event("ebook_downloaded", order: "7").enrolledIn.isEmpty)
        #expect(try event("ebook_downloaded", order: "9").enrolledIn.count == 1)
        #expect(try event("demo_booked", order: nil).exitedFrom.count == 1, "without a number it is said of all")
        #expect(try world.audit() == [])
    }

    /// What the event brought along stands in the messages of its run; without it the step waits, as for any other fact.
    @Test func aMessageShowsWhatTheEventBrought() throws {
        var files = Folder.with(
            steps: ["id: remind, after: 1h, email: m.md"],
            head: "enroll: { on: ebook_downloaded, again: { key: order_id } }",
            body: "Order {{ event.order_id }} for {{ event.total | default: \"you\" }}.")
        files["policy.yaml"] = Folder.policy()
        let world = try World(files: files)
        try world.importLeads([[Self.budi]], into: nil)
        _ = try world.command(
            .event(lead: Self.budi, name: EventName(rawValue: "ebook_downloaded"), data: ["order_id": .text("7")]))
        world.run(for: .hours(2))
        let order = try #require(world.sends.first)
        #expect(order.data == ["order_id": .text("7")])
        let composition = Composition(instanceID: "test", signer: nil)
        guard case .mail(let mail) = try composition.payload(of: order) else {
            Issue.record("no mail")
            return
        }
        #expect(String(decoding: mail.bytes, as: UTF8.self).contains("Order 7 for you."))
        let other = try World(files: files)
        try other.importLeads([[Self.budi, "8"]], columns: ["email", "order_id"], into: "c")
        other.run(for: .hours(2))
        #expect(other.sends.isEmpty)
        #expect(try other.explain(Self.budi).enrollments.first?.steps.first?.reason == .missingVariable)
    }

    /// What comes along with an event is checked like everything that comes from outside.
    @Test func anEventBringsNothingHostile() throws {
        let world = try world(Self.waiting)
        func send(_ data: [String: AttributeValue], _ step: EventHistory.StepOfCampaign? = nil) throws {
            _ = try world.command(
                .event(lead: Self.budi, name: EventName(rawValue: "demo_booked"), data: data, step: step))
        }
        #expect(throws: ControlError.self) { try send(["Order Id": .text("7")]) }
        #expect(throws: ControlError.self) { try send(["order_id": .text("7\n")]) }
        #expect(throws: ControlError.self) { try send(["order_id": .text(String(repeating: "x", count: 1_001))]) }
        #expect(throws: ControlError.self) {
            try send(Dictionary(uniqueKeysWithValues: (0...50).map { ("a\($0)", AttributeValue.text("1")) }))
        }
        let id = CampaignID(rawValue: "c")
        #expect(throws: ControlError.self) { try send([:], .init(id, StepID(rawValue: "nowhere"))) }
        #expect(try !world.lead(Self.budi).timeline.contains { $0.what == "event" })
        try send(["order_id": .text("7")], .init(id, StepID(rawValue: "invite")))
    }

    /// A date that a step sets plans anew what waits for it elsewhere, as an import does.
    @Test func aDateThatIsSetPlansAnew() throws {
        let world = try world(
            "name: C\nsteps: [ { id: note, after: 1h, set: { ends_on: 2026-11-10 } } ]\n",
            others: [
                "ending": "name: E\nsteps: [ { id: last, anchor: { attribute: ends_on }, day: -1, email: m.md } ]\n"
            ])
        _ = try world.command(.enroll(lead: Self.budi, campaign: CampaignID(rawValue: "ending")))
        world.run(for: .hours(1))
        let step = try #require(try world.explain(Self.budi).enrollments.last?.steps.first)
        #expect(step.plannedAt == Instant("2026-11-08T17:00:00Z"), "\(step)")
    }

    @Test func aGoalMayLeadOn() throws {
        let world = try world(
            """
            name: C
            goal: { on: demo_booked, then: { jump_to: thanks } }
            steps:
              - { id: one, after: 1h, email: m.md }
              - { id: two, day: 9, email: m.md }
              - { id: thanks, after: 1h, anchor: previous, if: { did: demo_booked }, email: m.md }

            """, leads: [Self.budi, "sari@example.com"])
        world.run(for: .days(2))
        let at = world.now
        _ = try world.event("demo_booked", of: Self.budi)
        world.run(for: .hours(2))
        #expect(sent(world).last == "c/thanks" && world.sends.last?.markedAt == at + .hours(1))
        world.run(for: .days(20))
        #expect(world.sends.filter { $0.lead.key == Self.budi }.map(\.step.id.rawValue) == ["one", "thanks"])
        #expect(world.sends.filter { $0.lead.key != Self.budi }.map(\.step.id.rawValue) == ["one", "two"])
        #expect(try world.status().campaigns.first?.completed == 2)
        #expect(try world.audit() == [])
    }

    /// Whoever waits for another attempt of the very step that the goal leads on to is there: it goes once.
    @Test func aGoalLeadsOnToWhatWaitsForItsNextAttempt() throws {
        let world = try world(
            """
            name: C
            goal: { on: demo_booked, then: { jump_to: thanks } }
            steps:
              - { id: thanks, after: 1h, email: m.md }
              - { id: bye, after: 30h, email: m.md }

            """)
        world.respond = World.refusedForNow
        world.run(for: .minutes(61))
        _ = try world.event("demo_booked", of: Self.budi)
        world.respond = World.accepted
        world.run(for: .days(3))
        let ends = try world.lead(Self.budi).timeline.filter {
            $0.step?.rawValue == "thanks" && ["accepted", "failed"].contains($0.what)
        }
        #expect(ends.map(\.what) == ["accepted"])
        #expect(try world.lead(Self.budi).timeline.contains { $0.what == "jumped" })
        #expect(sent(world) == ["c/thanks", "c/thanks", "c/bye"])
        #expect(try world.audit() == [])
    }

    /// The colleague is told of the goal, though nothing could be written to the lead itself.
    @Test func aGoalLeadsOnWhoHasNoAddress() throws {
        let world = try world(
            """
            name: C
            goal: { on: demo_booked, then: { jump_to: call } }
            steps:
              - { id: one, day: 9, email: m.md }
              - { id: two, day: 30, email: m.md }
              - { id: call, after: 1h, anchor: previous, notify: { to: sales@rumpun.example, message: m.md } }

            """, leads: ["crm-1"], columns: ["key"])
        world.run(for: .days(2))
        let at = world.now
        _ = try world.event("demo_booked", of: "crm-1")
        world.run(for: .days(1))
        #expect(sent(world) == ["c/call"])
        #expect(world.sends.last?.markedAt == at + .hours(1))
    }

    /// A campaign may begin and end another; two that begin each other come to an end.
    @Test func campaignsBeginAndEndEachOther() throws {
        let world = try world(
            """
            name: C
            steps:
              - { id: up, score: 5 }
              - { id: begin, enroll_in: onboarding }
              - { id: end, after: 2d, exit_from: onboarding }

            """,
            others: [
                "onboarding": """
                name: O
                steps: [ { id: hello, after: 1h, email: m.md }, { id: tip, day: 5, email: m.md } ]

                """
            ])
        world.run(for: .days(9))
        #expect(sent(world) == ["onboarding/hello"])
        #expect(try world.lead(Self.budi).enrollments.map(\.status) == ["completed", "exited"])
        let circle = try self.world(
            "name: C\nenroll: { on: replied, again: after_exit }\nsteps: [ { id: a, enroll_in: d } ]\n",
            others: ["d": "name: D\nenroll: { on: replied, again: after_exit }\nsteps: [ { id: b, enroll_in: c } ]\n"])
        circle.run(for: .hours(1))
        #expect(try circle.lead(Self.budi).enrollments.allSatisfy { $0.status == "completed" })
        #expect(try circle.audit() == [])
    }

    /// A no of the mailbox ends it whatever it waits for, and a step that sends nothing needs no transport.
    @Test func aNoEndsAWait() throws {
        let world = try world(Self.waiting)
        world.run(for: .hours(2))
        _ = try world.command(.pause(.hold(.transport("relay")), until: nil, note: ""))
        world.run(for: .days(4))
        #expect(
            try world.explain(Self.budi).enrollments.first?.steps.first { $0.step.rawValue == "booked" }?.state
                == "performed")
        _ = try world.suppress(Self.budi)
        #expect(try world.lead(Self.budi).enrollments.first?.status == "exited")
        #expect(try world.audit() == [])
    }
}
