import DripCore
import Testing

@testable import DripSimulator

/// What the checkers make of notes to colleagues.
@Suite struct NotesCheckerTests {
    private let ground: Ground

    init() throws {
        ground = try Ground()
    }

    /// The sound history without caps and hours, its first step a note that goes five hours before the second.
    private func broken(isNotice: Bool, arrivesAt mailbox: String = StepPlan.colleague) -> Set<String> {
        var history = Doctored()
        history.isExact = false
        history.folder.policy.caps = []
        history.folder.campaigns["c"]?.window = nil
        history.folder.campaigns["c"]?.steps[0].isNotice = isNotice
        history.folder.campaigns["c"]?.steps[0].isTransactional = isNotice
        history.folder.campaigns["c"]?.steps[0].counts = !isNotice
        history.begin()
        var note = Doctored.mark(0)
        note.isNotice = isNotice
        var reception = Doctored.reception(note)
        if isNotice { reception.mailbox = mailbox }
        history.add(.marked(note), hours: 19)
        history.add(.received(reception), hours: 19.01)
        history.add(.answered(mark: 0, .accepted), hours: 19.02)
        history.add(.recorded(mark: 0), hours: 19.02)
        history.send(Doctored.mark(1, "two", planned: 24), hours: 24)
        history.end()
        return history.broken(on: ground)
    }

    @Test func noGapCountsFromANote() {
        #expect(broken(isNotice: true) == [])
        #expect(broken(isNotice: false) == ["G6"])
    }

    @Test func aNoteThatArrivesAtTheLeadBreaksG1() {
        #expect(broken(isNotice: true, arrivesAt: Doctored.mailbox) == ["G1"])
    }
}
