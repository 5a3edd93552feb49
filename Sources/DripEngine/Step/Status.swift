import DripCore
import DripStore

extension Engine {
    /// Everything the status file says, from one consistent picture of the store; the last one where it cannot be read.
    func statusReport(now: Instant, effects: inout [Effect]) -> StatusReport {
        do {
            let day = today(at: now)
            lastFigures = try store.read { reader in
                (try reader.statusSnapshot(now: now, today: day), try reader.inDoubt(limit: 50))
            }
            outageSince = try store.read { try outageSince(now: now, in: $0) }
            lastEarlier = try store.read { try ongoing(in: $0) }
            lastPushes = try store.read { try $0.pushFigures() }
            for crm in lastPushes where crm.dead == 0 { problems.end(Engine.notTaken(by: crm.transport)) }
        } catch {
            storeFailed(error, now: now, effects: &effects)
        }
        return report(lastFigures.0, lastFigures.1, now: now)
    }

    private func report(_ figures: StoreStatus, _ doubtful: [UnresolvedDelivery], now: Instant) -> StatusReport {
        StatusReport(
            version: identity.version, node: identity.node,
            state: storeFailure != nil && state == .running ? .storeFailed : state,
            startedAt: identity.startedAt, writtenAt: now, nextWakeAt: nextWakeAt,
            lagSeconds: seconds(from: [figures.oldestDueAt, outageSince].compactMap(\.self).min(), to: now),
            zoneRules: programme.zones.version,
            leads: figures.leads, pausedLeads: figures.pausedLeads, suppressed: figures.suppressedMailboxes,
            reserved: figures.reserved,
            sending: figures.sending, unresolved: figures.inDoubt, holds: holds.values.sorted { $0.target < $1.target },
            campaigns: campaignStatuses(figures, now: now),
            transports: outlets.map { status(of: $0, now: now) },
            crm: crmViews(lastPushes).nilIfEmpty, digest: digestView,
            inDoubt: doubtful.map { item in
                StatusReport.DoubtfulDelivery(
                    campaign: item.enrollment.campaign, step: item.delivery.step,
                    lead: item.lead.address?.masked ?? "lead \(item.lead.id.rawValue)",
                    id: "id:\(item.enrollment.id.rawValue)",
                    attempt: item.delivery.attempts, markedAt: item.delivery.markedAt)
            },
            problems: problems.items + formProblems(now: now) + fileProblems(),
            today: today(at: now).description,
            timeZone: programme.zones.resolve(lead: nil, campaign: nil, policy: programme.policy.zoneName).name)
    }

    /// Since when something waits for a lane of which no transport works: what an outage put back is due anew at each
    /// probe, and would not look late.
    private func outageSince(now: Instant, in reader: any StoreReader) throws -> Instant? {
        try lanes.compactMap { lane -> Instant? in
            let outlets = lane.outlets.map { self.outlets[$0] }.filter { !isHeld($0) }
            guard !outlets.contains(where: { $0.breaker.openUntil == nil }),
                let since = outlets.compactMap(\.breaker.faultySince).min(),
                let due = try reader.nextDueAt(lane.route),
                let next = outlets.compactMap(\.breaker.openUntil).max()
            else { return nil }
            return due <= max(now, next + .seconds(1)) ? since : nil
        }.min()
    }

    /// Forms that turn people away: each leaves an hour after it did so last.
    private func formProblems(now: Instant) -> [StatusReport.Problem] {
        programme.forms.values.sorted { $0.id < $1.id }.compactMap { form in
            guard let ceiling = formCeilings[form.id], let at = ceiling.metAt, ceiling.isMet(at: now) else {
                return nil
            }
            return .init(
                at: at,
                what:
                    "the form \(form.id) meets its ceiling of \(form.perHour) confirmations in an hour: it asks nobody else",
                mend: "Look whether a program fills it in. Where people do, raise `per_hour` in forms/\(form.id).yaml.")
        }
    }

    /// What is wrong with the files on disk: it leaves with the reload that finds it mended.
    private func fileProblems() -> [StatusReport.Problem] {
        func problem(_ what: String, _ mend: String) -> StatusReport.Problem {
            .init(at: programmeSince, what: what, mend: mend)
        }
        var problems = programme.problems.map {
            problem($0, "Mend the file, then `dripd reload`; its last good version runs on.")
        }
        for (id, what) in programme.broken.sorted(by: { $0.key < $1.key }) {
            problems.append(
                problem(
                    "campaign \(id) cannot run: \(what)",
                    "Mend the file, then `dripd reload`. No version of it is known that could run: its leads wait."))
        }
        for (version, what) in programme.brokenEarlier.sorted(by: { $0.key < $1.key }) {
            problems.append(
                problem(
                    "an earlier version of \(version.campaign), by which leads go on, cannot run: \(what)",
                    "Put back what it names, then `dripd reload`. Its leads wait until then."))
        }
        for (id, entry) in programme.campaigns.sorted(by: { $0.key < $1.key }) {
            guard let what = entry.problem else { continue }
            guard heldEdits[id] == nil else {
                problems.append(problem("campaign \(id): \(what)", "Look at the plan, then apply it or mend the file."))
                continue
            }
            problems.append(
                problem(
                    "campaign \(id) is not what its files say: \(what)",
                    "Mend the file, then `dripd reload`; its last good version runs on."))
        }
        return problems
    }

    private func campaignStatuses(_ figures: StoreStatus, now: Instant) -> [StatusReport.CampaignStatus] {
        let ids = Set(programme.campaigns.keys).union(programme.broken.keys).union(figures.campaigns.keys)
        return ids.sorted().map { id in
            let entry = programme.campaigns[id]
            let own = figures.campaigns[id] ?? StoreStatus.CampaignFigures()
            let earlier = lastEarlier.filter { $0.key.campaign == id }.map { ($0.key.hash, $0.value) }
            func total(_ kind: JournalEntry.Kind) -> Int { own.total[kind] ?? 0 }
            func count(_ kind: JournalEntry.Kind) -> StatusReport.Count {
                .init(today: own.today[kind] ?? 0, total: total(kind))
            }
            return StatusReport.CampaignStatus(
                id: id, name: entry?.campaign.name ?? id.rawValue, file: "\(id)/campaign.yaml", hash: entry?.hash ?? "",
                enrolled: total(.enrolled),
                active: total(.enrolled) - total(.completed) - total(.exited) + total(.reopened),
                completed: total(.completed) - total(.reopened), exited: total(.exited), dueNow: own.dueNow,
                lateSeconds: isHeld(id) ? 0 : seconds(from: own.nextDueAt, to: now), nextDueAt: own.nextDueAt,
                deferred: byName(own.deferredByReason), skipped: byName(own.skippedByReason),
                exitedByReason: byName(own.exitedByReason), accepted: count(.accepted), failed: count(.failed),
                inDoubt: count(.inDoubt), arms: entry?.campaign.armStatuses(own.arms),
                problem: entry?.problem ?? programme.broken[id]
                    ?? (entry == nil ? "no file of it is known any more" : nil),
                version: entry.flatMap { $0.campaign.isPinned || !earlier.isEmpty ? $0.version.hash : nil },
                earlier: earlier.isEmpty ? nil : Dictionary(uniqueKeysWithValues: earlier))
        }
    }

    private func status(of outlet: Outlet, now: Instant) -> StatusReport.TransportStatus {
        StatusReport.TransportStatus(
            name: outlet.transport.name, channel: outlet.transport.channel.name,
            state: isHeld(outlet) ? "held" : outlet.breaker.state(at: now).rawValue, inFlight: outlet.sending,
            limit: outlet.transport.inFlight, rate: outlet.transport.traffic.rate?.description,
            weight: outlet.transport.traffic.weight, fallback: outlet.transport.traffic.fallback,
            leftToday: outlet.leftToday(today(at: now)),
            accepted: outlet.accepted, lastError: outlet.breaker.lastError, pausedUntil: outlet.breaker.openUntil,
            faultySince: outlet.breaker.faultySince)
    }

    private func byName(_ counts: [Reason: Int]) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) })
    }

    private func seconds(from due: Instant?, to now: Instant) -> Double {
        guard let due, due < now else { return 0 }
        return Double((now - due).milliseconds) / 1_000
    }
}

extension Campaign {
    /// The arms of its steps, also those that nobody took.
    fileprivate func armStatuses(_ figures: [StepID: [String: StoreStatus.ArmFigures]]) -> [StatusReport.Arm]? {
        let arms = steps.flatMap { step in
            step.armNames.map { name in
                let own = figures[step.id]?[name] ?? StoreStatus.ArmFigures()
                return StatusReport.Arm(step: step.id, arm: name, runs: own.runs, goals: own.goals)
            }
        }
        return arms.isEmpty ? nil : arms
    }
}
