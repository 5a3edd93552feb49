package import DripCore

/// G9: what was predicted is done.
///
/// The calendar of an enrollment, worked out beforehand by the code that `plan` prints, holds: every message of a
/// campaign whose file did not change says the planned instant that the calendar says. Where nothing stands between
/// plan and sending, it also goes exactly then. And so that the calendar itself is not its only judge, a `PlanOracle` says
/// from walls and calendars alone what it should be.
package struct PredictionChecker: Checker, Sendable {
    package static let guarantee = "G9"
    package private(set) var judged = 0
    package var judgedByRule: [String: Int] { ofCalendar.merging(judge.judgedByRule, uniquingKeysWith: +) }

    private var ofCalendar = ["plan": 0, "to the millisecond": 0, "variant": 0]
    private var judge: PlanJudge
    private let zones: ZoneTable
    private let isExact: Bool
    private var plans = RunPlans()
    private var people = People()
    private var changed: Set<String> = []
    /// Whether holidays or quiet hours did, which are the same for all versions.
    private var hasPolicyChanged = false
    private var leads: [String: LeadPlan] = [:]
    private var unclear = UnclearFacts()
    private var calendars: [Run: [String: Instant]] = [:]
    private var lastMark: [Run: Instant] = [:]
    private var marks: [Int: Mark] = [:]

    package init(zones: ZoneTable, clocks: [String: WallClock], isExact: Bool) {
        self.zones = zones
        judge = PlanJudge(clocks: clocks)
        self.isExact = isExact
    }

    package mutating func hear(_ fact: Fact) -> [String] { judge.hear(fact) + compare(fact) }

    /// With the calendar that was worked out beforehand.
    private mutating func compare(_ fact: Fact) -> [String] {
        let live = plans.live
        plans.hear(fact)
        people.hear(fact)
        switch fact.what {
        case .live(let folder):
            if let old = live?.policy, !old.hasTimes(of: folder.policy) { hasPolicyChanged = true }
            for (id, campaign) in folder.campaigns {
                let before = live?.campaigns[id]
                let isSame =
                    before.map {
                        $0.steps == campaign.steps && $0.times(folder.policy) == campaign.times(folder.policy)
                            && $0.zone == campaign.zone
                    } ?? (live == nil)
                if !isSame { changed.insert(id) }
            }
        case .merged: calendars = calendars.filter { run, _ in !people.isTouched(run) }
        case .lead(let plan, _):
            unclear.hear(fact)
            if let before = leads.updateValue(plan, forKey: plan.key), before != plan {
                // It moved, or its date did.
                for run in calendars.keys where run.lead == plan.key { calendars[run] = nil }
            }
        case .enrolled(let run, let isCertain, let isNew):
            let isKnown = isCertain && isNew && !unclear.holds(run, in: fact)
            calendars[run] = isKnown ? predict(run, at: fact.shown) : nil
        case .resent(let run, _), .ledOn(let run, _): calendars[run] = nil
        case .marked(let mark):
            marks[mark.number] = mark
            return compare(mark, at: fact.shown)
        case .received(let reception): return compare(reception)
        default: break
        }
        return []
    }

    /// Whether the files that a run goes by are not what they were; those of a pinned one never change.
    private func hasChanged(_ run: Run) -> Bool {
        plans.isPinned(run) ? hasPolicyChanged : changed.contains(run.campaign)
    }

    private func predict(_ run: Run, at now: Instant) -> [String: Instant]? {
        guard let plan = plans.plan(of: run), let policy = plans.live?.policy else { return nil }
        let id = CampaignID(rawValue: run.campaign)
        let campaign = Campaign(
            id: id, name: plan.name, window: plan.sendWindow,
            steps: plan.steps.map { step in
                var known = step.step(in: run.campaign)
                // Where leads go by versions, `was` renames nothing: what counts by name counts by the new one.
                if step.isRenamed, plan.isPinned { known.id = StepID(rawValue: step.nameNow) }
                return known
            })
        let zone = zones.resolve(lead: leads[run.lead]?.zone, campaign: plan.zone, policy: policy.zone)
        var attributes: [String: AttributeValue] = [:]
        if let date = leads[run.lead]?.endsOn { attributes["ends_on"] = .text(date.description) }
        let lead = Lead(id: LeadID(rawValue: 1), key: run.lead, address: nil, attributes: attributes)
        let facts = PlanFacts(lead: lead, campaign: id, times: plan.times(policy), zone: zone)
        var calendar: [String: Instant] = [:]
        for (step, plan) in DripCore.calendar(of: campaign, enrolledAt: now, by: facts) {
            // What counts from an end that is not known yet is a forecast only, and so is what stands behind it: also behind a
            // step that is skipped, which a pause puts off where there are any.
            guard step.anchor != .previous || step.id == campaign.steps.first?.id || isExact && calendar.isEmpty
            else { break }
            calendar[StepPlan.firstName(of: step.id.rawValue)] = plan.instant
        }
        return calendar
    }

    /// The message is the one of the lead's tier, where a step varies by it.
    private mutating func compare(_ reception: Reception) -> [String] {
        guard let mark = marks[reception.mark], let lead = leads[mark.run.lead], !hasChanged(mark.run),
            calendars[mark.run] != nil, let step = plans.step(of: mark), step.varies
        else { return [] }
        judged += 1
        ofCalendar["variant", default: 0] += 1
        let isGold = reception.subject.hasPrefix("\(mark.step) in gold")
        return isGold == (lead.tier == "gold")
            ? [] : ["\(mark.name) for \(lead.tier ?? "no tier"): \(reception.subject)"]
    }

    private mutating func compare(_ mark: Mark, at now: Instant) -> [String] {
        defer { lastMark[mark.run] = now }
        guard !hasChanged(mark.run), let planned = calendars[mark.run]?[mark.step] else { return [] }
        judged += 1
        ofCalendar["plan", default: 0] += 1
        if isExact { ofCalendar["to the millisecond", default: 0] += 1 }
        if planned != mark.plannedAt {
            return ["\(mark.name) was predicted for \(planned) and is planned for \(mark.plannedAt)"]
        }
        // A step that is planned while the one before it is under way goes when that one has ended.
        let isBehind = lastMark[mark.run].map { planned - $0 < .seconds(1) } ?? false
        if isExact, now != planned, !(isBehind && now - planned < .seconds(1)) {
            return ["\(mark.name) was predicted for \(planned) and went at \(now)"]
        }
        return []
    }
}

extension PolicyPlan {
    /// Whether its holidays and quiet hours are those of another one.
    func hasTimes(of other: PolicyPlan) -> Bool {
        quietHours == other.quietHours && quietDays == other.quietDays && holidays == other.holidays
            && zone == other.zone
    }
}
