import DripCore
import DripEngine
import Testing

/// Opt-outs, what they end, and how a mistake is taken back.
@Suite struct DoNotSendCommandsTests {
    private static let topics = "topics: { education: Guides, promotions: Offers }"
    private let budi = "budi@example.com"

    private func world(_ head: String, _ steps: [String]) throws -> World {
        let world = try World(files: Folder.with(steps: steps, head: head, policy: Self.topics))
        try world.importLeads([[budi]], into: "c")
        world.run(for: .minutes(1))
        return world
    }

    private func status(_ world: World) throws -> String? { try world.lead(budi).enrollments.first?.status }
    private func sent(_ world: World) -> [String] { world.sends.map(\.step.id.rawValue) }

    @Test func anOptOutOfTheCampaignsTopicEndsIt() throws {
        let world = try world(
            "topic: education", ["id: one, after: 0s, email: m.md", "id: two, after: 1h, email: m.md"])
        let answer = try world.suppress("BUDI@example.com", topic: "education")
        #expect(answer.isNew && answer.topic?.rawValue == "education" && answer.stillUnderWay == 0)
        #expect(answer.exitedFrom.map(\.rawValue) == ["c"])
        world.run(for: .days(2))
        #expect(sent(world) == ["one"])
        #expect(try world.status().campaigns.first?.exitedByReason == ["optedOut": 1])
        let lead = try world.lead(budi)
        #expect(lead.suppression == nil && lead.optOuts.map(\.topic.rawValue) == ["education"])
        #expect(
            lead.timeline.contains {
                $0.what == "suppressed" && $0.reason == .optedOut && $0.detail == "topic education: test"
            })
        #expect(try world.explain(budi).optOuts == lead.optOuts)
        #expect(try !world.suppress(budi, topic: "education").isNew)
        // And no new enrollment begins.
        #expect(try world.importLeads([[budi]], into: "c").suppressed == 1)
    }

    /// Who wants no more tips has booked a demo all the same: the colleague is told, and the tips are over.
    @Test func whoHasOptedOutIsLedOnByTheGoal() throws {
        let world = try world(
            "topic: education\ngoal: { on: demo_booked, then: { jump_to: call } }",
            [
                "id: one, day: 9, email: m.md", "id: two, day: 30, email: m.md",
                "id: call, after: 1h, anchor: previous, notify: { to: sales@rumpun.example, message: m.md }",
            ])
        _ = try world.suppress(budi, topic: "education")
        world.run(for: .days(1))
        let at = world.now
        _ = try world.event("demo_booked", of: budi)
        world.run(for: .days(2))
        #expect(sent(world) == ["call"])
        #expect(world.sends.last?.markedAt == at + .hours(1))
    }

    @Test func whoLooksForASuppressedAddressWithoutALeadIsToldWhy() throws {
        let world = try world("", ["id: one, after: 0s, email: m.md"])
        _ = try world.suppress("x@example.com")
        let error = #expect(throws: ControlError.self) { try world.lead("x@example.com") }
        #expect(
            error?.message == "no lead has the address \"x@example.com\"; the address is on the do-not-send list since "
                + "\(world.now): manual: test")
    }

    @Test func whatWasNotThereNamesTheOptOutsThatAre() throws {
        let world = try world("topic: education", ["id: one, after: 0s, email: m.md"])
        _ = try world.suppress(budi, topic: "education")
        let answer = try world.unsuppress(budi)
        #expect(!answer.wasThere && answer.optedOut.map(\.rawValue) == ["education"])
    }

    @Test func anEventThatSuppressesSaysSo() throws {
        let world = try world("", ["id: one, after: 0s, email: m.md"])
        #expect(try world.event("bounced", of: budi).suppressed == budi)
        #expect(try world.event("opened", of: budi).suppressed == nil)
    }

    /// A bounce is the mailbox's, whoever shares it; a reply is one person's.
    @Test func whatASharedMailboxSaysIsSaidOfAll() throws {
        let world = try World(files: Folder.with(steps: ["id: one, after: 1h, email: m.md"]))
        try world.importLeads(
            [["crm-1", "info@example.com"], ["crm-2", "info@example.com"]], columns: ["key", "email"], into: "c")
        #expect(throws: ControlError.self) { try world.event("replied", of: "info@example.com") }
        let answer = try world.event("bounced", of: "info@example.com")
        #expect(answer.suppressed == "info@example.com" && answer.exitedFrom.count == 2)
        for key in ["crm-1", "crm-2"] { #expect(try world.lead(key).timeline.contains { $0.what == "event" }) }
        world.run(for: .days(1))
        #expect(world.sends.isEmpty)
    }

    @Test func anotherTopicEndsNothing() throws {
        let world = try world(
            "topic: education", ["id: one, after: 0s, email: m.md", "id: two, after: 1h, email: m.md"])
        #expect(try world.suppress(budi, topic: "promotions").exitedFrom.isEmpty)
        world.run(for: .days(2))
        #expect(sent(world) == ["one", "two"])
    }

    @Test func anOptOutOfAStepsTopicSkipsThatStep() throws {
        let world = try world(
            "topic: education",
            ["id: one, after: 1h, email: m.md, topic: promotions", "id: two, after: 2h, email: m.md"])
        #expect(try world.suppress(budi, topic: "promotions").exitedFrom.isEmpty)
        let gates = try #require(try world.explain(budi).enrollments.first?.gatesNow)
        #expect(gates.first?.verdict == "skip" && gates.first?.reason == .optedOut)
        world.run(for: .days(2))
        #expect(sent(world) == ["two"])
        #expect(try world.status().campaigns.first?.skipped == ["optedOut": 1])
    }

    @Test func whatIsUnderWayIsCountedAndNotTriedAgain() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 0s, email: m.md"], head: "topic: education", policy: Self.topics))
        world.respond = { _ in nil }
        try world.importLeads([[budi]], into: "c")
        world.ring()
        #expect(try world.suppress(budi, topic: "promotions").stillUnderWay == 0)
        #expect(try world.suppress(budi, topic: "education").stillUnderWay == 1)
        world.respond = World.refusedForNow
        world.run(for: .days(2))
        #expect(world.sends.count == 1)
        #expect(try world.status().reserved == 0)
    }

    @Test func anUnknownTopicIsRefusedWithTheKnownOnes() throws {
        let world = try world("", ["id: one, after: 0s, email: m.md"])
        let error = #expect(throws: ControlError.self) { try world.suppress(budi, topic: "educatin") }
        #expect(error?.message == "no topic is called \"educatin\"; policy.yaml knows education, promotions")
    }

    @Test func anEventDoesNotEnrolWhoOptedOut() throws {
        var files = Folder.nurture
        files["policy.yaml"] = Folder.policy(Self.topics)
        files["c/campaign.yaml"] = files["c/campaign.yaml"]?.replacing("name: C", with: "name: C\ntopic: education")
        let world = try World(files: files)
        try world.importLeads([[budi], ["siti@example.com"]], into: nil)
        _ = try world.suppress(budi, topic: "education")
        #expect(try world.event("ebook_downloaded", of: budi).enrolledIn.isEmpty)
        #expect(try world.event("ebook_downloaded", of: "siti@example.com").enrolledIn.count == 1)
        let error = #expect(throws: ControlError.self) {
            try world.command(.enroll(lead: budi, campaign: CampaignID(rawValue: "c")))
        }
        #expect(error?.message == "budi@example.com has opted out of the topic education: not enrolled")
    }

    // MARK: Transactional steps

    private static let withReceipt = [
        "id: tips, after: 1h, email: m.md", "id: receipt, after: 2h, email: m.md, class: transactional, counts: false",
        "id: offer, after: 3h, email: m.md",
    ]

    @Test func anUnsubscribeLeavesTheReceipt() throws {
        let world = try world("", Self.withReceipt)
        #expect(try world.event("unsubscribed", of: budi).exitedFrom.isEmpty)
        world.run(for: .days(3))
        #expect(sent(world) == ["receipt"])
        #expect(try status(world) == "exited")
        let campaign = try #require(try world.status().campaigns.first)
        #expect(campaign.skipped == ["suppressed": 1] && campaign.exitedByReason == ["suppressed": 1])
    }

    @Test func anUnsubscribeAfterTheReceiptEndsIt() throws {
        let world = try world("", Self.withReceipt)
        world.run(for: .minutes(150))
        #expect(try world.event("unsubscribed", of: budi).exitedFrom.count == 1)
        world.run(for: .days(3))
        #expect(sent(world) == ["tips", "receipt"])
    }

    /// G5: what says more than an unsubscribe stops the receipt too, whichever came first.
    @Test(arguments: [["bounced"], ["complained"], ["unsubscribed", "bounced"], ["unsubscribed", "complained"]])
    func aBounceOrComplaintStopsTheReceiptToo(events: [String]) throws {
        let world = try world("", Self.withReceipt)
        for event in events { _ = try world.event(event, of: budi) }
        #expect(try status(world) == "exited")
        #expect(try world.lead(budi).suppression?.cause.rawValue == events.last)
        world.run(for: .days(3))
        #expect(sent(world).isEmpty)
    }

    @Test func aPersonsSuppressStopsTheReceiptToo() throws {
        let world = try world("", Self.withReceipt)
        #expect(try world.suppress(budi).exitedFrom.count == 1)
        world.run(for: .days(3))
        #expect(sent(world).isEmpty)
    }

    @Test func whoUnsubscribedCanStillBeEnrolledForAReceipt() throws {
        var files = Folder.with(
            steps: ["id: receipt, after: 1h, email: m.md, class: transactional, counts: false"],
            head: "enroll: { on: demo_booked }", policy: Self.topics)
        files["d/m.md"] = Folder.message()
        files["d/campaign.yaml"] =
            "name: D\nenroll: { on: demo_booked }\nsteps:\n  - { id: x, after: 1h, email: m.md }\n"
        let world = try World(files: files)
        try world.importLeads([[budi]], into: nil)
        _ = try world.event("unsubscribed", of: budi)
        #expect(try world.event("demo_booked", of: budi).enrolledIn.map(\.rawValue) == ["c"])
        world.run(for: .days(2))
        #expect(sent(world) == ["receipt"])
    }

    // MARK: Taking back

    @Test func aMistakeIsTakenBackAndJournaled() throws {
        let world = try world("", ["id: one, after: 1h, email: m.md"])
        #expect(try !world.unsuppress(budi).wasThere)
        _ = try world.suppress(budi)
        let answer = try world.unsuppress("Budi@Example.com")
        #expect(answer.wasThere && answer.was == "manual: test")
        let lead = try world.lead(budi)
        #expect(lead.suppression == nil)
        #expect(lead.timeline.first.map { "\($0.what) \($0.detail)" } == "unsuppressed no longer manual: test")
        #expect(lead.enrollments.first?.status == "exited", "what it ended stays ended")
        #expect(try world.status().suppressed == 0)
    }

    @Test func anOptOutIsTakenBack() throws {
        let world = try world("topic: promotions", ["id: one, after: 1h, email: m.md"])
        _ = try world.suppress(budi, topic: "education")
        #expect(try !world.unsuppress(budi, topic: "promotions").wasThere)
        #expect(try world.unsuppress(budi, topic: "education").wasThere)
        #expect(try world.lead(budi).optOuts.isEmpty)
        #expect(try world.lead(budi).timeline.first?.detail == "topic education: test")
    }

    @Test func aComplaintIsNotTakenBackByTheWay() throws {
        let world = try world("", ["id: one, after: 1h, email: m.md"])
        _ = try world.event("complained", of: budi)
        let error = #expect(throws: ControlError.self) { try world.unsuppress(budi) }
        #expect(error?.message.contains("as complained") == true && error?.message.contains("--force") == true)
        #expect(try world.lead(budi).suppression != nil)
        #expect(try world.unsuppress(budi, force: true).wasThere)
        #expect(try world.lead(budi).suppression == nil)
    }
}
