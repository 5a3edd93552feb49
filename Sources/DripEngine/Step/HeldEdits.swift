import DripCore
import DripStore

// How an edit of a campaign goes live.
//
// The rule: a reload swaps what loads. But a campaign whose new version would exit, strand or send at once to anybody who is
// enrolled (`EditEffect`) keeps the version that runs, and the edit is held: the status says so, `dripd plan --edit` says
// whom it touches, and `dripd apply CAMPAIGN --plan HASH` puts it live, if it would still do just that. What an edit does
// without anybody's consent, it does at once: who is retimed waits for the new time from then on.
//
// Many may be enrolled, and sending must not wait for an edit. So a reload is a list of works, each of which takes a page of
// enrollments at a time between two turns: judge the edit, then give everybody their place under it, and last put the files
// that run on record. The version before runs until its edit is judged.
//
// A rename is on disk together with the files that say it, so that no version ever meets the rows of another one.
//
// Edge cases: a new file over a held one replaces it. A held edit is not lost by a restart: the store keeps what runs, the
// folder what is wanted, and the two are compared again; so they are after a crash in the middle of an edit, which is then
// done from its beginning; but one that renames is not begun again, and whom it had not come to yet keeps the time that was
// planned, until it is claimed. Whom `version: pinned` lets go on by an earlier version is not looked at
// (`PinnedVersions.swift`). A campaign that has no version which runs is simply taken. Where the store fails, whoever waits
// for an answer is told, and what was begun goes on when it works again. A second reload waits for the first.

/// A version of a campaign that waits for a person's consent.
struct HeldEdit: Sendable {
    var entry: Programme.Entry
    /// Its files, by path.
    var files: [String: [UInt8]]
    var plan: EditPlan
}

/// What came of a reload, or of an `apply`.
enum EditOutcome: Sendable {
    case reloaded(ReloadReport)
    case applied(EditPlan)
}

/// What is to be done about the files, in order.
enum EditWork: Sendable {
    /// Takes a freshly loaded programme; `before` holds the versions that an edit is told against, where those are not the
    /// ones that run.
    case load(ProgrammeUpdate, before: [CampaignID: Programme.Entry]?, Ticket?)
    case look(CampaignID, Ticket)
    case apply(CampaignID, plan: String, Ticket)
    /// Looks at everybody whom an edit touches.
    case judge(EditWalk)
    /// Gives them their place under it.
    case rewrite(EditWalk)
    /// Puts these files on record, those of held edits as they were before, and says what came of it.
    case record([String: [UInt8]], EditOutcome, Ticket?)

    /// Who waits for its end.
    var ticket: Ticket? {
        switch self {
        case .load(_, _, let ticket), .record(_, _, let ticket): ticket
        case .look(_, let ticket), .apply(_, _, let ticket): ticket
        case .judge(let walk): walk.ticket
        case .rewrite: nil
        }
    }

    /// The same with nobody waiting for it any more.
    func withoutTicket() -> EditWork? {
        switch self {
        case .load(let update, let before, _): return .load(update, before: before, nil)
        case .record(let files, let outcome, _): return .record(files, outcome, nil)
        // A question that could not be answered is over.
        case .look, .apply: return nil
        case .judge(let walk):
            if case .reload = walk.purpose { return self }
            return nil
        case .rewrite: return self
        }
    }
}

extension Engine {
    /// How many enrollments are looked at, or written anew, between two turns.
    static let editPage = 1_000

    /// Goes on with what is to be done about the files, for about as many enrollments as `limit`.
    func workOnEdits(limit: Int = Engine.editPage, now: Instant, effects: inout [Effect]) {
        guard storeFailure == nil else { return }
        do {
            try advanceEdits(limit: limit, now: now, effects: &effects)
        } catch {
            let failure = error as? StoreError ?? StoreError(.misuse, "\(error)")
            storeFailed(failure, now: now, effects: &effects)
            let told = ControlError(
                .unavailable,
                "not done: \(failure.description). What had begun goes on by itself once the store works again")
            for ticket in editWork.compactMap(\.ticket) { effects.append(.answer(ticket, .failure(told))) }
            editWork = editWork.compactMap { $0.withoutTicket() }
            return
        }
        if !editWork.isEmpty { effects.append(.again) }
    }

    /// The same, with what the store refuses as an error.
    ///
    /// Where `writes` is false, nothing is written or recorded: for
    /// whoever only asks.
    func advanceEdits(limit: Int, writes: Bool = true, now: Instant, effects: inout [Effect]) throws {
        var left = limit
        while left > 0, let work = editWork.first {
            switch work {
            case .load(let update, let before, let ticket):
                let works = try begin(
                    update, over: before ?? programme.campaigns, ticket, writes: writes, now: now)
                editWork.replaceSubrange(0..<1, with: works)
            case .look(let id, let ticket):
                editWork.replaceSubrange(0..<1, with: heldWalk(id, .look, ticket, &effects).map { [.judge($0)] } ?? [])
            case .apply(let id, let plan, let ticket):
                let walk = heldWalk(id, .apply(plan: plan), ticket, &effects)
                editWork.replaceSubrange(0..<1, with: walk.map { [.judge($0)] } ?? [])
            case .judge(var walk):
                let count = try judge(&walk, limit: left, now: now)
                left -= max(1, count)
                editWork.replaceSubrange(
                    0..<1,
                    with: count > 0 ? [.judge(walk)] : try judged(walk, writes: writes, now: now, effects: &effects))
            case .rewrite(var walk):
                let count = writes ? try rewrite(&walk, limit: left, now: now, effects: &effects) : 0
                left -= max(1, count)
                editWork.replaceSubrange(0..<1, with: count > 0 ? [.rewrite(walk)] : [])
            case .record(let files, let outcome, let ticket):
                if writes { try record(files, now: now) }
                editWork.removeFirst()
                tell(outcome, ticket, effects: &effects)
            }
        }
    }

    /// Swaps what nobody has to be asked for, and lists what is to be done about the rest.
    private func begin(
        _ update: ProgrammeUpdate, over running: [CampaignID: Programme.Entry], _ ticket: Ticket?, writes: Bool,
        now: Instant
    ) throws -> [EditWork] {
        guard var programme = update.programme else { return [] }
        var (works, report, entering) = ([EditWork](), update.report, Set<CampaignID>())
        try keepVersions(in: &programme)
        for (id, entry) in programme.campaigns.sorted(by: { $0.key < $1.key }) {
            guard let old = running[id], old.hash != entry.hash, old.campaign != entry.campaign else {
                if running[id]?.version != entry.version { entering.insert(id) }
                continue
            }
            let files = update.files.filter { $0.key.hasPrefix("\(id)/") }
            let walk = EditWalk(
                id, from: old, to: entry, files: files, keepsNames: programme.keepsNames(of: old), purpose: .reload)
            works.append(.judge(walk))
            report.diagnostics += walk.edit.warnings
            // Until it is judged.
            var kept = old
            kept.policy = entry.policy
            programme.campaigns[id] = kept
        }
        if !entering.isEmpty {
            try enter(entering, in: &programme, files: update.files, over: running, writes: writes, now: now)
        }
        (self.programme, heldEdits, programmeSince) = (programme.rebuilt(), [:], now)
        return works + [.record(update.files, .reloaded(report), ticket)]
    }

    /// The walk of a held edit; nil where there is none, which is answered.
    private func heldWalk(
        _ id: CampaignID, _ purpose: EditWalk.Purpose, _ ticket: Ticket, _ effects: inout [Effect]
    ) -> EditWalk? {
        guard let held = heldEdits[id], let running = programme.campaigns[id] else {
            let isPinned = programme.campaigns[id]?.campaign.isPinned ?? false
            let error = ControlError(
                .notFound,
                "no edit of \(id) is held: `dripd reload` reads the files"
                    + (isPinned ? ", and who is under way goes on by the version they entered by" : ""))
            effects.append(.answer(ticket, .failure(error)))
            return nil
        }
        return EditWalk(
            id, from: running, to: held.entry, files: held.files, keepsNames: programme.keepsNames(of: running),
            purpose: purpose, ticket: ticket)
    }

    /// What follows once everybody was looked at.
    private func judged(
        _ walk: EditWalk, writes: Bool, now: Instant, effects: inout [Effect]
    ) throws -> [EditWork] {
        var plan = walk.plan
        plan.pinned = try pinned(in: walk.id)
        switch walk.purpose {
        case .look:
            if let ticket = walk.ticket { effects.append(.answer(ticket, .success(.editPlanned(plan)))) }
            return []
        case .reload:
            guard plan.isHeld else { break }
            heldEdits[walk.id] = HeldEdit(entry: walk.new, files: walk.files, plan: plan)
            programme.campaigns[walk.id]?.problem = Engine.heldProblem(plan)
            return []
        case .apply(let wanted):
            guard plan.hash == wanted else {
                let error = ControlError(
                    .invalid,
                    "the situation has changed since plan \(wanted): now it would be \(plan.summary), which is plan "
                        + "\(plan.hash). Nothing was changed; look at `dripd plan --edit \(walk.id)`")
                if let ticket = walk.ticket { effects.append(.answer(ticket, .failure(error))) }
                return []
            }
        }
        // Whoever only asks sees the rows as they are, which know steps by the names of the version before, and no version
        // of a pinned campaign that is not on record.
        guard writes || (walk.edit.renames.isEmpty && !walk.new.campaign.isPinned) else { return [] }
        // All that may fail comes first: what has begun is carried out.
        var next = programme
        next.campaigns[walk.id] = walk.new
        try enter([walk.id], in: &next, files: walk.files, over: programme.campaigns, writes: writes, now: now)
        let applied = try store.read { try $0.appliedFiles() }
        let wanted = editWork.lazy.compactMap { if case .record(let files, _, _) = $0 { files } else { nil } }.first
        let files = (wanted ?? applied).keeping([walk.id], as: walk.files)
        if !walk.edit.renames.isEmpty {
            let recorded = withKeptVersions(files.keeping(unsettledEdits(but: walk.id), as: applied), on: applied)
            try rename(walk.edit, recording: recorded, now: now, effects: &effects)
        }
        heldEdits[walk.id] = nil
        programme = next.rebuilt()
        guard case .apply = walk.purpose else { return [.rewrite(walk.begun())] }
        return [.rewrite(walk.begun()), .record(files, .applied(plan), walk.ticket)]
    }

    /// The campaigns whose version on disk does not run: held, or not judged yet.
    private func unsettledEdits(but id: CampaignID? = nil) -> Set<CampaignID> {
        var ids = Set(heldEdits.keys)
        for case .judge(let walk) in editWork { ids.insert(walk.id) }
        return id.map { ids.subtracting([$0]) } ?? ids
    }

    /// How many go on by the version by which they entered, whatever an edit of it says; nil where nobody does.
    private func pinned(in id: CampaignID) throws -> Int? {
        let versions = Set(programme.campaigns[id].map { [$0.version] } ?? [])
        let count = try store.read { reader in
            try versions.reduce(0) { try $0 + reader.ongoing(by: $1, limit: StoreStatus.countLimit) }
                + ongoing(of: id, in: reader).values.reduce(0, +)
        }
        return count == 0 ? nil : count
    }

    private func record(_ wanted: [String: [UInt8]], now: Instant) throws {
        // What is the latest again is kept as that.
        programme.earlier = programme.earlier.filter { programme.campaigns[$0.key.campaign]?.version != $0.key }
        var files = wanted
        let applied = try store.read { try $0.appliedFiles() }
        if !heldEdits.isEmpty { files = files.keeping(unsettledEdits(), as: applied) }
        files = withKeptVersions(files, on: applied)
        try store.commit(at: now, today: today(at: now)) { [files] in try $0.apply(files: files, at: now) }
    }

    private func tell(_ outcome: EditOutcome, _ ticket: Ticket?, effects: inout [Effect]) {
        switch outcome {
        case .applied(let plan):
            effects.append(
                .log(LogLine(.info, "edit applied", ["campaign": plan.campaign.rawValue, "plan": plan.hash])))
            if let ticket { effects.append(.answer(ticket, .success(.editPlanned(plan)))) }
        case .reloaded(var report):
            report.held = heldPlans
            report.changed.removeAll { heldEdits[$0] != nil }
            for diagnostic in report.diagnostics {
                let level: LogLine.Level = diagnostic.severity == .error ? .error : .warning
                effects.append(.log(LogLine(level, diagnostic.description)))
            }
            effects.append(
                .log(
                    LogLine(
                        .info, "campaigns loaded",
                        [
                            "campaigns": "\(programme.campaigns.count)", "changed": "\(report.changed.count)",
                            "held": "\(report.held.count)", "kept": "\(report.kept.count)",
                            "broken": "\(report.broken.count)",
                        ])))
            if let ticket { effects.append(.answer(ticket, .success(.reloaded(report)))) }
        }
    }

    private static func heldProblem(_ plan: EditPlan) -> String {
        "its edit is held, and the version before runs on: \(plan.summary). `dripd plan --edit \(plan.campaign)` says who; "
            + "`dripd apply \(plan.campaign) --plan \(plan.hash)` puts it live"
    }
}

extension Programme {
    /// The same with what is derived from its campaigns worked out anew.
    func rebuilt() -> Programme {
        Programme(
            policy: policy, campaigns: campaigns, broken: broken, zones: zones, problems: problems, earlier: earlier,
            brokenEarlier: brokenEarlier, forms: forms)
    }
}
