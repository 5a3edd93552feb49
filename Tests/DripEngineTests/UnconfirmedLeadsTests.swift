import DripCore
import DripEngine
import DripStore
import Testing

/// What becomes of leads that a form made and that nobody confirms.
@Suite struct UnconfirmedLeadsTests {
    private let budi = "budi@example.com"

    /// Days go by, with a ring on each.
    private func pass(_ days: Int, in world: World) {
        for _ in 0..<days {
            world.run(for: .days(1))
            world.ring()
        }
    }

    private func isKnown(_ address: String, in world: World) -> Bool { (try? world.lead(address)) != nil }

    private func asked(_ changes: [String: String] = [:]) throws -> FormWorld {
        let forms = try FormWorld(changes)
        #expect(try forms.submit(budi) == .taken)
        forms.world.run(for: .minutes(1))
        return forms
    }

    @Test func whoNeverSaysYesIsForgottenAfterThirtyDays() throws {
        let forms = try asked()
        let run = try #require(forms.asking.last)
        pass(29, in: forms.world)
        #expect(isKnown(budi, in: forms.world))
        pass(2, in: forms.world)
        #expect(!isKnown(budi, in: forms.world))
        #expect(try forms.answer(.question(run)) == .gone && forms.confirm(run) == nil)
        let status = try forms.world.status()
        #expect(status.leads == 0 && status.suppressed == 0)
        #expect(try !forms.world.unsuppress(budi).wasThere)
        #expect(try forms.world.audit() == [])
        // They did not ask to be forgotten: the form works as if for the first time.
        #expect(try forms.submit(budi) == .taken)
        forms.world.run(for: .minutes(1))
        #expect(try forms.confirm(#require(forms.asking.last))?.isNew == true)
        #expect(try forms.world.audit() == [])
    }

    @Test func whatIsUnderWayOrInDoubtEndsWithIt() throws {
        let slow = Forms.confirming.replacing("after: 2d", with: "after: 90d")
        let forms = try FormWorld(["confirm/campaign.yaml": slow])
        forms.world.respond = World.noReply
        #expect(try forms.submit(budi) == .taken)
        forms.world.run(for: .hours(2))
        forms.world.respond = World.accepted
        #expect(try forms.world.status().unresolved == 1)
        pass(31, in: forms.world)
        #expect(!isKnown(budi, in: forms.world))
        #expect(try forms.world.status().unresolved == 0)
        pass(70, in: forms.world)
        #expect(forms.asking.count == 1)
        #expect(!forms.world.sends.contains { $0.step.id.rawValue == "remind" })
        #expect(try forms.world.audit() == [])
    }

    /// What else makes a lead known; each keeps it.
    enum Otherwise: String, CaseIterable, Sendable {
        case confirmed, fact, event, optOut, sharer, run, taken, paused, unsubscribed, merged, newsletter
    }

    @Test(arguments: Otherwise.allCases) func whoIsKnownOtherwiseStays(_ how: Otherwise) throws {
        let topics = Folder.policy("topics: { news: News }")
        let forms = try asked(how == .optOut ? ["policy.yaml": topics] : [:])
        let world = forms.world
        switch how {
        case .confirmed: try forms.confirm(#require(forms.asking.last))
        case .fact:
            var leads = LeadsRequest(leads: [.init(email: budi, attributes: ["city": .text("Bogor")])])
            leads.isOperators = false
            _ = try world.command(.putLeads(leads))
        case .event: _ = try world.event("demo_booked", of: budi)
        case .optOut: _ = try world.suppress(budi, topic: "news")
        case .sharer: try sharer(in: world)
        case .run:
            let campaign = CampaignID(rawValue: "other")
            world.files["other/campaign.yaml"] =
                "name: O\nsteps: [ { id: one, after: 2h, class: transactional, email: m.md } ]\n"
            world.files["other/m.md"] = Folder.message()
            _ = try world.reload()
            let answer = try? world.command(.enroll(lead: budi, campaign: campaign))
            if answer == nil { _ = try world.event("demo_booked", of: budi) }
        case .taken: _ = try world.unsuppress(budi)
        case .paused:
            _ = try world.command(.pause(.lead(budi), until: nil, note: "asked by phone"))
        case .unsubscribed: _ = try world.event("unsubscribed", of: budi)
        case .merged:
            try world.importLeads([["crm-1", "old@example.com"]], columns: ["key", "email"], into: nil)
            _ = try world.command(.merge(MergeRequest(from: "crm-1", into: budi)))
        case .newsletter: try forms.submit(budi, to: "news", [:])
        }
        pass(70, in: world)
        #expect(isKnown(budi, in: world), "\(how)")
        #expect(try world.audit() == [])
    }

    /// Another lead with that mailbox, by a token that states no ground.
    private func sharer(in world: World) throws {
        var leads = LeadsRequest(leads: [.init(key: "crm-9", email: budi)])
        leads.isOperators = false
        _ = try world.command(.putLeads(leads))
    }

    @Test func eachQuestionBeginsTheTimeAnew() throws {
        let forms = try asked()
        pass(20, in: forms.world)
        #expect(try forms.submit(budi) == .taken)
        pass(20, in: forms.world)
        #expect(isKnown(budi, in: forms.world))
        pass(12, in: forms.world)
        #expect(!isKnown(budi, in: forms.world))
        #expect(try forms.world.audit() == [])
    }

    @Test func manyGoAFewAtATimeAndAlsoAfterARestart() throws {
        let forms = try FormWorld()
        for number in 0..<150 { #expect(try forms.submit("lead\(number)@example.com") == .taken) }
        pass(29, in: forms.world)
        try forms.world.crash()
        pass(1, in: forms.world)
        forms.world.run(for: .days(1))
        #expect(try forms.world.status().leads == 150)
        forms.world.ring()
        #expect(try forms.world.status().leads == 50)
        forms.world.sleep(until: forms.world.now + .seconds(1))
        forms.world.ring()
        #expect(try forms.world.status().leads == 0)
        #expect(try forms.world.audit() == [])
    }
}
