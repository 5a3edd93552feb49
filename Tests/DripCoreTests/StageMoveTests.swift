import DripCore
import Testing

@Suite struct StageMoveTests {
    private let monday = Instant("2026-11-02T02:00:00Z") ?? .epoch
    private let demo = EventName(rawValue: "demo_requested")
    private let accepted = EventName(rawValue: "sales_accepted")
    private let rejected = EventName(rawValue: "sales_rejected")
    private let won = EventName(rawValue: "deal_won")

    private var scoring: Scoring {
        Scoring(
            engagement: [
                .init(
                    name: "clicked", event: EventName(rawValue: "clicked"), points: 20, halfLife: HalfLife(days: 30)),
                .init(name: "demo", event: demo, points: 0),
            ],
            stages: [
                .mql: .init(
                    condition: .points(.score, .atLeast(60)), events: [demo], until: .points(.score, .lessThan(40))),
                .sql: .init(events: [accepted]), .recycled: .init(events: [rejected]), .customer: .init(events: [won]),
                .disqualified: .init(condition: .attribute("industry", .isOneOf([.text("rival")]))),
            ])
    }

    private func facts(
        _ stage: Stage, clicks: Int, on day: Int = 0, armed: Bool = false, _ attributes: [String: String] = [:]
    ) -> ConditionFacts {
        var facts = asked(attributes.mapValues(AttributeValue.text), at: monday + .days(Int64(day)))
        facts.scoring = scoring
        facts.lead.stage = LeadStage(stage, isArmed: armed)
        for _ in 0..<clicks { facts.lead.history.add(EventName(rawValue: "clicked"), .init(at: monday)) }
        return facts
    }

    private func moves(_ facts: ConditionFacts, by event: EventName? = nil) -> [String] {
        scoring.moves(of: facts, by: event).map { "\($0.stage.rawValue): \($0.reason)" }
    }

    @Test func thresholdsAndHysteresis() {
        #expect(moves(facts(.lead, clicks: 2)) == [])
        #expect(moves(facts(.lead, clicks: 3)) == ["mql: score at_least 60"])
        #expect(moves(facts(.mql, clicks: 3)) == [])
        // 60 × 2^(−17/30) is 40.51, and 39.59 a day later.
        #expect(moves(facts(.mql, clicks: 3, on: 17, armed: true)) == [])
        #expect(moves(facts(.mql, clicks: 3, on: 18, armed: true)) == ["lead: score less_than 40"])
        #expect(moves(facts(.lead, clicks: 3, on: 17)) == [])
    }

    @Test(arguments: [
        (Stage.lead, "demo_requested", ["mql: demo_requested"]), (.sql, "demo_requested", []),
        (.customer, "demo_requested", []), (.mql, "sales_accepted", ["sql: sales_accepted"]),
        (.lead, "sales_accepted", ["sql: sales_accepted"]), (.sql, "sales_rejected", ["recycled: sales_rejected"]),
        (.lead, "sales_rejected", []), (.customer, "sales_rejected", []),
        (.disqualified, "deal_won", ["customer: deal_won"]),
        (.recycled, "demo_requested", ["mql: demo_requested"]), (.disqualified, "demo_requested", []),
        (.lead, "opened", []),
    ])
    func eventsMove(stage: Stage, event: String, moved: [String]) {
        // 50 points: neither the threshold nor its end.
        var facts = facts(stage, clicks: 2)
        facts.lead.history.add(.scored, .init(at: monday, keys: ["points": "10"]))
        #expect(moves(facts, by: EventName(rawValue: event)) == moved)
    }

    @Test func whoIsGivenBackMustSinkBeforeTheScoreQualifiesAgain() {
        #expect(moves(facts(.recycled, clicks: 9)) == [])
        #expect(!scoring.arms(facts(.recycled, clicks: 9)) && scoring.arms(facts(.recycled, clicks: 2)))
        #expect(moves(facts(.recycled, clicks: 9, armed: true)) == ["mql: score at_least 60"])
    }

    @Test func whoIsDisqualifiedStaysSoAndGoesNoFurther() {
        let rival = ["industry": "rival"]
        #expect(moves(facts(.lead, clicks: 3, rival)) == ["disqualified: industry is rival"])
        #expect(moves(facts(.mql, clicks: 3, rival)) == ["disqualified: industry is rival"])
        #expect(moves(facts(.customer, clicks: 3, rival)) == [])
        #expect(moves(facts(.disqualified, clicks: 3)) == [])
    }

    /// A step may follow from the one before, and none is taken twice.
    @Test func movesGoOnFromTheFirst() {
        #expect(
            moves(facts(.lead, clicks: 0, ["industry": "rival"]), by: demo) == [
                "mql: demo_requested", "disqualified: industry is rival",
            ])
        // Below `until`, an event qualifies all the same, and it does not sink before its score was up once.
        #expect(moves(facts(.lead, clicks: 0), by: demo) == ["mql: demo_requested"])
        #expect(moves(facts(.mql, clicks: 0)) == [] && !scoring.arms(facts(.mql, clicks: 0)))
        #expect(scoring.arms(facts(.mql, clicks: 2)) && moves(facts(.mql, clicks: 0, armed: true)).count == 1)
        // So it is where nothing but an event qualifies.
        var byEvent = facts(.mql, clicks: 0)
        byEvent.scoring?.stages[.mql]?.condition = nil
        #expect(byEvent.scoring?.moves(of: byEvent, by: nil) == [] && byEvent.scoring?.arms(byEvent) == false)
        #expect(byEvent.scoring?.nextLook(byEvent) == nil)
    }

    @Test func whenTimeMovesItIsKnownAhead() throws {
        func look(_ facts: ConditionFacts) -> String? { scoring.nextLook(facts)?.description }
        // From the 17th day on it is 39.59.
        #expect(look(facts(.mql, clicks: 3, armed: true)) == "2026-11-20T00:00:00.000Z")
        #expect(look(facts(.lead, clicks: 2)) == nil && look(facts(.lead, clicks: 0)) == nil)
        #expect(look(facts(.customer, clicks: 9)) == nil)
        #expect(look(facts(.recycled, clicks: 3)) == "2026-11-03T00:00:00.000Z")
        // 400 points sink below 40 after 99.6 days: to be looked at again meanwhile.
        #expect(look(facts(.mql, clicks: 20, armed: true))?.hasPrefix("2026-12-04T") == true)
        #expect(look(facts(.mql, clicks: 20, on: 90, armed: true)) == "2027-02-10T00:00:00.000Z")
    }

    @Test func timesOfConditionsAreKnownAhead() {
        var scoring = scoring
        scoring.stages[.mql] = .init(
            condition: .attribute("renewal", .before(.fromNow(.days(7)))),
            until: .did(.init(event: EventName(rawValue: "clicked"), within: .days(3))))
        var facts = facts(.lead, clicks: 0, ["renewal": "2026-11-20"])
        facts.scoring = scoring
        let look = scoring.nextLook(facts)
        #expect(look == Instant("2026-11-13T00:00:00.001Z"))
        facts.at = look ?? .epoch
        #expect(scoring.moves(of: facts, by: nil).map(\.stage) == [.mql])
        // What `until` asks for has passed by then: the click is three days old.
        facts.lead.stage = LeadStage(.mql, isArmed: true)
        facts.lead.history.add(EventName(rawValue: "clicked"), .init(at: facts.at))
        #expect(scoring.moves(of: facts, by: nil).map(\.stage) == [.lead])
    }

    /// At every instant up to the one that is known ahead, nothing moves; at that one, something does.
    @Test func nothingMovesBeforeTheInstantThatIsKnown() {
        for clicks in 0...12 {
            for stage in Stage.allCases {
                let facts = facts(stage, clicks: clicks, armed: clicks % 2 == 0)
                func stays(_ facts: ConditionFacts) -> Bool {
                    scoring.moves(of: facts, by: nil).isEmpty && (facts.lead.stage.isArmed || !scoring.arms(facts))
                }
                guard stays(facts) else { continue }
                let look = scoring.nextLook(facts)
                for day in 1...200 {
                    var then = facts
                    then.at = HalfLife.midnight(of: HalfLife.day(of: monday) + day)
                    let stands = stays(then)
                    guard let look, then.at >= look else {
                        #expect(stands, "\(clicks) clicks, \(stage), day \(day)")
                        continue
                    }
                    #expect(!stands || day >= 32, "\(clicks) clicks, \(stage), day \(day)")
                    break
                }
            }
        }
    }
}
