import DripCore
import DripStore

// Pausing and resuming, and what they and every other interruption mean for what became due meanwhile.

extension Engine {
    /// An alarm that rings so much later than asked was kept from ringing: a suspended machine, a clock set forward.
    private static let alarmPatience = TimeSpan.minutes(1)
    /// Nothing is under way for so long without a word: the longest wait for a server's answer is ten minutes.
    private static let busyPatience = TimeSpan.minutes(11)

    /// What CRMs are told may be so much later because the clock was set back.
    static let pushPatience = TimeSpan.minutes(10)

    /// Notes that time has passed in which nothing could go, so that what is late by it is released slowly (G7).
    func noticeInterruption(now: Instant) {
        defer { lastTurnAt = now }
        if let lastTurnAt, now < lastTurnAt {
            for index in outlets.indices { outlets[index].clockStepped(from: lastTurnAt, to: now) }
            if lastTurnAt - now > Engine.pushPatience { bringsPushesForward = true }
            digests.nextAt = nil
        }
        guard let lastTurnAt, state == .running else { return }
        if now - (alarmAt ?? lastTurnAt) > .days(2) { looksFrom = now + .hours(1) }
        if now < lastTurnAt { looksFrom = min(looksFrom, now) }
        release.clockStepped(from: lastTurnAt, to: now)
        let isLateAlarm = alarmAt.map { now - $0 > Engine.alarmPatience } ?? false
        let wasAway = isBusy && now - lastTurnAt > Engine.busyPatience
        if isLateAlarm || wasAway { release.note(.everything, from: lastTurnAt, until: now) }
    }

    func pause(
        _ target: PauseTarget, until: WrittenInstant?, note: String, now: Instant, effects: inout [Effect]
    ) throws -> PauseAnswer {
        try requireOneLine(note)
        switch target {
        case .lead(let key): return try pause(lead: key, until: until, note: note, now: now, effects: &effects)
        case .hold(let target):
            guard until == nil else {
                throw ControlError(.invalid, "only a lead is paused until an instant; resume \(target) by hand")
            }
            try requireKnown(target)
            let hold = Hold(target: target, since: now, note: note)
            let isNew = try change(now: now, effects: &effects) { transaction, _ in try transaction.hold(hold) }
            if isNew { holds[target] = hold }
            let held = holds[target] ?? hold
            return PauseAnswer(
                what: target.rawValue, isChange: isNew, stillUnderWay: underWay(target), since: held.since,
                note: held.note)
        }
    }

    func resume(_ target: PauseTarget, now: Instant, effects: inout [Effect]) throws -> PauseAnswer {
        switch target {
        case .lead(let key): return try resume(lead: key, now: now, effects: &effects)
        case .hold(let target):
            // One that is gone may still be held.
            if holds[target] == nil { try requireKnown(target) }
            let wasHeld = try change(now: now, effects: &effects) { transaction, draft in
                if let hold = holds[target], let scope = scope(of: target) {
                    draft.release.note(scope, from: hold.since, until: now)
                }
                let wasHeld = try transaction.release(target)
                let isTried = try endPauses(of: target, in: &draft, at: now, transaction)
                return wasHeld || isTried
            }
            holds[target] = nil
            return PauseAnswer(what: target.rawValue, isChange: wasHeld, stillUnderWay: 0)
        }
    }

    /// Goes on from a restored or moved copy: a person knows that the original does not run any more.
    func confirmRecovery(now: Instant, effects: inout [Effect]) throws -> PauseAnswer {
        let wasCopy = try change(now: now, effects: &effects) { transaction, _ in
            let wasCopy = try transaction.isRecovered()
            if wasCopy { try transaction.confirmRecovery() }
            return wasCopy
        }
        if state == .recovered {
            state = .running
            release.note(.everything, from: identity.startedAt, until: now)
            problems.end(Engine.recoveredProblem)
        }
        return PauseAnswer(what: "recovered state", isChange: wasCopy, stillUnderWay: 0)
    }

    static let recoveredProblem = "this state is a copy"

    /// Takes what is held from the store: it is the truth, and this its mirror.
    func takeHolds() throws(StoreError) {
        let held = try store.read { try $0.holds() }
        holds = Dictionary(uniqueKeysWithValues: held.map { ($0.target, $0) })
    }

    /// Tries at once a transport that paused by itself, and what it put back until then; answers whether it had.
    private func endPauses(
        of target: Hold.Target, in draft: inout TurnDraft, at now: Instant, _ transaction: any StoreTransaction
    ) throws -> Bool {
        guard let index = draft.outlets.firstIndex(where: { target == .transport($0.transport.name) }),
            draft.outlets[index].breaker.endPause(at: now)
        else { return false }
        try transaction.bringForward(pushesTo: draft.outlets[index].transport.name, to: now)
        let routes = Set(lanes.filter { $0.outlets.contains(index) }.map(\.route))
        for item in try transaction.unresolved() {
            var enrollment = item.enrollment
            guard let was = enrollment.current, was.waitingFor == .transportPaused, routes.contains(was.route) else {
                continue
            }
            enrollment.current = was.woken(at: now)
            try transaction.advance(enrollment, was: was, entry: nil)
        }
        return true
    }

    /// What a hold kept from going; nil for a transport that is not there.
    private func scope(of target: Hold.Target) -> Interruption.Scope? {
        switch target {
        case .everything: .everything
        case .campaign(let id): .campaign(id)
        case .transport(let name):
            outlets.first { $0.transport.name == name }.map { .channel($0.transport.channel) }
        }
    }

    /// Whether a person paused a transport.
    func isHeld(_ outlet: Outlet) -> Bool { holds[.transport(outlet.transport.name)] != nil }

    /// Whether a person paused a campaign, or everything.
    func isHeld(_ campaign: CampaignID) -> Bool { holds[.everything] != nil || holds[.campaign(campaign)] != nil }

    private func underWay(_ target: Hold.Target) -> Int {
        switch target {
        case .everything: flights.count + pushFlights.count + digests.flights.count
        case .campaign(let id): flights.values.count { $0.campaign.id == id }
        case .transport(let name): outlets.first { $0.transport.name == name }?.sending ?? 0
        }
    }

    private func requireKnown(_ target: Hold.Target) throws(ControlError) {
        switch target {
        case .everything: return
        case .campaign(let id):
            guard programme.campaigns[id] == nil, programme.broken[id] == nil else { return }
            throw ControlError(.notFound, "no campaign is called \"\(id)\"; `dripd status` lists them")
        case .transport(let name):
            let known = identity.transports.union(outlets.map(\.transport.name))
            guard !known.contains(name) else { return }
            throw ControlError(.notFound, "no transport is called \"\(name)\"; `dripd status` lists them")
        }
    }

    // MARK: Leads

    private func pause(
        lead key: String, until written: WrittenInstant?, note: String, now: Instant, effects: inout [Effect]
    ) throws -> PauseAnswer {
        var answer = try change(now: now, effects: &effects) { transaction, _ in
            let lead = try find(key, in: transaction)
            let zone = try zone(of: lead, in: transaction)
            let until = written?.instant(in: zone)
            if let until { try require(pauseEnd: until, in: zone, now: now) }
            let standing = lead.pause.flatMap { $0.holds(at: now) ? $0 : nil }
            // Who prolongs it without a word leaves the reason as it was.
            let note = note.isEmpty ? standing?.note ?? "" : note
            let isChange = standing.map { $0.until != until || $0.note != note } ?? true
            // A pause that is prolonged began when it began.
            let pause = LeadPause(since: standing?.since ?? now, until: until, note: note)
            func said(_ end: Instant?) -> String {
                end.map { "until \(zone.wallClock(at: $0)) (\($0))" } ?? "until it is resumed"
            }
            if isChange {
                try transaction.pause(lead.id, pause)
                let end = said(until)
                try transaction.journal(
                    JournalEntry(at: now, kind: .paused, lead: lead.id, detail: note.isEmpty ? end : "\(end): \(note)"))
                // What waits for an earlier pause's end is decided again, and then waits for this one's.
                try wake(lead, now: now, in: transaction)
            }
            let underWay = flights.values.count { $0.lead.id == lead.id }
            let stands = isChange ? pause : standing ?? pause
            return PauseAnswer(
                what: "lead \(lead.key)", isChange: isChange, stillUnderWay: underWay, since: stands.since,
                note: stands.note, until: until, untilLocal: until.map { zone.wallClock(at: $0) },
                was: standing.flatMap { $0.until == until ? nil : said($0.until) })
        }
        // It is paused, whatever becomes of this question.
        answer.plans = try? plansInPause(of: key, until: answer.until, now: now)
        return answer
    }

    private func require(pauseEnd until: Instant, in zone: Zone, now: Instant) throws(ControlError) {
        let end = "\(zone.wallClock(at: until)) (\(until))"
        guard until > now else { throw ControlError(.invalid, "\(end) is past: a pause ends in the future") }
        guard until - now <= .days(3_653) else {
            throw ControlError(.invalid, "\(end) is more than ten years ahead: leave it out to pause until resumed")
        }
    }

    /// The clock of a lead as such: its own, else that of a campaign which it goes through, else the policy's.
    func zone(of lead: Lead, in reader: any StoreReader) throws -> Zone {
        let running = try reader.enrollments(of: lead.id).first { $0.status == .active }
        let campaign = running.flatMap { programme.entry(of: $0)?.campaign }
        return programme.zones.resolve(
            lead: lead.zoneName, campaign: campaign?.zoneName, policy: programme.policy.zoneName)
    }

    /// What becomes of the steps that a lead's pause moves, by the forecast of `plan`; nothing where it has no end.
    private func plansInPause(of key: String, until: Instant?, now: Instant) throws -> [PlanAnswer] {
        guard let until else { return [] }
        let running = try ask { reader in
            try reader.enrollments(of: try find(key, in: reader).id).filter { $0.status == .active }
        }
        return try running.filter { programme.entry(of: $0) != nil }.map(\.campaign).map { campaign in
            var plan = try plan(key, campaign, now: now)
            plan.steps.removeAll { step in
                step.outlook == .underWay || step.plannedAt.map { $0 >= until && step.at == $0 } ?? false
            }
            return plan
        }.filter { !$0.steps.isEmpty }
    }

    private func resume(lead key: String, now: Instant, effects: inout [Effect]) throws -> PauseAnswer {
        try change(now: now, effects: &effects) { transaction, _ in
            let lead = try find(key, in: transaction)
            guard var pause = lead.pause, pause.holds(at: now) else {
                return PauseAnswer(what: "lead \(lead.key)", isChange: false, stillUnderWay: 0)
            }
            pause.until = now
            try transaction.pause(lead.id, pause)
            try transaction.journal(JournalEntry(at: now, kind: .resumed, lead: lead.id))
            try wake(lead, now: now, in: transaction)
            return PauseAnswer(what: "lead \(lead.key)", isChange: true, stillUnderWay: 0)
        }
    }

    /// Makes due now what waits for the lead's pause to end.
    func wake(_ lead: Lead, now: Instant, in transaction: any StoreTransaction) throws {
        for var enrollment in try transaction.enrollments(of: lead.id)
        where enrollment.status == .active && enrollment.current?.waitingFor == .paused {
            let was = enrollment.current
            enrollment.current = was?.woken(at: now)
            try transaction.advance(enrollment, was: was, entry: nil)
        }
    }
}
