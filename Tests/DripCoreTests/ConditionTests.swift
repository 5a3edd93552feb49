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
        #expect(Condition.attribute(name, test).holds(for: ConditionTests.lead) == expected)
    }

    @Test(
        arguments: [
            (.all([]), true), (.any([]), false), (.all([yes, yes]), true), (.all([yes, no]), false),
            (.any([no, yes]), true),
            (.any([no, no]), false), (.not(yes), false), (.not(no), true),
            (.not(.all([yes, .not(.any([no]))])), false),
        ] as [(Condition, Bool)])
    func together(condition: Condition, expected: Bool) {
        #expect(condition.holds(for: ConditionTests.lead) == expected)
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
}
