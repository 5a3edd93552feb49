import DripCore
import DripEngine
import Testing

/// CRMs that hear of leads by themselves: what they are told, in which order, and what becomes of what they do not take.
@Suite struct PushesTests {
    private static let scoring = """
        stages: { mql: { on: demo_booked }, sql: { on: sales_accepted } }
        crm: [ { to: hook, leads: { stage: [mql, sql] }, values: { stage: { mql: marketingqualifiedlead } }, \
        history: true, give_up_after: 1h } ]
        """

    private func world(
        _ scoring: String = scoring, leads: Int = 2, step: String = "id: hello, day: 1, email: m.md",
        transports: [Engine.TransportDescription]? = nil
    ) throws -> World {
        var files = Folder.with(steps: [step], head: "enroll: { on: never_heard }")
        files["policy.yaml"] = files["policy.yaml"].map {
            $0.replacing("events:", with: "events:\n  never_heard: Nothing")
        }
        files["scoring.yaml"] = scoring
        let world = try World(files: files, transports: transports)
        try world.importLeads(
            (1...leads).map { ["siti\($0)", "siti\($0)@example.com", "Jakarta"] }, columns: ["key", "email", "city"],
            into: nil)
        return world
    }

    private func importCity(_ world: World, _ city: String, _ key: String = "siti1") throws {
        try world.importLeads([[key, city]], columns: ["key", "city"], into: nil)
    }

    private func crm(_ world: World) throws -> CRMView? {
        guard case .crms(let views) = try world.command(.crms) else { throw ControlError(.invalid, "another answer") }
        return views.first
    }

    private func letters(_ world: World) throws -> [DeadLetter] {
        guard case .deadLetters(let page) = try world.command(.list(ListRequest(.deadLetters(transport: nil)))) else {
            throw ControlError(.invalid, "another answer")
        }
        return page.data
    }

    private func push(_ world: World, _ request: PushRequest) throws -> Int {
        guard case .pushed(let answer) = try world.command(.push(request)) else {
            throw ControlError(.invalid, "another answer")
        }
        return answer.count
    }

    private func result(_ order: PushOrder, _ outcome: Outcome, _ code: Int, _ blame: AttemptResult.Blame = .delivery)
        -> AttemptResult
    {
        AttemptResult(
            delivery: order.push.id.asDelivery, outcome: outcome, blame: blame, code: code, text: "\(code) no")
    }

    @Test func aLeadIsToldOfOnceItIsMeantAndThenWheneverItChanges() throws {
        let world = try world()
        #expect(world.pushes.isEmpty)
        _ = try world.event("demo_booked", of: "siti1")
        world.settle()
        try importCity(world, "Bandung")
        try importCity(world, "Bandung")
        try importCity(world, "Medan", "siti2")
        world.settle()
        let told = world.pushes.map(\.push.content)
        #expect(told.map(\.key) == ["siti1", "siti1"] && told.map(\.changed) == ["new", "city"])
        #expect(told.map { $0.facts["stage"]?.text } == ["marketingqualifiedlead", "marketingqualifiedlead"])
        #expect(told.map { $0.facts["city"]?.text } == ["Jakarta", "Bandung"])
        #expect(told[0].address?.text == "siti1@example.com" && told[0].history.contains("demo_booked"))
        let history = try world.lead("siti1").timeline.filter { $0.what == "pushed" }.map(\.detail)
        #expect(history == ["hook: city", "hook: new"])
        #expect(try crm(world) == CRMView(transport: "hook", waiting: 0, oldestAt: nil, dead: 0))
        #expect(try world.audit() == [])
    }

    /// The second change waits for the first, however long that is tried; another lead's does not.
    @Test func theChangesOfOneLeadGoInOrder() throws {
        let world = try world()
        world.takePush = { order in order.push.content.facts["city"]?.text == "Jakarta" ? nil : World.took(order) }
        _ = try world.event("demo_booked", of: "siti1")
        try importCity(world, "Bandung")
        try importCity(world, "Medan")
        try importCity(world, "Solo", "siti2")
        _ = try world.event("demo_booked", of: "siti2")
        world.settle()
        #expect(world.pushes.map(\.push.content.key) == ["siti1", "siti2"])
        #expect(try crm(world)?.waiting == 3)
        world.give([result(world.pushes[0], .transientFailure, 503)])
        world.takePush = { World.took($0) }
        world.run(for: .minutes(2))
        let cities = world.pushes.filter { $0.push.content.key == "siti1" }.map { $0.push.content.facts["city"]?.text }
        #expect(cities == ["Jakarta", "Jakarta", "Bandung", "Medan"])
        #expect(Set(world.pushes.map(\.push.id)).count == 4)
        #expect(try world.audit() == [])
    }

    @Test func whatWasUnderWayAtAKillGoesAgainUnderTheSameNumber() throws {
        let world = try world()
        world.takePush = { _ in nil }
        _ = try world.event("demo_booked", of: "siti1")
        try importCity(world, "Bandung")
        try world.crash()
        #expect(world.pushes.map(\.push.id.rawValue) == [1, 1])
        #expect(world.pushes[0].push.content == world.pushes[1].push.content)
        world.takePush = { World.took($0) }
        world.settle()
        world.ring()
        #expect(world.pushes.map(\.push.id.rawValue) == [1, 1, 2])
    }

    @Test func aRefusalIsADeadLetterAndTheNextChangeGoesOn() throws {
        let world = try world()
        world.takePush = { self.result($0, .permanentFailure, 400) }
        _ = try world.event("demo_booked", of: "siti1")
        world.settle()
        world.takePush = { World.took($0) }
        try importCity(world, "Bandung")
        world.settle()
        #expect(world.pushes.count == 2)
        let letter = try #require(try letters(world).first)
        let ofLead = try world.lead("siti1").pushes
        #expect(ofLead.map(\.number) == [letter.number] && ofLead.map(\.diedAt) == [letter.diedAt], "\(ofLead)")
        #expect(letter.lead == "siti1" && letter.said == "400 no" && letter.changed == "new" && letter.attempts == 1)
        #expect(try world.status().crm == [CRMView(transport: "hook", waiting: 0, oldestAt: nil, dead: 1)])
        #expect(try world.status().problems.contains { $0.what == "hook never took some changes of leads" })
        // As it is now, not as it was.
        #expect(try push(world, PushRequest(.replay)) == 1)
        world.settle()
        #expect(world.pushes.last?.push.content.facts["city"]?.text == "Bandung" && world.pushes.count == 3)
        #expect(try letters(world).isEmpty && world.lead("siti1").pushes.isEmpty)
        #expect(try world.status().problems.isEmpty)
        #expect(try world.audit() == [])
    }

    @Test func itIsGivenUpAfterAWhileAndMayBeDiscarded() throws {
        let world = try world()
        world.takePush = { self.result($0, .transientFailure, 503) }
        _ = try world.event("demo_booked", of: "siti1")
        world.run(for: .hours(2))
        #expect(world.pushes.count == 6 && Set(world.pushes.map(\.push.id)).count == 1)
        let number = try #require(try letters(world).first?.number)
        #expect(throws: ControlError.self) { try push(world, PushRequest(.discard, number: 99)) }
        #expect(throws: ControlError.self) { try push(world, PushRequest(.replay, transport: "other")) }
        #expect(throws: ControlError.self) { try push(world, PushRequest(.discard)) }
        #expect(try push(world, PushRequest(.discard, lead: "siti2")) == 0)
        #expect(try push(world, PushRequest(.discard, number: number)) == 1)
        #expect(try letters(world).isEmpty)
    }

    @Test func aFaultOfTheTransportCostsNothingAndPausesIt() throws {
        let world = try world()
        world.takePush = { self.result($0, .transientFailure, 401, .transport) }
        _ = try world.event("demo_booked", of: "siti1")
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .days(4))
        #expect(try letters(world).isEmpty)
        #expect(try world.status().transports.last?.state == "paused")
        world.takePush = { World.took($0) }
        world.run(for: .minutes(11))
        #expect(try crm(world)?.waiting == 0)
    }

    @Test func aCRMThatIsNewIsToldOfAllThatItIsToHear() throws {
        let world = try world("stages: { mql: { on: demo_booked } }", leads: 3)
        _ = try world.event("demo_booked", of: "siti1")
        _ = try world.event("demo_booked", of: "siti3")
        #expect(throws: ControlError.self) { try push(world, PushRequest(.push)) }
        world.files["scoring.yaml"] = Self.scoring
        try world.reload()
        world.settle()
        #expect(world.pushes.isEmpty)
        #expect(try push(world, PushRequest(.push)) == 2)
        #expect(throws: ControlError.self) { try push(world, PushRequest(.push, number: 1)) }
        world.settle()
        #expect(world.pushes.map(\.push.content.key) == ["siti1", "siti3"])
        // One that is named no more keeps what waits, until somebody lets go of it.
        world.takePush = { _ in nil }
        try importCity(world, "Bandung")
        try importCity(world, "Medan")
        try world.crash()
        world.files["scoring.yaml"] = "stages: { mql: { on: demo_booked } }"
        try world.reload()
        #expect(try crm(world)?.isNamed == false && crm(world)?.waiting == 2)
        #expect(try push(world, PushRequest(.discard, transport: "hook", lead: "siti3")) == 0)
        #expect(try crm(world)?.waiting == 2)
        #expect(try push(world, PushRequest(.discard, transport: "hook")) == 2)
        #expect(try crm(world) == nil)
        #expect(try world.audit() == [])
    }

    @Test func nothingOfAnErasedLeadIsToldAndAPauseHoldsEverything() throws {
        let world = try world()
        world.takePush = { _ in nil }
        _ = try world.event("demo_booked", of: "siti1")
        try importCity(world, "Bandung")
        // What is on the wire would come behind the erasure, or behind what the CRM is told of the lead that took it in.
        #expect(throws: ControlError.self) { try world.command(.erase(EraseRequest(lead: "siti1"))) }
        #expect(throws: ControlError.self) { try world.command(.merge(MergeRequest(from: "siti1", into: "siti2"))) }
        world.give([result(world.pushes[0], .transientFailure, 503)])
        _ = try world.command(.erase(EraseRequest(lead: "siti1")))
        world.takePush = { World.took($0) }
        world.run(for: .days(1))
        #expect(world.pushes.count == 1)
        #expect(try crm(world)?.waiting == 0)
        _ = try world.command(.pause(.hold(.everything), until: nil, note: "test"))
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .hours(1))
        #expect(world.pushes.count == 1)
        _ = try world.command(.resume(.hold(.everything)))
        world.settle()
        #expect(world.pushes.count == 2)
        #expect(try world.audit() == [])
    }

    @Test func oneLeadThatACRMDoesNotKnowHoldsItUpForAWhileAtMost() throws {
        let world = try world()
        world.takePush = {
            $0.push.content.key == "siti1" ? self.result($0, .transientFailure, 404, .transport) : World.took($0)
        }
        _ = try world.event("demo_booked", of: "siti1")
        _ = try world.event("demo_booked", of: "siti2")
        world.run(for: .hours(3))
        #expect(try letters(world).map(\.lead) == ["siti1"])
        #expect(try crm(world)?.waiting == 0)
    }

    /// Of a transport that sends one in a second pushes take every second one, and all of them where no step is due.
    @Test func stepsByTheSameTransportGoOn() throws {
        let rate = SendRate(count: 1, period: .seconds(1))
        let world = try world(
            leads: 40, step: "id: hello, after: 0s, http: { transport: hook, message: m.md }",
            transports: [
                .init(name: "relay", channel: .email, inFlight: 4),
                .init(name: "hook", channel: .http, inFlight: 4, traffic: TransportTraffic(rate: rate)),
            ])
        for number in 1...40 { _ = try world.event("demo_booked", of: "siti\(number)") }
        for number in 1...10 { _ = try world.event("never_heard", of: "siti\(number)") }
        world.run(for: .seconds(22))
        #expect(world.sends.count >= 9, "of 22, pushes took \(world.pushes.count)")
        world.run(for: .seconds(40))
        #expect(world.sends.count == 10 && world.pushes.count == 40)
    }

    @Test func aPushWaitsForNoClockThatRanAhead() throws {
        let world = try world()
        world.sleep(until: World.monday + .days(10))
        world.ring()
        world.takePush = { self.result($0, .transientFailure, 503) }
        _ = try world.event("demo_booked", of: "siti1")
        world.settle()
        world.setBack(to: World.monday + .hours(1))
        world.takePush = { World.took($0) }
        world.ring()
        world.run(for: .minutes(1))
        #expect(try crm(world)?.waiting == 0 && world.pushes.count == 2)
    }

    @Test func whoeverTypedAnAddressIsToldOfOnceItsOwnerHasSaidYes() throws {
        let forms = try FormWorld(["scoring.yaml": "crm: [ { to: hook } ]"])
        try forms.submit("budi@example.com")
        forms.world.run(for: .minutes(1))
        #expect(forms.asking.count == 1 && forms.world.pushes.isEmpty)
        #expect(try push(forms.world, PushRequest(.push)) == 0)
        try forms.confirm(try #require(forms.asking.first))
        forms.world.settle()
        #expect(forms.world.pushes.first?.push.content.changed == "new")
        #expect(forms.world.pushes.first?.push.content.address?.text == "budi@example.com")
    }

    @Test func aStopWaitsForWhatIsUnderWay() throws {
        let world = try world()
        world.takePush = { _ in nil }
        _ = try world.event("demo_booked", of: "siti1")
        _ = world.stop()
        #expect(try world.status().state == .draining)
        world.give([World.took(world.pushes[0])])
        #expect(try world.status().state == .stopped)
        #expect(try crm(world)?.waiting == 0)
    }
}
