import DripCore
import Testing

@Suite struct RenamesTests {
    private static func steps(_ names: [String], was: [String: String] = [:]) -> Campaign {
        campaign(
            names.enumerated().map { index, name in
                var made = step(name, day(index + 1))
                made.was = was[name].map(StepID.init(rawValue:))
                return made
            })
    }

    struct Case: Sendable {
        var title: String
        var old: [String]
        var new: [String]
        var was: [String: String]
        var renames: [String: String]
    }

    @Test(arguments: [
        Case(title: "renamed", old: ["a", "b"], new: ["a", "c"], was: ["c": "b"], renames: ["b": "c"]),
        Case(title: "moved too", old: ["a", "b"], new: ["c", "a"], was: ["c": "b"], renames: ["b": "c"]),
        Case(title: "long done", old: ["a", "c"], new: ["a", "c"], was: ["c": "b"], renames: [:]),
        Case(title: "never was", old: ["a"], new: ["a", "c"], was: ["c": "b"], renames: [:]),
        Case(title: "deleted and inserted", old: ["a", "b"], new: ["a", "c"], was: [:], renames: [:]),
        Case(title: "both are there", old: ["a", "b"], new: ["a", "b", "c"], was: ["c": "b"], renames: [:]),
        Case(title: "onto one that runs", old: ["b", "c"], new: ["c"], was: ["c": "b"], renames: [:]),
        Case(
            title: "one behind the other", old: ["a", "b"], new: ["b2", "a2"], was: ["b2": "b", "a2": "a"],
            renames: ["a": "a2", "b": "b2"]),
    ]) func table(row: Case) {
        let renames = Renames(from: Self.steps(row.old), to: Self.steps(row.new, was: row.was))
        let names = renames.names.map { ($0.key.rawValue, $0.value.rawValue) }
        let slips = renames.unknown.values.map(\.rawValue)
        #expect(slips == (row.title == "never was" ? ["b"] : []), "\(row.title)")
        #expect(Dictionary(names, uniquingKeysWith: { first, _ in first }) == row.renames, "\(row.title)")
    }

    /// Where a lead stands, what it had, and which way it went are told under the new name; so is what the file before asked.
    @Test func theWholePlaceOfALead() {
        let renames = Renames(from: Self.steps(["a", "b"]), to: Self.steps(["x", "b"], was: ["x": "a"]))
        let (a, x) = (StepID(rawValue: "a"), StepID(rawValue: "x"))
        let place = Enrollment(
            id: EnrollmentID(rawValue: 1), lead: LeadID(rawValue: 1), campaign: CampaignID(rawValue: "c"),
            enrolledAt: .epoch, finished: [a],
            current: PendingStep(step: a, route: .email, plannedAt: .epoch, dueAt: .epoch),
            choices: [a: "then"])
        let renamed = place.renamed(by: renames)
        #expect(renamed.finished == [x] && renamed.current?.step == x && renamed.choices == [x: "then"])
        var old = Self.steps(["a", "b"])
        old.exitIf = .not(.any([.did(.init(event: EventName(rawValue: "clicked"), step: a))]))
        old.goal = Goal(jumpTo: a)
        old.steps[1].arms = [Arm(of: a, name: "then")]
        let told = old.renamed(by: renames)
        #expect(told.steps.map(\.id) == [x, StepID(rawValue: "b")] && told.steps[1].arms == [Arm(of: x, name: "then")])
        #expect(told.exitIf?.stepsAskedFor == [x] && told.goal?.jumpTo == x)
        #expect(renames.before([x]) == [a])
    }
}
