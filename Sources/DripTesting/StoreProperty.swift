import DripCore
package import DripStore

/// A store and the model beside it, driven through the same random moves; whatever the order, they must agree.
///
/// Some commits throw at their end and must leave nothing; `reopen` closes and opens the store every so often.
package final class StoreProperty {
    private struct Abandoned: Error {}

    private var mergeDice: SplitMix64
    private var tagDice: SplitMix64
    private var versionDice: SplitMix64
    private var random: SplitMix64
    private var store: any DripStore
    private let reopen: ((any DripStore) throws -> any DripStore)?
    private var model = StoreModel()
    private var now = StoreBed.start
    private var today = StoreBed.day
    private static let campaigns = ["a", "b", "c"].map(CampaignID.init(rawValue:))
    private static let versions = [nil, "3fa8c2d11e07", "91c2044d5be0"]

    package init(
        seed: UInt64, store: any DripStore, reopen: ((any DripStore) throws -> any DripStore)? = nil
    ) {
        random = SplitMix64(seed: seed)
        mergeDice = SplitMix64(seed: seed &+ 1_000)
        tagDice = SplitMix64(seed: seed &+ 2_000)
        versionDice = SplitMix64(seed: seed &+ 3_000)
        self.store = store
        self.reopen = reopen
    }

    /// Makes `commits` commits of a few moves each, comparing as it goes and everything at the end.
    package func run(commits: Int) throws {
        for number in 0..<commits {
            try commit()
            for route in StoreModel.routes {
                try expectEqual(
                    try store.read { try $0.nextDueAt(route) }, model.nextDueAt(route), "the next due \(route)")
            }
            if number % 40 == 39 { try compare() }
            if number % 100 == 99, let reopen { store = try reopen(store) }
        }
        try compare()
        try StoreBed(store: store).audit()
    }

    private func compare() throws {
        try store.read { try model.compare(with: $0, now: now, today: today) }
    }

    private func commit() throws {
        // Mostly forward, by up to some hours; sometimes back.
        now = now + .minutes(Int64.random(in: -30...180, using: &random))
        if Int.random(in: 0..<30, using: &random) == 0 { today = today.adding(days: 1) }
        let before = model
        let abandons = Int.random(in: 0..<8, using: &random) == 0
        let moves = Int.random(in: 1..<7, using: &random)
        do {
            try store.commit(at: now, today: today) { transaction in
                for _ in 0..<moves { try move(in: transaction) }
                // Early on, when there is little to move: dice of their own leave the seeds' other moves as they were.
                if model.enrollments.count < 40, Int.random(in: 0..<4, using: &mergeDice) == 0 {
                    try merge(in: transaction)
                }
                if abandons { throw Abandoned() }
            }
        } catch {
            // An unmet expectation is thrown through the store, which wraps it: its words are in the error's.
            guard abandons, error.description.contains("Abandoned") else { throw error }
            model = before
        }
    }

    private func move(in transaction: any StoreTransaction) throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: try upsert(in: transaction)
        case 2, 3: try enrol(in: transaction)
        case 4: try suppressOrJournal(in: transaction)
        case 5, 6: try claim(in: transaction)
        case 7, 8: try endOne(in: transaction)
        default: try pauseOrResume(in: transaction)
        }
    }

    private func name(_ random: inout SplitMix64) -> String { "p\(Int.random(in: 0..<5, using: &random))@example.com" }

    private func upsert(in transaction: any StoreTransaction) throws {
        let address = try EmailAddress(name(&random))
        let key = Bool.random(using: &random) ? address.normalised : "crm-\(Int.random(in: 0..<12, using: &random))"
        var draft = LeadDraft(key: key, address: address)
        if Int.random(in: 0..<4, using: &random) == 0 { draft.address = nil }
        if Bool.random(using: &random) {
            draft.zoneName = ["Asia/Jakarta", "Europe/Berlin"].randomElement(using: &random)
        }
        draft.attributes = ["n": .number(Double(Int.random(in: 0..<5, using: &random)))]
        if Bool.random(using: &random) { draft.attributes["t"] = .text(Bool.random(using: &random) ? "" : "x") }
        let tags = ["vip", "gold", "cold"].filter { _ in Bool.random(using: &tagDice) }
        draft.attributes["tags"] = .list(try ValueList(tags.map(AttributeValue.text)))

        let upserted = try transaction.upsert(draft)
        let known = model.lead(key: key)
        try expectEqual(upserted.isNew, known == nil, "whether \(key) is new")
        let moves =
            draft.address != nil && draft.address?.normalised != known?.address?.normalised
            && (known?.key == key || known?.address == nil)
        try expectEqual(upserted.was, moves ? known?.address : nil, "its address before")
        var lead = known ?? Lead(id: upserted.lead.id, key: key, address: nil)
        // By the key of one that was merged, no address is changed.
        if lead.key == key || lead.address == nil { lead.address = draft.address ?? lead.address }
        lead.zoneName = draft.zoneName ?? lead.zoneName
        for (name, value) in draft.attributes { lead.attributes[name] = value.isBlank ? nil : value }
        try expectEqual(upserted.lead, lead, "the upserted lead")
        model.leads[lead.id] = lead
    }

    private func step(waitingFor: Reason? = nil) -> PendingStep {
        let planned = now + .minutes(Int64.random(in: 0...600, using: &random))
        let name = ["s1", "s2", "s3"].randomElement(using: &random) ?? "s1"
        return PendingStep(
            step: StepID(rawValue: name), route: StoreModel.routes.randomElement(using: &random) ?? .email,
            plannedAt: planned, dueAt: planned, waitingFor: waitingFor,
            rested: .minutes(Int64.random(in: 0...2, using: &random)),
            // Never the instant of a mark, which would keep that one's charge.
            doubtedAt: Bool.random(using: &random) ? planned + .milliseconds(1) : nil)
    }

    private func enrol(in transaction: any StoreTransaction) throws {
        guard let lead = model.leads.values.sorted(by: { $0.id < $1.id }).randomElement(using: &random),
            let campaign = Self.campaigns.randomElement(using: &random)
        else { return }
        let first = Int.random(in: 0..<9, using: &random) == 0 ? nil : step()
        let key = [nil, nil, "7", "8"].randomElement(using: &random) ?? nil
        let data = key.map { ["order": AttributeValue.text($0)] } ?? [:]
        let version = Self.versions.randomElement(using: &versionDice) ?? nil
        let id = try transaction.enroll(
            lead.id, in: campaign, at: now, first: first, key: key, data: data, version: version)
        let exists = model.enrollments.values.contains {
            $0.lead == lead.id && $0.campaign == campaign && $0.key == key && $0.isOngoing
        }
        try expectEqual(id == nil, exists, "whether a repeat is refused")
        guard let id else { return }
        let enrollment = Enrollment(
            id: id, lead: lead.id, campaign: campaign, enrolledAt: now, status: first == nil ? .completed : .active,
            current: first, key: key, data: data, version: version)
        model.enrollments[id] = enrollment
        model.note(StoreBed.entry(.enrolled, of: enrollment, at: now, detail: key ?? ""))
        if first == nil { model.note(StoreBed.entry(.completed, of: enrollment, at: now)) }
    }

    private func merge(in transaction: any StoreTransaction) throws {
        let leads = model.leads.values.sorted { $0.id < $1.id }
        guard let from = leads.randomElement(using: &mergeDice), let into = leads.randomElement(using: &mergeDice),
            from.id != into.id
        else { return }
        let runs = model.enrollments.values.filter { $0.lead == from.id }.sorted { $0.id < $1.id }
        guard try runs.allSatisfy({ try transaction.deliveries(of: $0.id).isEmpty }) else { return }
        let merged = Merge.lead(into, with: from, now: now)
        let new = try transaction.merge(from.id, into: merged, at: now)
        let last = model.enrollments.values.filter { $0.lead == into.id }.map(\.id).max()
        try expectEqual(Set(new.keys), Set(runs.map(\.id)), "what is moved")
        try expectEqual(runs.compactMap { new[$0.id] }, new.values.sorted(), "in its order")
        try expect(new.values.allSatisfy { $0 > last ?? $0 || last == nil }, "behind what was there")
        model.merge(from.id, into: merged, new, at: now)
    }

    private func suppressOrJournal(in transaction: any StoreTransaction) throws {
        guard let lead = model.leads.values.sorted(by: { $0.id < $1.id }).randomElement(using: &random) else { return }
        if let address = lead.address, Bool.random(using: &random) {
            try say(address, in: transaction)
        } else {
            let entry = JournalEntry(at: now, kind: .event, lead: lead.id, detail: "opened")
            try transaction.journal(entry)
            model.note(entry)
            let about = ["s1", "s2"].randomElement(using: &random).map {
                EventHistory.StepOfCampaign(Self.campaigns[0], StepID(rawValue: $0))
            }
            let occurrence = EventHistory.Occurrence(
                at: now, step: Bool.random(using: &random) ? about : nil,
                keys: lead.id.rawValue.isMultiple(of: 2) ? ["order_id": "\(lead.id.rawValue)"] : [:])
            let event = EventName(rawValue: ["opened", "clicked"].randomElement(using: &random) ?? "opened")
            try transaction.add(event, occurrence, to: lead.id)
            model.leads[lead.id]?.history.add(event, occurrence)
        }
    }

    /// A mailbox says no to something, or takes it back.
    private func say(_ address: EmailAddress, in transaction: any StoreTransaction) throws {
        let key = address.normalised
        let topic = ["t1", "t2"].map(TopicID.init(rawValue:)).randomElement(using: &random) ?? TopicID(rawValue: "t")
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let cause = Suppression.Cause.allCases.randomElement(using: &random) ?? .manual
            let suppression = Suppression(cause: cause, note: "seed", since: now)
            let isNew = model.suppressions[key].map { cause.outranks($0.cause) } ?? true
            try expectEqual(try transaction.suppress(address, suppression), isNew, "whether it is new")
            if isNew { model.suppressions[key] = suppression }
        case 1:
            let was = model.suppressions.removeValue(forKey: key)
            try expectEqual(try transaction.unsuppress(address), was, "what is taken back")
        case 2:
            let optOut = OptOut(topic: topic, note: "seed", since: now)
            let isNew = !(model.optOuts[key] ?? []).contains { $0.topic == topic }
            try expectEqual(try transaction.optOut(address, optOut), isNew, "whether the opt-out is new")
            if isNew { model.optOuts[key, default: []].append(optOut) }
        default:
            let was = model.optOuts[key]?.first { $0.topic == topic }
            model.optOuts[key]?.removeAll { $0.topic == topic }
            try expectEqual(try transaction.optIn(address, to: topic), was, "the opt-out that is taken back")
        }
    }

    /// What a message is charged as; nil for one that does not count.
    private func touch(_ claim: Claim) -> Touch? {
        let topic = [nil, "t1", "t2"].randomElement(using: &random) ?? nil
        let touch = Touch(
            channel: claim.pending.route.channel, campaign: claim.enrollment.campaign,
            topic: topic.map { TopicID(rawValue: $0) })
        return Int.random(in: 0..<6, using: &random) == 0 ? nil : touch
    }

    // MARK: The engine's moves

    private func claim(in transaction: any StoreTransaction) throws {
        let route = StoreModel.routes.randomElement(using: &random) ?? .email
        let limit = Int.random(in: 1...6, using: &random)
        let claims = try transaction.claimDue(route, now: now, limit: limit)
        try expectEqual(
            claims.map(\.enrollment.id), model.claims(route, now: now, limit: limit), "what is due, in order")
        for claim in claims {
            let rivals = try unwrap(model.enrollments[claim.enrollment.id].map(model.rivals), "the claimed enrollment")
            try expectEqual(claim.rivals, rivals, "the rivals of a claim, before any is answered")
        }
        for claim in claims {
            // A claim that is not answered stays due.
            if Int.random(in: 0..<10, using: &random) == 0 { continue }

            // Another answer of this batch may have woken it; everything else must be as the model has it.
            let enrollment = try unwrap(model.enrollments[claim.enrollment.id], "the claimed enrollment")
            try expectEqual(claim.enrollment.finished, enrollment.finished, "what is finished")
            try expectEqual(claim.delivery, model.open[enrollment.id], "the open delivery of a claim")
            try expectEqual(claim.lead, model.leads[enrollment.lead], "the lead of a claim")
            let key = claim.lead.address?.normalised ?? ""
            try expectEqual(claim.suppression, model.suppressions[key], "the suppression of a claim")
            try expectEqual(claim.optOuts, model.optOuts[key] ?? [], "the opt-outs of a claim")
            try answer(claim, in: transaction)
            // In the same commit: what was read of the mailbox before is out of date.
            for other in claims {
                let rivals = try unwrap(model.enrollments[other.enrollment.id].map(model.rivals), "its enrollment")
                try expectEqual(try transaction.rivals(of: other.enrollment.id), rivals, "rivals after an answer")
            }
        }
    }

    private func answer(_ claim: Claim, in transaction: any StoreTransaction) throws {
        var enrollment = claim.enrollment
        var entry: JournalEntry?
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2:
            let touch = touch(claim)
            model.mark(try transaction.mark(claim, at: now, charging: touch), charging: touch)
            return
        case 3:
            // Put off for its cap; now and then without a journal entry.
            let wait = TimeSpan.minutes(Int64.random(in: 1...300, using: &random))
            enrollment.current?.dueAt = now + wait
            enrollment.current?.waitingFor = [.capped, .priority, .outsideWindow].randomElement(using: &random)
            enrollment.current?.deferred = wait
            enrollment.current?.permittedAt = Bool.random(using: &random) ? now + .minutes(1) : nil
            if Bool.random(using: &random) {
                entry = StoreBed.entry(.deferred, of: enrollment, at: now, reason: .capped)
            }
        case 4:
            enrollment.finished.append(claim.pending.step)
            enrollment.lastEndedAt = now
            enrollment.choices[claim.pending.step] = ["then", "otherwise"].randomElement(using: &random)
            enrollment.current = step()
            entry = StoreBed.entry(.skipped, of: enrollment, at: now, step: claim.pending.step, reason: .late)
        default:
            enrollment.status = .exited
            enrollment.current = nil
            entry = StoreBed.entry(.exited, of: enrollment, at: now, reason: .goalReached)
        }
        try transaction.advance(enrollment, was: claim.pending, entry: entry)
        model.enrollments[enrollment.id] = enrollment
        model.note(entry)
        if let open = model.open[enrollment.id], open.step != enrollment.current?.step {
            model.end(open, keeping: false, at: entry?.at ?? now)
        }
    }

    private func endOne(in transaction: any StoreTransaction) throws {
        guard let delivery = model.open.values.sorted(by: { $0.id < $1.id }).randomElement(using: &random),
            var enrollment = model.enrollments[delivery.enrollment]
        else { return }
        if delivery.state == .sending, enrollment.status == .active, Int.random(in: 0..<3, using: &random) == 0 {
            enrollment.current?.dueAt = now + .minutes(5)
            enrollment.current?.waitingFor = .retry
            let counts = Bool.random(using: &random)
            let entry = StoreBed.entry(.retried, of: enrollment, at: now, step: delivery.step, reason: .retry)
            try transaction.retry(delivery.id, countsAttempt: counts, enrollment: enrollment, entry: entry)
            model.enrollments[enrollment.id] = enrollment
            model.open[enrollment.id]?.state = .reserved
            if !counts { model.open[enrollment.id]?.attempts -= 1 }
            model.note(entry)
            return
        }
        let end = [Delivery.State.accepted, .failed, .inDoubt].randomElement(using: &random) ?? .accepted
        let kind: JournalEntry.Kind = end == .accepted ? .accepted : end == .failed ? .failed : .inDoubt
        var completed: JournalEntry?
        if enrollment.isOngoingInModel {
            enrollment.finished.append(delivery.step)
            enrollment.current = step()
            if Int.random(in: 0..<4, using: &random) == 0 {
                enrollment.status = .completed
                enrollment.current = nil
                completed = StoreBed.entry(.completed, of: enrollment, at: now)
            }
        }
        let entry = StoreBed.entry(kind, of: enrollment, at: now, step: delivery.step)
        try transaction.settle(delivery.id, as: end, enrollment: enrollment, entry: entry)
        model.enrollments[enrollment.id] = enrollment
        model.note(entry)
        model.end(delivery, keeping: end != .failed, at: now)
        if end == .inDoubt { model.doubts.insert(delivery.id) }
        if let completed {
            try transaction.journal(completed)
            model.note(completed)
        }
    }

    private func pauseOrResume(in transaction: any StoreTransaction) throws {
        let ongoing = model.enrollments.values.filter(\.isOngoingInModel).sorted { $0.id < $1.id }
        guard var enrollment = ongoing.randomElement(using: &random) else { return }
        let was = enrollment.current
        enrollment.status = enrollment.status == .active ? .paused : .active
        try transaction.advance(enrollment, was: was, entry: nil)
        model.enrollments[enrollment.id] = enrollment
    }
}

extension Enrollment {
    fileprivate var isOngoingInModel: Bool { status == .active || status == .paused }
}
