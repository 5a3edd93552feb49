import DripCore
import Testing

@Suite struct PushedFactsTests {
    private func facts(
        _ attributes: [String: AttributeValue], stage: Stage = .lead, scoring: Scoring? = nil
    ) throws -> ConditionFacts {
        var lead = Lead(
            id: LeadID(rawValue: 1), key: "budi", address: try EmailAddress("budi@example.com"), zoneName: nil,
            locale: nil, attributes: attributes)
        lead.stage = LeadStage(stage, since: .epoch)
        return ConditionFacts(
            lead: lead, campaign: CampaignID(rawValue: ""), at: .epoch, zone: try SystemZones.zone("Asia/Jakarta"),
            scoring: scoring)
    }

    private let scoring = Scoring(
        fit: [.init(name: "all", condition: .all([]), points: 7, group: nil)])

    @Test func itIsToldEveryAttributeAndWhatDripdKnows() throws {
        let hubspot = CRMTarget(transport: "hubspot")
        let plain = PushedFacts.facts(of: try facts(["industry": .text("fintech")]), for: hubspot)
        #expect(plain == ["industry": .text("fintech")])
        let scored = PushedFacts.facts(
            of: try facts(["industry": .text("fintech"), "stage": .text("mine")], stage: .mql, scoring: scoring),
            for: hubspot)
        #expect(
            scored == [
                "industry": .text("fintech"), "stage": .text("mql"), "score": .number(7), "fit": .number(7),
                "engagement": .number(0),
            ])
    }

    @Test(arguments: [
        (AttributeValue.text("MQL"), AttributeValue.text("marketingqualifiedlead")), (.text("sql"), .text("sql")),
        (.flag(true), .text("Yes")), (.number(1), .number(1)),
    ])
    func valuesAreToldByTheWordsOfTheCRM(value: AttributeValue, told: AttributeValue) throws {
        let words = ["mql": "marketingqualifiedlead", "true": "Yes"]
        let target = CRMTarget(transport: "hubspot", values: ["level": words])
        #expect(PushedFacts.facts(of: try facts(["level": value]), for: target) == ["level": told])
        let list = AttributeValue.list(try ValueList([.text("mql"), .text("vip")]))
        #expect(
            PushedFacts.facts(of: try facts(["level": list]), for: target)["level"]?.text
                == "marketingqualifiedlead, vip")
    }

    /// What is watched: everything but points, or what is listed.
    @Test func onlyWhatIsWatchedIsNews() throws {
        func mark(_ target: CRMTarget, _ facts: [String: AttributeValue], _ address: String = "a@b.example") throws
            -> Int64
        {
            PushedFacts.mark(of: facts, address: try EmailAddress(address), for: target)
        }
        let facts: [String: AttributeValue] = ["stage": .text("mql"), "score": .number(60), "city": .text("Jakarta")]
        func with(_ name: String, _ value: AttributeValue?) -> [String: AttributeValue] {
            var other = facts
            other[name] = value
            return other
        }
        let all = CRMTarget(transport: "hubspot")
        let before = try mark(all, facts)
        #expect(try mark(all, facts) == before)
        #expect(try mark(all, with("score", .number(61))) == before)
        for news in [
            with("stage", .text("sql")), with("city", .text("Bandung")), with("city", nil),
            with("country", .text("ID")),
            with("city", .list(try ValueList([.text("Jakarta")]))),
        ] {
            #expect(try mark(all, news) != before)
        }
        #expect(try mark(all, facts, "c@b.example") != before)
        let some = CRMTarget(transport: "hubspot", watched: ["score", "stage"])
        #expect(try mark(some, with("city", .text("Bandung"))) == mark(some, facts))
        #expect(try mark(some, with("score", .number(61))) != mark(some, facts))
        // Neither kind nor place may run together.
        #expect(try mark(all, ["a": .text("1")]) != mark(all, ["a": .number(1)]))
        #expect(try mark(all, ["a": .text("bc")]) != mark(all, ["ab": .text("c")]))
    }

    @Test func changesAreNamed() {
        let target = CRMTarget(transport: "hubspot")
        func changes(
            _ before: [String: AttributeValue], _ after: [String: AttributeValue], hasNewAddress: Bool = false
        ) -> String {
            PushedFacts.changes(from: before, to: after, hasNewAddress: hasNewAddress, for: target)
        }
        #expect(changes(["a": .flag(true), "b": .number(1)], ["a": .flag(false), "c": .number(1)]) == "a, b, c")
        #expect(changes(["score": .number(1)], ["score": .number(2)]) == "told anew")
        #expect(changes([:], [:], hasNewAddress: true) == "address")
        #expect(changes([:], ["a": .flag(true)], hasNewAddress: true) == "address, a")
        let many = Dictionary(uniqueKeysWithValues: (10...21).map { ("a\($0)", AttributeValue.flag(true)) })
        #expect(changes([:], many) == "a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, …")
    }
}
