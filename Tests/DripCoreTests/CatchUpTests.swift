import DripCore
import Testing

@Suite struct CatchUpTests {
    private let rule = CatchUp(count: 300, period: .minutes(1), after: .minutes(15))
    private let now = Instant(seconds: 1_795_424_400)

    struct Row: Sendable {
        var what: String
        var dueAgo: TimeSpan
        var needsSlot = false
        var late = TimeSpan.zero
        var waitingFor: Reason?
        /// From and until when nothing could go, as time before now; nil where that never was.
        var interrupted: (from: TimeSpan, until: TimeSpan)?
        var scope = Interruption.Scope.everything
        /// How long the lead's own pause held it.
        var rested = TimeSpan.zero
        var isLateWork: Bool
    }

    private static let other = CampaignID(rawValue: "other")

    static let rows: [Row] = [
        Row(what: "on time", dueAgo: .zero, interrupted: (.hours(1), .zero), isLateWork: false),
        Row(what: "just 15 min late", dueAgo: .minutes(15), interrupted: (.hours(1), .zero), isLateWork: false),
        Row(
            what: "a millisecond later", dueAgo: .minutes(15) + .milliseconds(1), interrupted: (.hours(1), .zero),
            isLateWork: true),
        Row(what: "never interrupted", dueAgo: .hours(3), isLateWork: false),
        Row(
            what: "late by a slow transport before the interruption", dueAgo: .hours(3),
            interrupted: (.hours(1), .zero), isLateWork: false),
        Row(
            what: "late by a slow transport after the interruption", dueAgo: .hours(3),
            interrupted: (.hours(5), .hours(4)), isLateWork: false),
        Row(what: "due as it began", dueAgo: .hours(3), interrupted: (.hours(3), .hours(1)), isLateWork: true),
        Row(what: "due as it ended", dueAgo: .hours(3), interrupted: (.hours(9), .hours(3)), isLateWork: true),
        Row(
            what: "its own campaign was paused", dueAgo: .hours(3), interrupted: (.hours(9), .zero),
            scope: .campaign(CampaignID(rawValue: "c")), isLateWork: true),
        Row(
            what: "another campaign was paused", dueAgo: .hours(3), interrupted: (.hours(9), .zero),
            scope: .campaign(CatchUpTests.other), isLateWork: false),
        Row(
            what: "its own channel was down", dueAgo: .hours(3), interrupted: (.hours(9), .zero),
            scope: .channel(.email), isLateWork: true),
        Row(
            what: "another channel was down", dueAgo: .hours(3), interrupted: (.hours(9), .zero),
            scope: .channel(.http), isLateWork: false),
        Row(
            what: "put back by an outage a moment ago, after hours of it", dueAgo: .minutes(5), late: .hours(2),
            waitingFor: .transportPaused, interrupted: (.hours(2), .zero), scope: .channel(.email), isLateWork: true),
        Row(
            what: "a retry of its own, late by its retries", dueAgo: .minutes(5), late: .hours(2), waitingFor: .retry,
            interrupted: (.hours(2), .zero), isLateWork: false),
        Row(what: "late work whose window opens", dueAgo: .zero, needsSlot: true, isLateWork: true),
        Row(
            what: "the lead's rest has just ended", dueAgo: .zero, waitingFor: .paused, rested: .hours(2),
            isLateWork: true),
        Row(
            what: "a rest that held it for no longer than usual", dueAgo: .zero, waitingFor: .paused,
            rested: .minutes(15), isLateWork: false),
        Row(what: "it would have gone in a rest", dueAgo: .zero, rested: .hours(2), isLateWork: true),
        Row(
            what: "had its slot behind the rest", dueAgo: .zero, waitingFor: .rateLimited, rested: .hours(2),
            isLateWork: false),
    ]

    @Test(arguments: rows)
    func whatIsLateWork(row: Row) {
        let step = PendingStep(
            step: StepID(rawValue: "one"), route: .email, plannedAt: now - row.dueAgo,
            dueAt: now - row.dueAgo, waitingFor: row.waitingFor, late: row.late, rested: row.rested,
            needsSlot: row.needsSlot)
        let interruptions = row.interrupted.map {
            [Interruption(row.scope, from: now - $0.from, until: now - $0.until)]
        }
        let isLateWork = rule.isLateWork(
            step, of: CampaignID(rawValue: "c"), interruptions: interruptions ?? [], now: now)
        #expect(isLateWork == row.isLateWork, "\(row.what)")
    }

    @Test func whatHasItsSlotNeedsNoOther() {
        let step = PendingStep(
            step: StepID(rawValue: "one"), route: .email, plannedAt: now, dueAt: now, needsSlot: true)
        #expect(!step.deferring(until: now + .hours(1), reason: .rateLimited, now: now).needsSlot)
        #expect(step.deferring(until: now + .hours(1), reason: .outsideWindow, now: now).needsSlot)
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

    @Test(arguments: [
        Interruption.Scope.everything, .campaign(CampaignID(rawValue: "ebook-nurture")), .channel(.email),
        .channel(.http),
    ])
    func anInterruptionIsReadAsItWasWritten(scope: Interruption.Scope) {
        let interruption = Interruption(scope, from: now, until: now + .hours(1))
        #expect(Interruption(interruption.description) == interruption)
        for junk in ["", "everything", "everything 1", "campaign 1 2", "channel pigeon 1 2", "everything x 2"] {
            #expect(Interruption(junk) == nil, "\(junk)")
        }
    }

    @Test func itSaysItselfAsFilesDo() {
        #expect(rule.description == "300 messages per 1m")
        #expect(CatchUp(count: 1, period: .hours(1), after: .zero).description == "1 message per 1h")
    }
}
