import DripCore
import Testing

@Suite struct CatchUpTests {
    private let rule = CatchUp(count: 300, period: .minutes(1), after: .minutes(15))
    private let now = Instant(seconds: 1_795_424_400)

    private func pending(
        dueAgo: TimeSpan, late: TimeSpan = .zero, waitingFor: Reason? = nil
    ) -> PendingStep {
        PendingStep(
            step: StepID(rawValue: "one"), channel: .email, plannedAt: now - dueAgo, dueAt: now - dueAgo,
            waitingFor: waitingFor, late: late)
    }

    struct Row: Sendable {
        var what: String
        var dueAgo: TimeSpan
        var late = TimeSpan.zero
        var waitingFor: Reason?
        /// How long ago the last interruption ended; nil where there was none.
        var interruptedAgo: TimeSpan?
        var needsSlot: Bool
    }

    static let rows: [Row] = [
        Row(what: "on time", dueAgo: .zero, interruptedAgo: .zero, needsSlot: false),
        Row(what: "just 15 min late", dueAgo: .minutes(15), interruptedAgo: .zero, needsSlot: false),
        Row(
            what: "a millisecond later", dueAgo: .minutes(15) + .milliseconds(1), interruptedAgo: .zero,
            needsSlot: true),
        Row(what: "late only by a slow transport", dueAgo: .hours(3), interruptedAgo: .hours(5), needsSlot: false),
        Row(what: "never interrupted", dueAgo: .hours(3), interruptedAgo: nil, needsSlot: false),
        Row(what: "due as the interruption ended", dueAgo: .hours(3), interruptedAgo: .hours(3), needsSlot: true),
        Row(
            what: "carries lateness into a new window", dueAgo: .zero, late: .hours(3), waitingFor: .outsideWindow,
            interruptedAgo: .days(1), needsSlot: true),
        Row(
            what: "at its slot", dueAgo: .zero, late: .hours(3), waitingFor: .rateLimited, interruptedAgo: .days(1),
            needsSlot: false),
        Row(
            what: "its slot was slept through", dueAgo: .hours(1), late: .hours(3), waitingFor: .rateLimited,
            interruptedAgo: .zero, needsSlot: true),
        Row(
            what: "a retry has an instant of its own", dueAgo: .zero, late: .hours(3), waitingFor: .retry,
            interruptedAgo: .days(1), needsSlot: false),
    ]

    @Test(arguments: rows)
    func whatIsLateWork(row: Row) {
        let step = pending(dueAgo: row.dueAgo, late: row.late, waitingFor: row.waitingFor)
        let interruptedUntil = row.interruptedAgo.map { now - $0 }
        #expect(rule.holds(step, interruptedUntil: interruptedUntil, now: now) == row.needsSlot, "\(row.what)")
    }

    @Test(arguments: [
        (300, TimeSpan.minutes(1), Int64(200)), (7, .seconds(1), 143), (1, .days(1), 86_400_000),
        (60_000, .minutes(1), 1),
        (1_000_000, .minutes(1), 1),
    ])
    func slotsNeverPutMoreIntoAPeriod(count: Int, period: TimeSpan, milliseconds: Int64) {
        let rule = CatchUp(count: count, period: period, after: .zero)
        #expect(rule.nextSlot(after: now) == now + .milliseconds(milliseconds))
    }

    @Test func itSaysItselfAsFilesDo() {
        #expect(rule.description == "300 messages per 1m")
        #expect(CatchUp(count: 1, period: .hours(1), after: .zero).description == "1 message per 1h")
    }
}
