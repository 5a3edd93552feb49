import DripCore
import Testing

@Suite struct ConditionTests {
    private static let lead: [String: AttributeValue] = [
        "industry": .text("Fintech"), "employees": .number(50), "seats": .text("12"), "trial": .flag(true),
        "note": .text("  "), "zero": .number(0),
    ]

    @Test(
        arguments: [
            ("industry", .isOneOf([.text("fintech")]), true),
            ("industry", .isOneOf([.text("bank"), .text("FINTECH")]), true),
            ("industry", .isOneOf([]), false), ("industry", .isNot(.text("fintech")), false),
            ("industry", .isNot(.text("bank")), true), ("industry", .contains("TECH"), true),
            ("industry", .contains(""), true), ("industry", .startsWith("fin"), true),
            ("industry", .startsWith("tech"), false),
            // A CSV knows only text.
            ("employees", .isOneOf([.text("50")]), true), ("employees", .isOneOf([.text("50.0")]), true),
            ("seats", .isOneOf([.number(12)]), true), ("trial", .isOneOf([.text("TRUE")]), true),
            ("trial", .isOneOf([.flag(false)]), false), ("trial", .atLeast(0), false),
            // Numbers, on and beside the bound.
            ("employees", .atLeast(50), true), ("employees", .atLeast(50.5), false), ("employees", .atMost(50), true),
            ("employees", .atMost(49), false), ("employees", .moreThan(50), false),
            ("employees", .moreThan(49.9), true),
            ("employees", .lessThan(50), false), ("employees", .lessThan(51), true), ("seats", .atLeast(10), true),
            ("industry", .atLeast(0), false), ("zero", .atMost(0), true), ("zero", .exists(true), true),
            // Missing, and blank, which counts as missing.
            ("country", .exists(true), false), ("country", .exists(false), true), ("note", .exists(true), false),
            ("note", .exists(false), true), ("note", .isOneOf([.text("")]), false),
            ("country", .isNot(.text("id")), true),
            ("country", .isOneOf([.text("id")]), false), ("country", .contains(""), false),
            ("country", .atMost(5), false),
            ("country", .lessThan(5), false), ("country", .startsWith(""), false),
        ] as [(String, Condition.Test, Bool)])
    func attribute(name: String, test: Condition.Test, expected: Bool) {
        #expect(Condition.attribute(name, test).holds(for: asked(ConditionTests.lead)) == expected)
    }

    /// Of a list, what holds for one of its values holds; it is neither a number nor a date.
    @Test(
        arguments: [
            ("tags", .isOneOf([.text("vip")]), true), ("tags", .isOneOf([.text("cold"), .text("GOLD")]), true),
            ("tags", .isOneOf([.text("cold")]), false), ("tags", .isOneOf([.text("vip, gold")]), false),
            ("tags", .isOneOf([.number(7)]), true), ("tags", .isOneOf([.text("7.0")]), true),
            ("tags", .isNot(.text("Vip")), false), ("tags", .isNot(.text("cold")), true),
            // It contains values, where a text contains any part of it.
            ("tags", .contains("gold"), true), ("tags", .contains("gol"), false),
            ("tags", .contains("vip, gold"), false),
            ("tags", .contains(""), false), ("tags", .startsWith("GO"), true), ("tags", .startsWith("old"), false),
            ("tags", .exists(true), true), ("tags", .exists(false), false), ("tags", .atLeast(0), false),
            ("tags", .atMost(100), false), ("tags", .moreThan(0), false), ("tags", .lessThan(100), false),
            ("dates", .before(.date(friday)), false), ("dates", .after(.date(friday)), false),
            ("empty", .exists(true), false), ("empty", .exists(false), true), ("empty", .isNot(.text("vip")), true),
            ("empty", .isOneOf([.text("")]), false), ("empty", .contains(""), false), ("empty", .startsWith(""), false),
        ] as [(String, Condition.Test, Bool)])
    func list(name: String, test: Condition.Test, expected: Bool) throws {
        let lead: [String: AttributeValue] = [
            "tags": .list(try ValueList([.text("vip"), .text("Gold"), .number(7)])), "empty": .list(.empty),
            "dates": .list(try ValueList([.text("2026-11-19"), .text("2026-11-21")])),
        ]
        #expect(Condition.attribute(name, test).holds(for: asked(lead)) == expected)
    }

    @Test func aNameThatLooksLikeNoNumberIsItself() {
        #expect(Condition.attribute("name", .isOneOf([.text("nan")])).holds(for: asked(["name": .text("Nan")])))
    }

    @Test func tellsWhatAListHolds() throws {
        let lead: [String: AttributeValue] = ["tags": .list(try ValueList([.text("vip"), .text("gold")]))]
        #expect(
            Condition.attribute("tags", .isOneOf([.text("cold")])).obstacles(for: asked(lead))
                == ["tags is \"vip, gold\"; wanted: is cold"])
    }

    @Test func whatKeepsItFromHoldingIsSaidInWords() {
        let facts = asked(ConditionTests.lead)
        #expect(
            Condition.all([.not(Self.yes), .any([Self.no, .stage([.mql])])]).obstacles(for: facts) == [
                "it is so that industry exists: true; wanted: not so",
                "none of this is so: country exists: true; stage is mql",
            ])
        #expect(
            Condition.did(.init(event: EventName(rawValue: "replied"))).obstacles(for: facts)
                == ["not so: did replied"])
    }

    @Test(
        arguments: [
            (.all([]), true), (.any([]), false), (.all([yes, yes]), true), (.all([yes, no]), false),
            (.any([no, yes]), true),
            (.any([no, no]), false), (.not(yes), false), (.not(no), true),
            (.not(.all([yes, .not(.any([no]))])), false),
        ] as [(Condition, Bool)])
    func together(condition: Condition, expected: Bool) {
        #expect(condition.holds(for: asked(ConditionTests.lead)) == expected)
    }

    private static let yes = Condition.attribute("industry", .exists(true))
    private static let no = Condition.attribute("country", .exists(true))

    @Test func readsAsSupportReadsIt() {
        let condition = Condition.all([
            .attribute("industry", .isOneOf([.text("fintech"), .text("banking")])),
            .attribute("employees", .atLeast(50)), .not(.attribute("country", .exists(false))),
        ])
        #expect(
            condition.description
                == "industry is fintech or banking, and employees at_least 50, and not (country exists: false)")
    }

    /// 10:00 on Friday 2026-11-20 in Jakarta, where the clock is seven hours ahead.
    private static let now = Instant("2026-11-20T03:00:00Z") ?? .epoch

    @Test(
        arguments: [
            ("2026-11-19", .before(.date(friday)), true), ("2026-11-20", .before(.date(friday)), false),
            ("2026-11-20", .after(.date(friday)), false), ("2026-11-21", .after(.date(friday)), true),
            // Midnight of the 27th in Jakarta is 6 d 14 h ahead, that of the 28th 7 d 14 h.
            ("2026-11-27", .before(.fromNow(.days(7))), true), ("2026-11-28", .before(.fromNow(.days(7))), false),
            ("2026-11-20", .after(.fromNow(.zero - .hours(10))), false),
            ("2026-11-20", .after(.fromNow(.zero - .hours(11))), true),
            ("2026-11-20T03:00:00Z", .before(.fromNow(.zero)), false),
            ("2026-11-20T03:00:00Z", .after(.fromNow(.zero)), false),
            // An instant's day is the local one: 18:00 UTC on the 19th is the 20th there.
            ("2026-11-19T18:00:00Z", .before(.date(friday)), false),
            ("soon", .before(.date(friday)), false), ("soon", .after(.date(friday)), false),
            ("", .before(.date(friday)), false),
        ] as [(String, Condition.Test, Bool)])
    func dates(value: String, test: Condition.Test, expected: Bool) throws {
        let jakarta = try SystemZones.zone("Asia/Jakarta")
        let facts = asked(["ends_on": .text(value)], at: Self.now, in: jakarta)
        #expect(Condition.attribute("ends_on", test).holds(for: facts) == expected)
    }

    private static let friday = LocalDate("2026-11-20") ?? Zone.utc.local(at: .epoch).date

    @Test(
        arguments: [
            (.init(event: clicked), true), (.init(event: EventName(rawValue: "replied")), false),
            (.init(event: clicked, atLeast: 3), true), (.init(event: clicked, atLeast: 4), false),
            (.init(event: clicked, step: StepID(rawValue: "one")), true),
            (.init(event: clicked, step: StepID(rawValue: "one"), atLeast: 2), false),
            (.init(event: clicked, step: StepID(rawValue: "two")), false),
            // Exactly a day ago is not within a day.
            (.init(event: clicked, within: .days(1)), false), (.init(event: clicked, within: .hours(25)), true),
            (.init(event: clicked, atLeast: 2, isSinceEnrollment: true), true),
            (.init(event: clicked, atLeast: 3, isSinceEnrollment: true), false),
        ] as [(Condition.Did, Bool)])
    func did(did: Condition.Did, expected: Bool) {
        var history = EventHistory()
        let (mine, others) = (CampaignID(rawValue: "c"), CampaignID(rawValue: "d"))
        history.add(Self.clicked, .init(at: Self.now - .days(9), step: .init(mine, StepID(rawValue: "one"))))
        history.add(Self.clicked, .init(at: Self.now - .days(5), step: .init(others, StepID(rawValue: "two"))))
        history.add(Self.clicked, .init(at: Self.now - .days(1)))
        var facts = asked([:], at: Self.now)
        facts.lead.history = history
        facts.enrolledAt = Self.now - .days(5)
        #expect(Condition.did(did).holds(for: facts) == expected, "\(did)")
        // Nobody who is not enrolled did anything since.
        facts.enrolledAt = nil
        if did.isSinceEnrollment { #expect(!Condition.did(did).holds(for: facts)) }
    }

    /// Two runs of one campaign, by order: each sees its own purchase and what named no order, and not the other's.
    @Test(arguments: [("7", 2), ("8", 2), ("9", 1)])
    func aRunAsksForItsOwnEvents(key: String, expected: Int) {
        var facts = asked([:], at: Self.now)
        facts.lead.history.add(Self.clicked, .init(at: Self.now, keys: ["order_id": "7"]))
        facts.lead.history.add(Self.clicked, .init(at: Self.now, keys: ["order_id": "8"]))
        facts.lead.history.add(Self.clicked, .init(at: Self.now))
        (facts.again, facts.key) = (.key("order_id"), key)
        func holds(atLeast: Int) -> Bool {
            Condition.did(.init(event: Self.clicked, atLeast: atLeast)).holds(for: facts)
        }
        #expect(holds(atLeast: expected) && !holds(atLeast: expected + 1))
        facts.again = .never
        #expect(holds(atLeast: 3))
    }

    private static let clicked = EventName(rawValue: "clicked")

    @Test func tellsWhatHangsOnTheClockAndWhichStepsItNames() {
        let within = Condition.did(.init(event: Self.clicked, step: StepID(rawValue: "one"), within: .days(1)))
        #expect(Condition.not(.any([within])).looksAtTheClock)
        #expect(Condition.not(.any([within])).stepsAskedFor == [StepID(rawValue: "one")])
        #expect(Condition.attribute("a", .before(.fromNow(.days(1)))).looksAtTheClock)
        #expect(
            !Condition.all([.attribute("a", .after(.date(Self.friday))), .did(.init(event: Self.clicked))])
                .looksAtTheClock)
    }

    /// A history is bounded, and forgets the oldest of the same event only.
    @Test func remembersTheLastOfEachEvent() {
        var history = EventHistory()
        history.add(EventName(rawValue: "opened"), .init(at: .epoch))
        for second in 0..<100 { history.add(Self.clicked, .init(at: .epoch + .seconds(Int64(second)))) }
        #expect(history.occurrences[Self.clicked]?.count == EventHistory.limit)
        #expect(history.occurrences[Self.clicked]?.first?.at == .epoch + .seconds(36))
        #expect(history.occurrences[EventName(rawValue: "opened")]?.count == 1)
    }
}
