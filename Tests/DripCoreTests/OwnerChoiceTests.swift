import DripCore
import Testing

@Suite struct OwnerChoiceTests {
    /// A Monday, 09:00 in Jakarta.
    private let monday = Instant("2026-11-02T02:00:00Z") ?? .epoch

    private func owner(
        _ name: String, weight: Int = 1, takes: Condition? = nil, hours: String? = nil, away: String? = nil
    ) throws -> Owner {
        var times = SendTimes(window: .always)
        if let parts = hours?.split(separator: "-").map(String.init) {
            times.window = SendWindow(
                days: SendWindow.office.days, opens: try #require(LocalTime(parts[0])),
                closes: try #require(LocalTime(parts[1])))
        }
        return Owner(
            name: name, address: try EmailAddress("\(name.lowercased())@rumpun.example"), takes: takes, weight: weight,
            times: times, zoneName: "Asia/Jakarta", away: try away.map(holidays) ?? .none)
    }

    private func choose(
        _ owners: [Owner], _ rule: HandoffRule = .next, of lead: [String: String] = [:],
        turns: OwnerTurns = OwnerTurns(),
        at now: Instant? = nil
    ) throws -> (name: String?, why: String, pool: OwnerTurns.Pool?) {
        let jakarta = try SystemZones.zone("Asia/Jakarta")
        let now = now ?? monday
        let choice = Handoff(owners: owners).choose(
            rule, for: asked(lead.mapValues(AttributeValue.text), at: now), turns: turns, at: now,
            zone: { _ in jakarta })
        return (choice.owner?.name, choice.why, choice.pool)
    }

    /// Who takes lead after lead, with what became of the turns.
    private func rounds(
        _ owners: [Owner], _ count: Int, from turns: OwnerTurns = OwnerTurns(), of leads: [[String: String]] = [[:]]
    ) throws -> String {
        var turns = turns
        var taken = ""
        for number in 0..<count {
            let choice = try choose(owners, of: leads[number % leads.count], turns: turns)
            let name = try #require(choice.name)
            taken += String(name.prefix(1))
            turns.give(to: try #require(owners.first { $0.name == name }), of: try #require(choice.pool))
        }
        return taken
    }

    /// Leads of a territory between them move nobody's turn among those who have none.
    @Test func everyPoolHasItsOwnTurns() throws {
        let owners = [
            try owner("Aya", takes: .attribute("country", .isOneOf([.text("Japan")]))), try owner("Budi"),
            try owner("Citra", weight: 2),
        ]
        let leads = [["country": "Japan"], ["country": "Indonesia"]]
        #expect(try rounds(owners, 12, of: leads) == "ABACACABACAC")
    }

    /// It waits for nobody's holiday.
    @Test func whereATerritoryIsAwayWhoeverHasNoneTakesIt() throws {
        let owners = [
            try owner(
                "Rini", takes: .attribute("country", .isOneOf([.text("Indonesia")])), away: "2026-11-02..2026-11-06"),
            try owner("Made"),
        ]
        let choice = try choose(owners, of: ["country": "Indonesia"])
        #expect(choice.name == "Made" && choice.why == "it is their turn, and whoever has its territory is away")
        let alone = try choose([owners[0]], of: ["country": "Indonesia"])
        #expect(alone.name == nil && alone.why == "away: Rini")
    }

    @Test func turnsGoByWeights() throws {
        #expect(try rounds([try owner("Rini"), try owner("Budi")], 6) == "RBRBRB")
        #expect(try rounds([try owner("Rini", weight: 2), try owner("Budi")], 6) == "RBRRBR")
        let three = [try owner("Rini", weight: 3), try owner("Budi"), try owner("Sari")]
        let many = try rounds(three, 500)
        #expect(many.count { $0 == "R" } == 300 && many.count { $0 == "B" } == 100 && many.count { $0 == "S" } == 100)
    }

    /// Who was away for a thousand leads gets their share from then on, and not a thousand leads.
    @Test func nobodyIsHandedWhatTheyMissed() throws {
        var turns = OwnerTurns()
        let (rini, budi) = (try owner("Rini"), try owner("Budi"))
        let pool = try #require(try choose([rini, budi]).pool)
        for _ in 0..<1_000 { turns.give(to: rini, of: pool) }
        #expect(try rounds([rini, budi], 6, from: turns) == "BRBRBR")
        // The same for somebody who is new: it is another pool, in which nobody has had a lead yet.
        #expect(try rounds([rini, budi, try owner("Sari")], 6, from: turns) == "RBSRBS")
    }

    /// Who takes over what somebody else has had has the same turns as for every other lead.
    @Test func whatSomebodyElseHadIsNoPoolOfItsOwn() throws {
        let owners = [try owner("Rini"), try owner("Budi"), try owner("Sari")]
        var turns = OwnerTurns()
        let pool = try #require(try choose(owners).pool)
        for _ in 0..<100 { turns.give(to: owners[0], of: pool) }
        for _ in 0..<100 { turns.give(to: owners[1], of: pool) }
        // Sari was away: she gets every other one of those that Rini has had, and not a hundred of them.
        var taken = ""
        for _ in 0..<6 {
            let choice = try choose(owners, .another, of: ["owner": "Rini"], turns: turns)
            taken += String(try #require(choice.name).prefix(1))
            turns.give(
                to: try #require(owners.first { $0.name == choice.name }), of: try #require(choice.pool))
        }
        #expect(taken == "SBSBSB")
        #expect(try choose(owners, .another, of: ["owner": "Rini"]).pool == pool)
    }

    @Test func aTerritoryComesFirst() throws {
        let owners = [
            try owner("Rini"), try owner("Budi", takes: .attribute("country", .isOneOf([.text("Indonesia")]))),
        ]
        let mine = try choose(owners, of: ["country": "indonesia"])
        #expect(mine.name == "Budi" && mine.why == "it is their turn, in whose territory it is")
        #expect(try choose(owners, of: ["country": "Malaysia"]).name == "Rini")
        let none = try choose([owners[1]], of: ["country": "Malaysia"])
        #expect(none.name == nil && none.why == "nobody takes such leads")
    }

    @Test func whoeverIsAwayTakesNothing() throws {
        let owners = [try owner("Rini", away: "2026-11-02..2026-11-06"), try owner("Budi")]
        #expect(try choose(owners).name == "Budi")
        // Friday at 23:59 where she lives, and Saturday.
        #expect(try choose(owners, at: Instant("2026-11-06T16:59:59Z")).name == "Budi")
        #expect(try choose(owners, at: Instant("2026-11-06T17:00:00Z")).name == "Rini")
        let none = try choose([owners[0]])
        #expect(none.name == nil && none.why == "away: Rini")
        // Not even what is theirs.
        #expect(try choose(owners, of: ["owner": "Rini"]).name == "Budi")
    }

    @Test func whoeverIsAtWorkComesFirst() throws {
        let owners = [try owner("Rini", hours: "13:00-21:00"), try owner("Budi", hours: "08:00-16:00")]
        #expect(try choose(owners).name == "Budi")
        #expect(try choose(owners, at: monday + .hours(8)).name == "Rini")
        let night = try choose(owners, at: monday + .hours(15))
        #expect(night.name == "Rini" && night.why == "it is their turn, and nobody is at work")
    }

    @Test func aLeadStaysWhoseItIsUntilAnotherIsAskedFor() throws {
        let owners = [try owner("Rini"), try owner("Budi")]
        #expect(try choose(owners, of: ["owner": "budi"]).name == "Budi")
        #expect(try choose(owners, .another, of: ["owner": "Rini"]).name == "Budi")
        #expect(try choose(owners, .another, of: ["owner": "Budi"]).name == "Rini")
        // Somebody who left, and somebody who never was.
        #expect(try choose(owners, of: ["owner": "Joko"]).name == "Rini")
        #expect(try choose([owners[0]], .another, of: ["owner": "Rini"]).name == nil)
    }
}
