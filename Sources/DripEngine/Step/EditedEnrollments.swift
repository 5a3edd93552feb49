import Crypto
import DripCore
import DripStore
import Foundation

// Whom an edit touches, and their place under the new version: the same walk for telling it and for doing it.

/// Two versions of a campaign, told apart by what an edit of one makes the other.
struct CampaignEdit: Sendable {
    /// The version before, with its steps by the names that they have now.
    var old: Campaign
    var new: Campaign
    var renames: Renames

    init(from old: Campaign, to new: Campaign) {
        renames = Renames(from: old, to: new)
        self.old = old.renamed(by: renames)
        self.new = new
    }

    /// The steps whose waiting enrollments may be touched, by their names now; nil for all.
    var touched: Set<StepID>? { old.stepsTouched(by: new) }
    var reopens: Bool { !new.reopening(from: old).isEmpty }
}

extension Engine {
    /// How many enrollments are looked at, or written anew, in one go.
    private static let page = 1_000

    /// Everybody whom a new version touches, counted, and the first of them by name.
    func plan(
        of entry: Programme.Entry, over old: Programme.Entry, under programme: Programme, now: Instant
    ) throws -> EditPlan {
        let id = entry.campaign.id
        let edit = CampaignEdit(from: old.campaign, to: entry.campaign)
        var plan = EditPlan(
            campaign: id, hash: "", running: old.hash, onDisk: entry.hash, counts: [:], leads: [], isHeld: false)
        var hasher = SHA256()
        hasher.update(data: Data("\(old.hash) \(entry.hash)\n".utf8))
        try eachTouched(by: edit, isRenamed: false) { found in
            let seen = try store.read { reader in
                try found.map { stored, lead in
                    let enrollment = stored.renamed(by: edit.renames)
                    let edited = try edited(enrollment, of: lead, by: edit, under: programme, now: now, in: reader)
                    return (enrollment, lead, edited)
                }
            }
            for case (let enrollment, let lead, let edited?) in seen {
                let effect = edited.effect
                plan.counts[effect.name, default: 0] += 1
                plan.isHeld = plan.isHeld || effect.needsConsent
                hasher.update(data: Data("\(enrollment.id.rawValue) \(effect.name)\n".utf8))
                guard plan.leads.count < EditPlan.shown, let step = enrollment.current ?? edited.after?.current else {
                    continue
                }
                plan.leads.append(.init(lead: lead.key, effect: effect.name, step: step.step, dueAt: step.dueAt))
            }
        }
        plan.hash = hasher.finalize().prefix(5).map { byte in
            let hex = String(byte, radix: 16)
            return hex.count == 1 ? "0" + hex : hex
        }.joined()
        return plan
    }

    /// Gives everybody whom edits touch the place that they have under the new version, a page at a time.
    func rewrite(_ edited: [CampaignID: Programme.Entry], now: Instant, effects: inout [Effect]) throws {
        for (id, old) in edited.sorted(by: { $0.key < $1.key }) {
            guard let entry = programme.campaigns[id] else { continue }
            let edit = CampaignEdit(from: old.campaign, to: entry.campaign)
            try rename(edit, now: now, effects: &effects)
            try eachTouched(by: edit, isRenamed: true) { found in
                try change(now: now, effects: &effects) { transaction, draft in
                    for (enrollment, lead) in found {
                        try rewrite(enrollment, of: lead, by: edit, now: now, in: transaction, draft: &draft)
                    }
                }
            }
        }
    }

    /// All that an edit may touch, a page at a time.
    private func eachTouched(
        by edit: CampaignEdit, isRenamed: Bool, _ body: ([(enrollment: Enrollment, lead: Lead)]) throws -> Void
    ) throws {
        let steps = edit.touched.map { isRenamed ? $0 : edit.renames.before($0) }
        func each(_ read: (any StoreReader, EnrollmentID?) throws -> [(enrollment: Enrollment, lead: Lead)]) throws {
            var last: EnrollmentID?
            while true {
                let found = try store.read { try read($0, last) }
                guard let end = found.last?.enrollment.id else { return }
                last = end
                try body(found)
            }
        }
        let (id, page) = (edit.new.id, Engine.page)
        // First: who comes back is waiting too, and is not to be looked at twice.
        if steps?.isEmpty != true { try each { try $0.waiting(in: id, for: steps, after: $1, limit: page) } }
        if edit.reopens { try each { try $0.completed(in: id, after: $1, limit: page) } }
    }

    /// Calls the steps that an edit renames by their new names, on disk and in what is under way.
    private func rename(_ edit: CampaignEdit, now: Instant, effects: inout [Effect]) throws {
        guard !edit.renames.isEmpty else { return }
        try change(now: now, effects: &effects) { transaction, draft in
            for (step, name) in edit.renames.names.sorted(by: { $0.key < $1.key }) {
                try transaction.rename(step, to: name, in: edit.new.id)
                draft.logs.append(
                    LogLine(
                        .info, "step renamed",
                        ["campaign": edit.new.id.rawValue, "step": name.rawValue, "was": step.rawValue]))
            }
        }
        for (id, flight) in flights where flight.campaign.id == edit.new.id {
            flights[id] = flight.renamed(by: edit.renames)
        }
    }

    private func rewrite(
        _ enrollment: Enrollment, of lead: Lead, by edit: CampaignEdit, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        guard let edited = try edited(enrollment, of: lead, by: edit, under: programme, now: now, in: transaction)
        else { return }
        if case .exited(let reason) = edited.effect {
            return try exit(enrollment, reason: reason, now: now, in: transaction, draft: &draft)
        }
        // What is being sent, or was at a crash, is not planned any more.
        guard let after = edited.after, flightOfEnrollment[enrollment.id] == nil,
            try transaction.deliveries(of: enrollment.id).allSatisfy({ $0.state == .inDoubt })
        else { return }
        let isBack = enrollment.status == .completed
        try transaction.advance(
            after, was: enrollment.current,
            entry: isBack
                ? JournalEntry(
                    at: now, kind: .reopened, lead: lead.id, enrollment: enrollment.id, campaign: edit.new.id,
                    step: after.current?.step, detail: "for a step that was added") : nil)
    }

    private func edited(
        _ enrollment: Enrollment, of lead: Lead, by edit: CampaignEdit, under programme: Programme, now: Instant,
        in reader: any StoreReader
    ) throws -> EditedEnrollment? {
        let facts = programme.planFacts(of: lead, in: edit.new)
        let asked = programme.conditionFacts(of: lead, enrollment, in: edit.new, now: now)
        guard enrollment.status == .completed else {
            return enrollment.edited(from: edit.old, to: edit.new, by: facts, asked, now: now)
        }
        return enrollment.reopened(
            in: edit.new, from: edit.old, runs: try reader.enrollments(of: lead.id), by: facts, asked, now: now)
    }
}

extension Flight {
    /// The same with its steps by the names that they have now.
    fileprivate func renamed(by renames: Renames) -> Flight {
        var renamed = self
        renamed.campaign = campaign.renamed(by: renames)
        renamed.step = step.renamed(by: renames)
        renamed.enrollment = enrollment.renamed(by: renames)
        renamed.pending.step = renames.name(of: pending.step)
        renamed.delivery.step = renames.name(of: delivery.step)
        return renamed
    }
}
