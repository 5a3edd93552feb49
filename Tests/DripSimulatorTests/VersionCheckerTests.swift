import DripCore
import Testing

@testable import DripSimulator

/// The judge of pinned versions must be able to speak, and know when it cannot know.
@Suite struct VersionCheckerTests {
    private static let late = Run(lead: "k1", campaign: "c")

    /// The campaign of `Doctored`, pinned, and an edit of it that takes `two` out and says which edition it is.
    private static var folders: [FolderPlan] {
        var first = Doctored().folder
        first.campaigns["c"]?.isPinned = true
        var second = first
        second.campaigns["c"]?.edition = 2
        second.campaigns["c"]?.steps.removeLast()
        return [first, second]
    }

    private struct Story {
        var checker = VersionChecker()
        var plans = RunPlans()
        var complaints: [String] = []

        mutating func hear(_ what: Fact.What, hours: Int64) {
            let at = Doctored.nine + .hours(hours)
            let fact = Fact(step: 1, at: at, shown: at, what: what)
            plans.hear(fact)
            complaints += checker.hear(fact)
        }

        /// Marked and received, with that subject.
        mutating func send(_ step: String, of run: Run, number: Int = 0, subject: String) {
            let mark = Doctored.mark(number, step, run: run)
            hear(.marked(mark), hours: 9)
            var reception = Doctored.reception(mark)
            reception.subject = subject
            hear(.received(reception), hours: 9)
        }
    }

    /// `k0` enters by the first version, `k1` by the second.
    private static var story: Story {
        var story = Story()
        story.hear(.live(folders[0]), hours: 0)
        story.hear(.enrolled(Doctored.run, isCertain: true), hours: 1)
        story.hear(.live(folders[1]), hours: 2)
        story.hear(.enrolled(late, isCertain: true), hours: 3)
        return story
    }

    @Test func whoeverEntersGoesByTheFilesOfThatMoment() {
        let story = Self.story
        #expect(story.plans.plan(of: Doctored.run) == Self.folders[0].campaigns["c"])
        #expect(story.plans.plan(of: Self.late) == Self.folders[1].campaigns["c"])
        #expect(story.plans.isPinned(Doctored.run))
    }

    @Test func whatGoesByItsVersionIsSound() {
        var story = Self.story
        story.send("two", of: Doctored.run, subject: "two for you")
        story.send("one", of: Self.late, number: 1, subject: "one for you #2")
        #expect(story.complaints == [])
        #expect(story.checker.judgedByRule == ["own steps": 1, "own content": 2, "latest content": 0, "own end": 0])
    }

    @Test func aStepOfAnotherVersionIsSeen() {
        var story = Self.story
        story.send("new", of: Doctored.run, subject: "new for you")
        story.hear(
            .ledger(Ledger(lines: [Doctored.line("completed", [("accepted", "newer", nil)])])), hours: 100)
        #expect(story.complaints.count == 2)
    }

    @Test func theContentOfAnotherVersionIsSeen() {
        var story = Self.story
        story.send("one", of: Doctored.run, subject: "one for you #2")
        story.send("one", of: Self.late, number: 1, subject: "one for you")
        #expect(story.complaints.count == 2)
    }

    /// Where nothing is pinned, an edit is for everybody.
    @Test func whatIsNotPinnedIsOfTheLatestEdition() {
        var folders = Self.folders
        for index in folders.indices { folders[index].campaigns["c"]?.isPinned = false }
        var story = Story()
        story.hear(.live(folders[0]), hours: 0)
        story.hear(.enrolled(Doctored.run, isCertain: true), hours: 1)
        story.hear(.live(folders[1]), hours: 2)
        story.send("one", of: Doctored.run, subject: "one for you #2")
        #expect(story.complaints == [])
        #expect(story.checker.judgedByRule["latest content"] == 1)
        story.send("one", of: Doctored.run, number: 1, subject: "one for you")
        #expect(story.complaints.count == 1)
    }

    /// Who entered before it was pinned follows the latest; who entered while it was, is not freed by another edit.
    @Test func pinningHoldsFromThenOnAndIsNotTakenBack() {
        var plain = Self.folders[0]
        plain.campaigns["c"]?.isPinned = false
        var story = Story()
        story.hear(.live(plain), hours: 0)
        story.hear(.enrolled(Doctored.run, isCertain: true), hours: 1)
        story.hear(.live(Self.folders[0]), hours: 2)
        story.hear(.enrolled(Self.late, isCertain: true), hours: 3)
        var last = Self.folders[1]
        last.campaigns["c"]?.isPinned = false
        story.hear(.live(last), hours: 4)
        #expect(story.plans.plan(of: Doctored.run) == last.campaigns["c"])
        #expect(story.plans.plan(of: Self.late) == Self.folders[0].campaigns["c"])
        #expect(!story.plans.isPinned(Doctored.run))
    }

    /// A request that was not answered, and one that was, with an edit in between: nobody knows which of them it was.
    @Test func whoMayHaveEnteredByEitherIsNotJudged() {
        var story = Story()
        story.hear(.live(Self.folders[0]), hours: 0)
        story.hear(.enrolled(Doctored.run, isCertain: false), hours: 1)
        #expect(story.plans.plan(of: Doctored.run) == Self.folders[0].campaigns["c"])
        story.hear(.live(Self.folders[1]), hours: 2)
        story.hear(.enrolled(Doctored.run, isCertain: true, isNew: false), hours: 3)
        #expect(story.plans.plan(of: Doctored.run) == nil)
        story.send("new", of: Doctored.run, subject: "new for you #7")
        #expect(story.complaints == [])
        #expect(story.checker.judged == 0)
    }

    /// So it is with one that was found later, and with an edit that went live in the very moment of the enrollment.
    @Test func whoWasFoundLaterMayBeOfAnyVersion() {
        var story = Story()
        story.hear(.live(Self.folders[0]), hours: 0)
        story.hear(.live(Self.folders[1]), hours: 2)
        story.hear(.enrolled(Self.late, isCertain: true), hours: 2)
        story.hear(.enrolled(Doctored.run, isCertain: true, isNew: false), hours: 3)
        #expect(story.plans.plan(of: Self.late) == nil)
        #expect(story.plans.plan(of: Doctored.run) == nil)
    }

    /// A version that the process died of while it went live may be that of a run which is found.
    @Test func aVersionThatPerhapsRanIsOneOfThem() {
        var story = Story()
        story.hear(.live(Self.folders[0]), hours: 0)
        story.hear(.perhapsLive(Self.folders[1]), hours: 1)
        story.hear(.enrolled(Doctored.run, isCertain: true, isNew: false), hours: 3)
        #expect(story.plans.plan(of: Doctored.run) == nil)
    }
}
