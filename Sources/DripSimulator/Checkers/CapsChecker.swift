import DripCore

/// G3: in no period does a mailbox get more counted messages than any cap allows.
///
/// Recounted at every mark over what was handed out before, by the engine's clock at the marks: what was accepted, what
/// is unknown, and what is under way. Charges later than the mark (the clock stepped back) count; what is transactional
/// is not held, and what does not count is not counted.
package struct CapsChecker: Checker, Sendable {
    package static let guarantee = "G3"
    package private(set) var judged = 0

    fileprivate struct Charge {
        var mark: Int
        var at: Instant
        var isOpen: Bool
        var name: String
        var channel: Channel
        var campaign: String
        var topic: String?
    }

    private let clocks: [String: WallClock]
    private var live: FolderPlan?
    private var leads: [String: LeadPlan] = [:]
    package private(set) var judgedByRule = [
        "rolling": 0, "day": 0, "week": 0, "month": 0, "channel": 0, "topic": 0, "campaign": 0, "each": 0,
        "of a campaign": 0,
    ]
    private var charges: [String: [Charge]] = [:]
    private var mailboxes: [Int: String] = [:]

    package init(clocks: [String: WallClock]) {
        self.clocks = clocks
    }

    package mutating func hear(_ fact: Fact) -> [String] {
        switch fact.what {
        case .live(let folder): live = folder
        case .lead(let plan, _): leads[plan.key] = plan
        case .marked(let mark):
            guard let mailbox = mark.mailbox else { return [] }
            let campaign = live?.campaigns[mark.run.campaign]
            let step = campaign?.steps.first { $0.id == mark.step }
            let charge = Charge(
                mark: mark.number, at: fact.shown, isOpen: true, name: mark.name, channel: mark.channel,
                campaign: mark.run.campaign, topic: step?.topic ?? campaign?.topic)
            var complaints: [String] = []
            if step?.isTransactional != true {
                let ofCampaign = (campaign?.caps ?? []).map { cap in
                    var cap = cap
                    cap.campaign = mark.run.campaign
                    return cap
                }
                judgedByRule["of a campaign", default: 0] += ofCampaign.count
                complaints = ((live?.policy.caps ?? []) + ofCampaign).compactMap {
                    judge(charge, of: mark.run, mailbox, $0)
                }
            }
            guard step?.counts != false else { return complaints }
            mailboxes[mark.number] = mailbox
            charges[mailbox, default: []].append(charge)
            return complaints
        case .answered(let number, let outcome):
            guard let mailbox = mailboxes[number],
                let index = charges[mailbox]?.firstIndex(where: { $0.mark == number })
            else { return [] }
            if outcome == .accepted || outcome == .unknown {
                charges[mailbox]?[index].isOpen = false
            } else {
                charges[mailbox]?.remove(at: index)
            }
        case .died:
            for mailbox in charges.keys {
                for index in charges[mailbox, default: []].indices { charges[mailbox]?[index].isOpen = false }
            }
        default: break
        }
        return []
    }

    private mutating func judge(_ new: Charge, of run: Run, _ mailbox: String, _ cap: PolicyPlan.Cap) -> String? {
        guard cap.names(new), cap.each != .topic || new.topic != nil else { return nil }
        var first = new.at - cap.per + .milliseconds(1)
        if let period = cap.calendar {
            let zones = [leads[run.lead]?.zone, live?.campaigns[run.campaign]?.zone, live?.policy.zone]
            guard let zone = zones.compactMap({ $0 }).first(where: { clocks[$0] != nil }),
                let begin = clocks[zone]?.begin(of: period, around: new.at)
            else { return nil }
            first = begin
        }
        judged += 1
        for rule in cap.rules { judgedByRule[rule, default: 0] += 1 }
        let counted = (charges[mailbox] ?? []).filter { charge in
            guard charge.isOpen || charge.at >= first, cap.names(charge) else { return false }
            return switch cap.each {
            case nil: true
            case .channel: charge.channel == new.channel
            case .topic: charge.topic == new.topic
            case .campaign: charge.campaign == new.campaign
            }
        }
        guard counted.count >= cap.atMost else { return nil }
        return "\(mailbox) gets \(new.name) at \(new.at) above \(cap.yaml): "
            + counted.map { "\($0.name) at \($0.at)" }.joined(separator: ", ")
    }
}

extension PolicyPlan.Cap {
    /// Whether it is about such a message.
    fileprivate func names(_ charge: CapsChecker.Charge) -> Bool {
        (channel == nil || channel == charge.channel) && (topic == nil || topic == charge.topic)
            && (campaign == nil || campaign == charge.campaign)
    }

    /// What is judged with it.
    fileprivate var rules: [String] {
        [
            calendar?.rawValue ?? "rolling", channel.map { _ in "channel" }, topic.map { _ in "topic" },
            campaign.map { _ in "campaign" }, each.map { _ in "each" },
        ].compactMap(\.self)
    }
}

extension WallClock {
    /// When the day, the week or the month around an instant began: with the first midnight of its first day, or where
    /// the clocks skip that, at the end of the gap.
    func begin(of period: PolicyPlan.Cap.Calendar, around instant: Instant) -> Instant? {
        guard var day = day(at: instant) else { return nil }
        // A clock that goes back over midnight shows a day that is over.
        if let next = self.instant(showing: (day + 1) * 86_400), next <= instant { day += 1 }
        switch period {
        case .day: break
        case .week: while WallDate.weekday(ofDay: day) != 0 { day -= 1 }
        case .month: while WallDate(day: day).day != 1 { day -= 1 }
        }
        return self.instant(showing: day * 86_400)
    }
}
