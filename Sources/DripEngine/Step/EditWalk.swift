import Crypto
import DripCore
import DripStore
import Foundation

// Whom an edit touches, and their place under the new version: the same walk for telling it and for doing it.
//
// Between two pages sending goes on. Who has moved on meanwhile is met where they stand then, or has gone by: whoever enrols
// or goes on to a step is planned by the version that runs at that moment, which from the second walk on is the new one.

/// Two versions of a campaign, told apart by what an edit of one makes the other.
struct CampaignEdit: Sendable {
    /// The version before, with its steps by the names that they have now.
    var old: Campaign
    var new: Campaign
    var renames: Renames
    /// What `was` asks for in vain, because leads go on by versions that know the old names.
    let unheard: Renames

    init(from old: Campaign, to new: Campaign, keepsNames: Bool) {
        let asked = Renames(from: old, to: new)
        (renames, unheard) = keepsNames ? (.none, asked) : (asked, .none)
        self.old = old.renamed(by: renames)
        self.new = new
    }

    /// The steps whose waiting enrollments may be touched, by their names now; nil for all.
    var touched: Set<StepID>? { old.stepsTouched(by: new) }
    var reopens: Bool { !new.reopening(from: old).isEmpty }

    /// What no loader can know, for it reads one version.
    var warnings: [Diagnostic] {
        let kept = unheard.names.sorted { $0.key < $1.key }.map { was, step in
            Diagnostic(
                .warning, file: "\(new.id)/campaign.yaml", line: 0, column: 0,
                message:
                    "the step `\(step)` says `was: \(was)`, and leads go on by versions that know it as `\(was)`: it is a new one",
                hint: "For those who follow the latest version, `\(was)` is deleted and `\(step)` is added.")
        }
        return kept
            + renames.unknown.sorted { $0.key < $1.key }.map { step, was in
                Diagnostic(
                    .warning, file: "\(new.id)/campaign.yaml", line: 0, column: 0,
                    message:
                        "the step `\(step)` says `was: \(was)`, and the version that runs has no such step: it is a new one",
                    hint: "That one has " + old.steps.map { "`\($0.id)`" }.joined(separator: ", ") + ".")
            }
    }
}

/// One edit on its way through everybody whom it may touch, a page at a time.
struct EditWalk: Sendable {
    enum Purpose: Sendable {
        case reload, look
        case apply(plan: String)
    }

    enum Among: Sendable {
        case waiting, completed, nobody
    }

    let id: CampaignID
    let edit: CampaignEdit
    let new: Programme.Entry
    /// The files of the new version, by path.
    let files: [String: [UInt8]]
    let purpose: Purpose
    let ticket: Ticket?
    /// What it would do, as far as it has come.
    private(set) var plan: EditPlan
    private var hasher = SHA256()
    /// Where it stands.
    fileprivate var among = Among.waiting
    fileprivate var last: EnrollmentID?
    /// Whether the store calls the steps by their new names.
    fileprivate var isRenamed = false

    init(
        _ id: CampaignID, from old: Programme.Entry, to new: Programme.Entry, files: [String: [UInt8]],
        keepsNames: Bool = false, purpose: Purpose, ticket: Ticket? = nil
    ) {
        self.id = id
        edit = CampaignEdit(from: old.campaign, to: new.campaign, keepsNames: keepsNames)
        self.new = new
        self.files = files
        self.purpose = purpose
        self.ticket = ticket
        plan = EditPlan(
            campaign: id, hash: "", running: old.hash, onDisk: new.hash, counts: [:], leads: [], isHeld: false)
        hasher.update(data: Data("\(old.hash) \(new.hash)\n".utf8))
    }

    /// Whether a person wants whatever it does.
    var hasConsent: Bool { if case .apply = purpose { true } else { false } }

    /// The same at its beginning again, to do what it has told.
    func begun() -> EditWalk {
        var walk = self
        (walk.among, walk.last, walk.isRenamed) = (.waiting, nil, true)
        return walk
    }

    fileprivate mutating func note(_ edited: EditedEnrollment, of enrollment: Enrollment, _ lead: Lead) {
        let effect = edited.effect
        plan.counts[effect.name, default: 0] += 1
        plan.isHeld = plan.isHeld || effect.needsConsent
        hasher.update(data: Data("\(enrollment.id.rawValue) \(effect.name)\n".utf8))
        guard plan.leads.count < EditPlan.shown, let step = enrollment.current ?? edited.after?.current else { return }
        plan.leads.append(.init(lead: lead.key, effect: effect.name, step: step.step, dueAt: step.dueAt))
    }

    /// Its end: the plan gets the name by which it is applied.
    fileprivate mutating func seal() {
        plan.hash = hasher.finalize().prefix(5).hexadecimal
    }
}

extension Engine {
    /// Looks at the next page; answers how many were looked at, none at the end.
    func judge(_ walk: inout EditWalk, limit: Int, now: Instant) throws -> Int {
        var next = walk
        let count = try store.read { reader -> Int in
            let page = try self.page(of: &next, limit: limit, in: reader)
            for (stored, lead) in page.found {
                let enrollment = stored.renamed(by: next.edit.renames)
                guard
                    let edited = try edited(enrollment, of: lead, by: next.edit, under: programme, now: now, in: reader)
                else { continue }
                next.note(edited, of: enrollment, lead)
            }
            return page.count
        }
        if count == 0 { next.seal() }
        walk = next
        return count
    }

    /// Gives the next page its place under the new version; answers how many were looked at, none at the end.
    func rewrite(_ walk: inout EditWalk, limit: Int, now: Instant, effects: inout [Effect]) throws -> Int {
        var next = walk
        let page = try store.read { reader throws -> EnrollmentPage in
            try self.page(of: &next, limit: limit, in: reader)
        }
        if !page.found.isEmpty {
            try change(now: now, effects: &effects) { transaction, draft in
                for (enrollment, lead) in page.found {
                    try rewrite(enrollment, of: lead, by: next, now: now, in: transaction, draft: &draft)
                }
            }
        }
        walk = next
        return page.count
    }

    private func page(of walk: inout EditWalk, limit: Int, in reader: any StoreReader) throws -> EnrollmentPage {
        let edit = walk.edit
        // After a crash some of it may be done already.
        let steps = edit.touched.map { walk.isRenamed ? $0 : $0.union(edit.renames.before($0)) }
        while true {
            var page: EnrollmentPage
            switch walk.among {
            // Behind those who wait: who comes back would be met a second time among them.
            case .completed where edit.reopens:
                page = try reader.completed(in: walk.id, after: walk.last, limit: limit)
            case .waiting where steps?.isEmpty != true:
                page = try reader.waiting(in: walk.id, for: steps, after: walk.last, limit: limit)
            default: page = EnrollmentPage()
            }
            walk.last = page.last
            page.found.removeAll { $0.enrollment.version != nil }
            guard page.count == 0 else { return page }
            switch walk.among {
            case .waiting: walk.among = .completed
            case .completed, .nobody:
                walk.among = .nobody
                return page
            }
        }
    }

    /// Calls the steps that an edit renames by their new names, on disk and in what is under way.
    func rename(
        _ edit: CampaignEdit, recording files: [String: [UInt8]], now: Instant, effects: inout [Effect]
    ) throws {
        try change(now: now, effects: &effects) { transaction, draft in
            for (step, name) in edit.renames.names.sorted(by: { $0.key < $1.key }) {
                try transaction.rename(step, to: name, in: edit.new.id)
                draft.logs.append(
                    LogLine(
                        .info, "step renamed",
                        ["campaign": edit.new.id.rawValue, "step": name.rawValue, "was": step.rawValue]))
            }
            try transaction.apply(files: files, at: now)
        }
        for (id, flight) in flights where flight.campaign.id == edit.new.id {
            flights[id] = flight.renamed(by: edit.renames)
        }
    }

    private func rewrite(
        _ enrollment: Enrollment, of lead: Lead, by walk: EditWalk, now: Instant,
        in transaction: any StoreTransaction, draft: inout TurnDraft
    ) throws {
        let edit = walk.edit
        guard let edited = try edited(enrollment, of: lead, by: edit, under: programme, now: now, in: transaction)
        else { return }
        // It would not have been so when it was judged: nobody has consented, and they keep the time that they wait for.
        if edited.effect.needsConsent, !walk.hasConsent { return }
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
            in: edit.new, from: edit.old, runs: try reader.enrollments(of: lead.id),
            said: try doNotSend(lead, in: reader), by: facts, asked, now: now)
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
