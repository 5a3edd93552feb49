import DripCore

/// By which files each run goes, as far as somebody outside can know: one value, which all checkers share.
///
/// Where a campaign says `version: pinned`, whoever enters goes by the files of that moment to the end, whatever becomes of
/// that line; all others by the latest. A run whose enrollment was not answered, or that was found later, may have entered by
/// several versions: where these differ, nobody knows, and nothing is judged. A restored backup has its own memory of this,
/// as the state that it is has; a broken edit and a folder that is gone leave the last good version where it was.
struct RunPlans: Sendable {
    /// What runs by now, which is what leads enter.
    private(set) var live: FolderPlan?
    /// The versions of each campaign that leads may have entered by; nil stands for whatever is the latest.
    private var versions: [String: Set<CampaignPlan?>] = [:]
    private var entered: [Run: Set<CampaignPlan?>] = [:]
    /// Versions that ran until this very instant: a run of that moment may be of either.
    private var before: [String: CampaignPlan] = [:]
    private var changedAt = Instant.epoch

    mutating func hear(_ fact: Fact) {
        switch fact.what {
        case .live(let folder):
            if changedAt != fact.shown { (before, changedAt) = ([:], fact.shown) }
            for (id, campaign) in folder.campaigns {
                if let old = live?.campaigns[id], old != campaign { before[id] = old }
                versions[id, default: []].insert(campaign.isPinned ? campaign : nil)
            }
            live = folder
        case .perhapsLive(let folder):
            for (id, campaign) in folder.campaigns where !folder.broken.contains(id) && campaign.isPinned {
                versions[id, default: []].insert(campaign)
            }
        case .enrolled(let run, let isCertain, let isNew):
            guard let campaign = live?.campaigns[run.campaign] else { return }
            var now: Set<CampaignPlan?> = [campaign.isPinned ? campaign : nil]
            if changedAt == fact.shown, let old = before[run.campaign] { now.insert(old.isPinned ? old : nil) }
            if isNew {
                entered[run] = now
            } else {
                // Who was perhaps enrolled before, was then; who was found, at any time.
                let earlier = entered[run] ?? (isCertain ? versions[run.campaign] : nil)
                entered[run] = now.union(earlier ?? [])
            }
        default: break
        }
    }

    /// The files that a run goes by; nil where nobody knows.
    func plan(of run: Run) -> CampaignPlan? {
        guard let latest = live?.campaigns[run.campaign] else { return nil }
        let all = Set((entered[run] ?? versions[run.campaign] ?? [nil]).map { $0 ?? latest })
        return all.count == 1 ? all.first : nil
    }

    func step(of mark: Mark) -> StepPlan? { plan(of: mark.run)?.steps.first { $0.id == mark.step } }

    /// Whether a run goes by the files of its enrollment for certain.
    func isPinned(_ run: Run) -> Bool { entered[run].map { $0.count == 1 && $0.first != .some(nil) } ?? false }

    /// What a message is about: its step's own topic, else its campaign's.
    func topic(of mark: Mark) -> String? { step(of: mark)?.topic ?? plan(of: mark.run)?.topic }

    /// The caps of the policy and those of its campaign, which count that campaign alone.
    func caps(on mark: Mark) -> [PolicyPlan.Cap] {
        (live?.policy.caps ?? [])
            + (plan(of: mark.run)?.caps ?? []).map { cap in
                var cap = cap
                cap.campaign = mark.run.campaign
                return cap
            }
    }
}
