// The rule: what a do-not-send entry of a mailbox, or its opt-out of a topic, stops.
//
//   bounced, complained, manual, erased    every step: the enrollment ends, as `suppressed` or `erased`
//   unsubscribed, unconfirmed              every message that is not transactional: `suppressed`
//   opted out of the campaign's topic      every step of it that is not transactional: `optedOut`
//   opted out of a step's own topic        that step, unless it is transactional: skipped as `optedOut`
//
// Where nothing transactional is still to come, the second and third end the enrollment at once, and a new one is
// refused; where a transactional step is, the others are skipped one by one when they are due, unless the goal has been reached: then
// it ends the enrollment, or leads on.
//
// A lead without a mailbox has nothing that could stand on the list. What it said itself (the events `complained` and
// `unsubscribed`) counts in its place, for as long as it has none.
//
// Edge cases: an opt-out of the campaign's topic ends it also while it waits for a step with a topic of its own. A
// step that the file no longer has says nothing about what is still to come: then any transactional step counts.
//
// Worked example: a trial's steps are tips, receipt (transactional) and offer. An unsubscribe while tips is waited for
// skips tips and sends the receipt; offer has nothing transactional behind it, so that the enrollment ends when it is due.

/// What a mailbox has said no to.
package struct DoNotSend: Hashable, Sendable {
    package var suppression: Suppression?
    package var optOuts: [OptOut]

    package init(suppression: Suppression?, optOuts: [OptOut] = []) {
        self.suppression = suppression
        self.optOuts = optOuts
    }

    /// What it means for a step that is due; nil lets it pass.
    package func verdict(for step: Step, in campaign: Campaign) -> Decision? {
        if suppression == nil, optOuts.isEmpty { return nil }
        if step.isTransactional || !step.isTouch { return total.map { .exit($0) } }
        if let reason = ending(at: step.id, of: campaign) { return .exit(reason) }
        if suppression != nil { return .skip(.suppressed) }
        return isOptedOut(of: step.topic) || isOptedOut(of: campaign.topic) ? .skip(.optedOut) : nil
    }

    /// Why an enrollment that waits for that step ends now; nil where it goes on.
    ///
    /// A nil step asks for a new enrollment.
    package func ending(at step: StepID?, of campaign: Campaign) -> Reason? {
        if let total { return total }
        guard suppression != nil || isOptedOut(of: campaign.topic),
            !campaign.hasTransactionalStep(from: step)
        else { return nil }
        return suppression == nil ? .optedOut : .suppressed
    }

    /// Why not even a transactional step goes.
    private var total: Reason? {
        switch suppression?.cause {
        case nil, .unsubscribed, .unconfirmed: nil
        case .bounced, .complained, .manual: .suppressed
        case .erased: .erased
        }
    }

    package func isOptedOut(of topic: TopicID?) -> Bool {
        guard let topic else { return false }
        return optOuts.contains { $0.topic == topic }
    }
}

extension Campaign {
    /// Whether that step or one behind it is transactional.
    fileprivate func hasTransactionalStep(from step: StepID?) -> Bool {
        let first = steps.firstIndex { $0.id == step } ?? 0
        return steps[first...].contains(where: \.isTransactional)
    }
}

extension Lead {
    /// What it has said no by itself to, where it has no mailbox that could stand on the do-not-send list.
    package var ownRefusal: Suppression? {
        if let erasedAt { return Suppression(cause: .erased, note: "", since: erasedAt) }
        guard address == nil else { return nil }
        for cause in [Suppression.Cause.complained, .unsubscribed] {
            let event = EventName(rawValue: cause.rawValue)
            if let last = history.occurrences[event]?.last {
                return Suppression(cause: cause, note: "event \(event)", since: last.at)
            }
        }
        return nil
    }
}
