import DripCore
import DripEngine
import Testing

/// Several transports: who takes a message, and what happens where none can.
@Suite struct LanesTests {
    private static let one = ["id: one, after: 1h, email: m.md, when_late: send"]

    private func relay(
        _ name: String, inFlight: Int = 4, _ traffic: TransportTraffic = TransportTraffic()
    ) -> Engine.TransportDescription {
        .init(name: name, channel: .email, inFlight: inFlight, traffic: traffic)
    }

    private func world(
        _ transports: [Engine.TransportDescription], leads: Int = 40, domain: (Int) -> String = { _ in "example.com" },
        steps: [String] = one
    ) throws -> World {
        let world = try World(files: Folder.with(steps: steps), transports: transports)
        try world.importLeads((1...leads).map { ["lead\($0)@\(domain($0))"] }, into: "c")
        return world
    }

    private func count(_ world: World) -> [String: Int] {
        Dictionary(world.sentBy.map { ($0, 1) }, uniquingKeysWith: +)
    }

    @Test func weightsShareTheWork() throws {
        let world = try world([relay("a", inFlight: 100, .init(weight: 3)), relay("b", inFlight: 100)])
        world.run(for: .hours(2))
        #expect(count(world) == ["a": 30, "b": 10])
        // Support is told whose log to read.
        let said = try world.lead("lead1@example.com").timeline.map(\.detail)
        #expect(said.contains { $0.hasPrefix("attempt 1 via \(world.sentBy.first ?? ""): ") }, "\(said)")
    }

    @Test func whoIsFullLeavesItToTheOthers() throws {
        let world = try world([relay("a", inFlight: 1, .init(weight: 100)), relay("b", inFlight: 100)])
        world.respond = { [unowned world] order in
            world.sentBy[world.sends.lastIndex { $0.delivery.id == order.delivery.id } ?? 0] == "a"
                ? nil : World.accepted(order)
        }
        world.run(for: .hours(2))
        #expect(count(world) == ["a": 2, "b": 38])
    }

    /// The relay is paused after its first refusal, which costs that delivery nothing: it goes by the other at once.
    @Test func aStandInTakesOverWhileATransportIsPaused() throws {
        let world = try world([
            relay("a", inFlight: 1, .init(fallback: "b")), relay("b", inFlight: 100, .init(weight: 0)),
        ])
        world.refuse("a")
        world.run(for: .hours(2))
        #expect(try world.status().campaigns.first?.accepted.total == 40)
        #expect(count(world) == ["a": 2, "b": 40])
        #expect(world.sends.allSatisfy { $0.markedAt < World.monday + .hours(1) + .seconds(1) })
        #expect(try world.status().lagSeconds == 0, "nothing waits for the broken one")
    }

    @Test func aPausedTransportIsProbedBesideItsStandInAndTakesOverAgain() throws {
        let world = try world(
            [relay("a", .init(fallback: "b")), relay("b", .init(weight: 0))], leads: 1,
            steps: [
                "id: one, after: 1h, email: m.md", "id: two, after: 30h, email: m.md",
                "id: three, after: 60h, email: m.md",
            ])
        world.refuse("a")
        world.run(for: .hours(2))
        world.refuse()
        world.run(for: .days(4))
        #expect(world.sentBy.first == "a" && world.sentBy.last == "a")
        #expect(try world.status().campaigns.first?.accepted.total == 3)
    }

    /// Who has mended the password does not wait for the next probe by itself; a fault again pauses for longer, as before.
    @Test func resumeTriesAtOnceWhatPausedByItself() throws {
        let world = try world([relay("a")], leads: 1)
        world.refuse("a")
        world.run(for: .hours(2))
        let refused = world.sends.count
        #expect(try world.status().transports.first?.state == "paused")
        _ = try world.command(.resume(.hold(.transport("a"))))
        world.run(for: .seconds(1))
        #expect(world.sends.count == refused + 1)
        world.refuse()
        _ = try world.command(.resume(.hold(.transport("a"))))
        world.run(for: .seconds(1))
        #expect(try world.status().campaigns.first?.accepted.total == 1)
        #expect(try world.status().transports.first?.state == "open")
    }

    @Test func aStandInDoesNothingWhileItIsNotNeeded() throws {
        let world = try world([relay("a", inFlight: 1, .init(fallback: "b")), relay("b", .init(weight: 0))])
        world.run(for: .hours(2))
        #expect(count(world) == ["a": 40])
    }

    @Test func whereNoneWorksEverythingStaysDue() throws {
        let world = try world([relay("a"), relay("b")])
        world.refuse("a", "b")
        world.run(for: .hours(3))
        let status = try world.status()
        #expect(status.lagSeconds == 7_200 && status.campaigns.first?.dueNow ?? 0 > 30)
        world.refuse()
        world.run(for: .hours(1))
        #expect(try world.status().campaigns.first?.accepted.total == 40)
    }

    @Test func aHeldTransportIsNoneToUse() throws {
        let world = try world([relay("a"), relay("b")])
        _ = try world.command(.pause(.hold(.transport("a")), until: nil, note: ""))
        world.run(for: .hours(2))
        #expect(count(world) == ["b": 40])
        let key = "lead1@example.com"
        #expect(try world.lead(key).enrollments.first?.hold == nil)
    }

    @Test func aRateKeepsWhatIsBeyondItDue() throws {
        let world = try world([relay("a", inFlight: 100, .init(rate: SendRate(count: 10, period: .minutes(1))))])
        world.run(until: World.monday + .hours(1) + .seconds(59))
        #expect(world.sends.count == 10)
        #expect(try world.status().campaigns.first?.dueNow == 30)
        world.run(for: .minutes(5))
        #expect(world.sends.count == 40)
        // Each was decided once: what had to wait was not even read.
        #expect(try world.status().campaigns.first?.deferred == [:])
    }

    @Test func aDomainsRateHoldsUpNobodyElse() throws {
        let rates = DomainPace.Rates(byDomain: ["gmail.com": SendRate(count: 10, period: .minutes(1))])
        let world = try world([relay("a", inFlight: 100, .init(ratePerDomain: rates))], leads: 80) {
            $0 <= 40 ? "gmail.com" : "example.com"
        }
        world.run(until: World.monday + .hours(1) + .seconds(59))
        #expect(world.sends.count { $0.lead.key.hasSuffix("@example.com") } == 40)
        #expect(world.sends.count { $0.lead.key.hasSuffix("@gmail.com") } == 10)
        #expect(try world.status().campaigns.first?.deferred == ["rateLimited": 39])
        let outlook = try world.explain("lead40@gmail.com").enrollments.first?.outlook ?? ""
        #expect(outlook.contains("rate") || outlook.contains("goes"), "\(outlook)")
        world.run(for: .minutes(5))
        #expect(world.sends.count == 80)
        let instants = world.sends.filter { $0.lead.key.hasSuffix("@gmail.com") }.map(\.markedAt)
        #expect(zip(instants, instants.dropFirst()).allSatisfy { $1 - $0 == .seconds(6) })
    }

    @Test func aDayOfWarmingUpHasItsVolumeAlsoAfterACrash() throws {
        let today = try #require(LocalDate("2026-11-02"))
        let world = try world([relay("a", .init(warmUp: WarmUp(from: today, volumes: [5, 10])))])
        world.run(for: .hours(2))
        #expect(world.sends.count == 5)
        try world.crash()
        world.run(until: World.monday + .hours(14))
        #expect(world.sends.count == 5, "Monday is not over in Jakarta")
        world.run(until: World.monday + .hours(16))
        #expect(world.sends.count == 15)
        world.run(for: .days(2))
        #expect(world.sends.count == 40)
    }

    @Test func aDomainsWaitIsNotTheCatchUpsWait() throws {
        let rates = DomainPace.Rates(byDomain: ["gmail.com": SendRate(count: 1, period: .minutes(10))])
        var files = Folder.with(steps: Self.one, policy: "catch_up: { at_most: 60, per: 1m, after: 15m }")
        files["c/m.md"] = files["c/m.md"]
        let world = try World(files: files, transports: [relay("a", inFlight: 100, .init(ratePerDomain: rates))])
        try world.importLeads((1...40).map { ["lead\($0)@\($0 % 2 == 0 ? "gmail.com" : "example.com")"] }, into: "c")
        world.sleep(until: World.monday + .hours(3))
        world.ring()
        world.run(for: .minutes(5))
        #expect(world.sends.count { $0.lead.key.hasSuffix("@example.com") } == 20)
    }

    /// What waits for a transport that was renamed goes by the one that its step names now.
    @Test func aTransportThatIsGoneStrandsNobody() throws {
        let steps = ["id: one, after: 1h, http: { transport: hook, message: m.md }"]
        let world = try World(
            files: Folder.with(steps: steps),
            transports: [relay("relay"), .init(name: "hook", channel: .http, inFlight: 4)])
        try world.importLeads([["a@example.com"]], into: "c")
        world.transports = [relay("relay"), .init(name: "ads", channel: .http, inFlight: 4)]
        try world.crash()
        world.run(for: .hours(2))
        #expect(world.sends.isEmpty)
        #expect(try world.status().problems.contains { $0.what == "dripd.yaml has no transport \"hook\"" })
        world.files["c/campaign.yaml"] = world.files["c/campaign.yaml"]?.replacing(
            "transport: hook", with: "transport: ads")
        _ = try world.reload()
        world.run(for: .hours(1))
        #expect(world.sentBy == ["ads"])
    }

    /// One webhook that is down holds up no other, and each has its own credit.
    @Test func eachWebhookIsALaneOfItsOwn() throws {
        let steps = ["id: one, after: 1h, http: { transport: hook, message: m.md }"]
        var files = Folder.with(steps: steps)
        files["d/campaign.yaml"] = files["c/campaign.yaml"]?.replacing("transport: hook", with: "transport: ads")
        files["d/m.md"] = files["c/m.md"]
        let world = try World(
            files: files,
            transports: [
                relay("relay"), .init(name: "hook", channel: .http, inFlight: 1),
                .init(name: "ads", channel: .http, inFlight: 100),
            ])
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "c")
        try world.importLeads((1...20).map { ["lead\($0)@example.com"] }, into: "d")
        world.refuse("hook")
        world.run(for: .hours(2))
        #expect(try world.status().campaigns.map(\.accepted.total) == [0, 20])
        // An edit that names another transport takes what waits along.
        world.files["c/campaign.yaml"] = files["d/campaign.yaml"]
        _ = try world.reload()
        world.run(for: .hours(2))
        #expect(try world.status().campaigns.map(\.accepted.total) == [20, 20])
    }
}
