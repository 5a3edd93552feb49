import DripCore
import DripEngine
import Testing

/// How many mailboxes one form asks.
@Suite struct FormCeilingTests {
    @Test func aFormAsksSoManyInAnHourAndSaysThatItMetItsCeiling() throws {
        let forms = try FormWorld(["forms/ebook.yaml": Forms.ebook + "\nper_hour: 3\n"])
        func ask(_ range: Range<Int>, at form: String = "ebook") throws -> [FormOutcome?] {
            try range.map { try forms.submit("lead\($0)@example.com", to: form) }
        }
        func problems() throws -> [String] {
            try forms.world.status().problems.map(\.what).filter { $0.hasPrefix("the form ") }
        }
        #expect(try ask(0..<2) == [.taken, .taken])
        forms.world.run(for: .minutes(30))
        #expect(try ask(2..<3) == [.taken])
        #expect(try problems().isEmpty)
        #expect(try ask(3..<5) == [.limited, .limited])
        #expect(
            try problems() == [
                "the form ebook meets its ceiling of 3 confirmations in an hour: it asks nobody else"
            ])
        #expect(throws: ControlError.self) { try forms.world.lead("lead4@example.com") }
        // Another form has its own, and one that asks nobody has none.
        #expect(try ask(5..<15, at: "news").allSatisfy { $0 == .taken })
        // The window slides: the first two have left it, the third has not.
        forms.world.run(for: .minutes(31))
        #expect(try ask(20..<23) == [.taken, .taken, .limited])
        forms.world.run(for: .minutes(61))
        #expect(try problems().isEmpty)
        #expect(forms.asking.count == 5)
    }

    @Test func aRestartBeginsAnew() throws {
        let forms = try FormWorld(["forms/ebook.yaml": Forms.ebook + "\nper_hour: 1\n"])
        #expect(try forms.submit("a@example.com") == .taken)
        #expect(try forms.submit("b@example.com") == .limited)
        try forms.world.crash()
        #expect(try forms.submit("c@example.com") == .taken)
    }
}
