import DripCore
import DripStore

// What the engine tells the roll-ups, in the transaction of what they count: see `docs/reports.md`.
//
// The rule: a message of a step counts when it is accepted; a note to a colleague is no message. That a person opened it, or
// followed a link in it, is the events `opened` and `clicked` of its step, whoever tells of them; what a program did is told apart
// by `HitKind.swift`. An amount is the fact `value` of an event that `policy.yaml` marks with `value`.
//
// Edge cases: an event with an amount that is none is refused whole: money that nobody counts is worse than a sender that hears of
// it. Without `value` it is an event like others. One that says a `currency` other than the policy's is refused as well.

extension Engine {
    /// A message of a step has ended as accepted or in doubt; other ends count nothing.
    ///
    /// `sent` is the step as it went; without it, it is the one of that name in the files of now. What no file knows any more counts
    /// nothing: nobody can tell whether it was a note.
    func countMessage(
        _ step: StepID, _ sent: Step? = nil, of enrollment: Enrollment, as kind: JournalEntry.Kind,
        in transaction: any StoreTransaction
    ) throws {
        guard kind == .accepted || kind == .inDoubt,
            let known = sent ?? programme.entry(of: enrollment)?.campaign.step(step), known.notice == nil
        else { return }
        try transaction.count(message: step, of: enrollment.id, on: known.channel, isInDoubt: kind == .inDoubt)
    }

    /// What an event says that a person did with a message.
    func countResponse(_ happening: Happening, of lead: Lead, in transaction: any StoreTransaction) throws {
        guard let step = happening.step, let deed = MessageDeed(happening.event) else { return }
        try transaction.count(deed, of: step.step, in: step.campaign, by: lead.id, run: happening.run)
    }

    /// The amount that an event brings along; nil where it brings none.
    func amount(of happening: Happening) throws(ControlError) -> (amount: Amount, value: EventValue)? {
        guard let value = programme.policy.eventValues[happening.event], let written = happening.data["value"] else {
            return nil
        }
        guard let amount = Amount(written) else {
            throw ControlError(
                .invalid,
                "the value of \(happening.event) must be a plain number of at most \(Amount.most.grouped), with at most three "
                    + "digits behind the point, such as 12500000: \"\(written.text.prefix(64))\"")
        }
        if let currency = programme.policy.report.currency, let said = happening.data["currency"],
            said.text.uppercased() != currency
        {
            throw ControlError(
                .invalid,
                "the value of \(happening.event) is in \(said.text.prefix(16)), and reports are in \(currency)")
        }
        return (amount, value)
    }

    /// Refuses an amount for which the sums of its month have no room: a sum that leaves 64 bits would end the program.
    func requireRoom(
        for amount: Amount, as value: EventValue, _ now: Instant, _ reader: any StoreReader
    ) throws {
        let month = Month(of: today(at: now))
        let measure = value == .won ? FigureMeasure.won : .pipeline
        let sum = try reader.figures(FigureQuery(.happened, months: month...month, campaign: .none))
            .filter { $0.measure == measure }.reduce(0) { $0 + $1.n }
        guard Int64(sum) + amount.thousandths <= Amount.mostInAMonth.thousandths else {
            throw ControlError(
                .invalid,
                "not noted: with \(amount.grouped) the \(value.rawValue) of \(month) would be more than "
                    + "\(Amount.mostInAMonth.grouped); look for a value that was written in another unit")
        }
    }

    /// By what reports tell a lead from others, as its facts are now.
    func mark(_ lead: Lead, now: Instant, in transaction: any StoreTransaction) throws {
        let policy = programme.policy.report
        guard policy.source != nil || !policy.segments.isEmpty else { return }
        try transaction.setMarks(LeadMarks(of: programme.stageFacts(of: lead, now: now), by: policy), of: lead.id)
    }
}

extension MessageDeed {
    fileprivate init?(_ event: EventName) {
        switch event.rawValue {
        case "opened": self = .opened
        case "clicked": self = .clicked
        default: return nil
        }
    }
}
