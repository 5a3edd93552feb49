import Crypto
import DripCore
import DripStore
import Foundation

// How an edit of a campaign goes live.
//
// The rule: a reload swaps what loads. But a campaign whose new version would exit, strand or send at once to anybody who is
// enrolled (`EditEffect`) keeps the version that runs, and the edit is held: the status says so, `dripd plan --edit` says
// whom it touches, and `dripd apply CAMPAIGN --plan HASH` puts it live, if it would still do just that. What an edit does
// without anybody's consent, it does at once: who is retimed waits for the new time from then on.
//
// Edge cases: a new file over a held one replaces it. A held edit is not lost by a restart: the store keeps what runs, the
// folder what is wanted, and the two are compared again. A campaign that has no version which runs is simply taken.

/// A version of a campaign that waits for a person's consent.
struct HeldEdit: Sendable {
    var entry: Programme.Entry
    /// Its files, by path.
    var files: [String: [UInt8]]
    var plan: EditPlan
}

extension Engine {
    /// Takes an update over what runs: puts held campaigns back, writes anew whom the others retime, and then puts the files
    /// that run on record.
    ///
    /// In that order: after a crash in between, the folder differs from what is on record, and all of it is done again. Where
    /// it fails, what ran before runs on.
    func putLive(
        _ update: ProgrammeUpdate, over running: [CampaignID: Programme.Entry], writes: Bool = true, now: Instant,
        effects: inout [Effect]
    ) throws {
        guard var programme = update.programme else { return }
        let before = (self.programme, heldEdits, programmeSince)
        var (files, held, edited) = (update.files, [CampaignID: HeldEdit](), [CampaignID: Programme.Entry]())
        let applied = try store.read { try $0.appliedFiles() }
        for (id, entry) in programme.campaigns {
            guard let old = running[id], old.hash != entry.hash, old.campaign != entry.campaign else { continue }
            let plan = try plan(of: entry, over: old, under: programme, now: now)
            guard plan.isHeld else {
                edited[id] = old
                continue
            }
            held[id] = HeldEdit(entry: entry, files: files.filter { $0.key.hasPrefix("\(id)/") }, plan: plan)
            var kept = old
            kept.policy = entry.policy
            kept.problem = Engine.heldProblem(plan)
            programme.campaigns[id] = kept
            files = files.filter { !$0.key.hasPrefix("\(id)/") }
            files.merge(applied.filter { $0.key.hasPrefix("\(id)/") }) { _, old in old }
        }
        (self.programme, heldEdits, programmeSince) = (programme.rebuilt(), held, now)
        guard writes else { return }
        do {
            try rewrite(edited, now: now, effects: &effects)
            try store.commit(at: now, today: today(at: now)) { [files] in try $0.apply(files: files, at: now) }
        } catch {
            (self.programme, heldEdits, programmeSince) = before
            throw error
        }
    }

    private static func heldProblem(_ plan: EditPlan) -> String {
        "its edit is held, and the version before runs on: \(plan.summary). `dripd plan --edit \(plan.campaign)` says who; "
            + "`dripd apply \(plan.campaign) --plan \(plan.hash)` puts it live"
    }

    /// What a held edit would do now.
    func editPlan(_ id: CampaignID, now: Instant) throws -> EditPlan {
        guard let held = heldEdits[id], let running = programme.campaigns[id] else {
            throw ControlError(.notFound, "no edit of \(id) is held: `dripd reload` reads the files")
        }
        return try plan(of: held.entry, over: running, under: programme, now: now)
    }

    /// Puts a held edit live, where it would still do what that plan says.
    func apply(_ id: CampaignID, plan hash: String, now: Instant, effects: inout [Effect]) throws -> EditPlan {
        guard storeFailure == nil else {
            throw ControlError(.unavailable, "nothing was changed: \(storeFailure?.description ?? "")")
        }
        let plan = try editPlan(id, now: now)
        guard plan.hash == hash else {
            throw ControlError(
                .invalid,
                "the situation has changed since plan \(hash): now it would be \(plan.summary), which is plan \(plan.hash). "
                    + "Nothing was changed; look at `dripd plan --edit \(id)`")
        }
        guard let held = heldEdits[id], let old = programme.campaigns[id] else { return plan }
        var files = try store.read { try $0.appliedFiles() }.filter { !$0.key.hasPrefix("\(id)/") }
        files.merge(held.files) { _, new in new }
        let before = (programme, heldEdits)
        programme.campaigns[id] = held.entry
        programme = programme.rebuilt()
        heldEdits[id] = nil
        do {
            try rewrite([id: old], now: now, effects: &effects)
            try store.commit(at: now, today: today(at: now)) { [files] in try $0.apply(files: files, at: now) }
        } catch {
            (programme, heldEdits) = before
            throw error
        }
        return plan
    }
}

extension Programme {
    /// The same with what is derived from its campaigns worked out anew.
    func rebuilt() -> Programme {
        Programme(policy: policy, campaigns: campaigns, broken: broken, zones: zones, problems: problems)
    }
}
