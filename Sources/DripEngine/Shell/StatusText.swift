package import DripCore

/// `status.txt`: what `status.json` says, for people.
package enum StatusText {
    package static func render(_ report: StatusReport) -> String {
        var lines = [
            "dripd \(report.version) on \(report.node): \(report.state.rawValue)",
            "Times are UTC; today is \(report.today) in \(report.timeZone), the policy's zone.",
            "",
            "  written    \(report.writtenAt)",
            "  started    \(report.startedAt)",
            "  next wake  \(report.nextWakeAt?.description ?? noWake(report.state))",
            "  lag        \(seconds(report.lagSeconds))",
            "  leads      \(report.leads); paused \(report.pausedLeads); do-not-send list \(report.suppressed)",
            "  under way  \(report.sending) sending, \(report.reserved) waiting for another attempt",
            "  zone rules \(report.zoneRules)",
            "",
            "Campaigns",
        ]
        if !report.holds.isEmpty {
            lines.removeLast()
            lines.append("Paused by hand")
            lines += report.holds.map { hold in
                "  \(hold.target) since \(hold.since), until it is resumed\(hold.note.isEmpty ? "" : ": \(hold.note)")"
            }
            lines += ["", "Campaigns"]
        }
        if report.campaigns.isEmpty { lines.append("  none") }
        for campaign in report.campaigns { lines += describe(campaign) }
        lines += ["", "Transports"]
        if report.transports.isEmpty { lines.append("  none: nothing can be sent; see `transports` in dripd.yaml") }
        lines += report.transports.map(describe)
        if let crm = report.crm { lines += ["", "CRMs"] + crm.map(describe) }
        if let digest = report.digest { lines += ["", "Digest of the week", describe(digest)] }
        if !report.inDoubt.isEmpty {
            let count = report.unresolved > report.inDoubt.count ? "the oldest of \(report.unresolved); " : ""
            lines += ["", "In doubt (\(count)may or may not have arrived; treated as sent)"]
            lines += report.inDoubt.map {
                "  \($0.campaign)/\($0.step) to \($0.lead) (\($0.id)), attempt \($0.attempt), marked \($0.markedAt?.description ?? "?")"
            }
        }
        lines += ["", "Problems"]
        if report.problems.isEmpty { lines.append("  none") }
        for problem in report.problems { lines += ["  \(problem.at)  \(problem.what)", "      → \(problem.mend)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func describe(_ campaign: StatusReport.CampaignStatus) -> [String] {
        var lines = [
            "  \(campaign.id)  \(campaign.name)  [\(campaign.hash)]",
            "    enrolled \(campaign.enrolled): active \(campaign.active), completed \(campaign.completed), "
                + "exited \(campaign.exited)\(reasons(campaign.exitedByReason))",
            "    due now \(campaign.dueNow), late \(seconds(campaign.lateSeconds)), "
                + "next due \(campaign.nextDueAt?.description ?? "never")",
            "    accepted \(both(campaign.accepted)); failed \(both(campaign.failed)); in doubt \(both(campaign.inDoubt))",
        ]
        if !campaign.deferred.isEmpty { lines.append("    put off so far\(reasons(campaign.deferred))") }
        if !campaign.skipped.isEmpty { lines.append("    skipped so far\(reasons(campaign.skipped))") }
        let all = campaign.arms ?? []
        for step in all.map(\.step).reduce(into: [StepID](), { if $0.last != $1 { $0.append($1) } }) {
            let arms = all.filter { $0.step == step }
            lines.append("    \(step): " + arms.map(describe).joined(separator: ", "))
        }
        if let version = campaign.version {
            lines.append("    pinned [\(version)]: \(earlier(campaign.earlier ?? [:]))")
        }
        if let problem = campaign.problem { lines.append("    PROBLEM \(problem)") }
        return lines
    }

    /// `1204 still on earlier versions (3fa8c2d11e07 1200, 91c2044d5be0 4)`.
    private static func earlier(_ counts: [String: Int]) -> String {
        let total = counts.values.reduce(0, +)
        return total == 0 ? "nobody is on an earlier version" : "\(total) still on earlier versions\(reasons(counts))"
    }

    /// `short 120 (goal 14, 11.7%)`.
    private static func describe(_ arm: StatusReport.Arm) -> String {
        guard arm.runs > 0, arm.goals > 0 else { return "\(arm.arm) \(arm.runs)" }
        let perMille = (arm.goals * 1_000 + arm.runs / 2) / arm.runs
        return "\(arm.arm) \(arm.runs) (goal \(arm.goals), \(perMille / 10).\(perMille % 10)%)"
    }

    private static func describe(_ transport: StatusReport.TransportStatus) -> String {
        var line =
            "  \(transport.name) (\(transport.channel)): \(transport.state), \(transport.inFlight) in flight "
            + "(limit \(transport.limit)), \(transport.accepted) accepted since start"
        if let weight = transport.weight, weight != 1 {
            line += weight == 0 ? ", stands in for others" : ", weight \(weight)"
        }
        if let fallback = transport.fallback { line += ", \(fallback) stands in for it" }
        if let rate = transport.rate { line += ", at most \(rate)" }
        if let left = transport.leftToday { line += ", warming up: \(left) left today" }
        if let since = transport.faultySince { line += ", does not work since \(since)" }
        if let until = transport.pausedUntil { line += ", paused until \(until)" }
        if let error = transport.lastError { line += ", last error: \(error)" }
        return line
    }

    /// `  hubspot: 3 changes wait, the oldest of 2026-…; 2 never taken: see `dripd crm``.
    package static func describe(_ crm: CRMView) -> String {
        var line = "  \(crm.transport): \(crm.waiting == 1 ? "1 change waits" : "\(crm.waiting) changes wait")"
        if let oldest = crm.oldestAt { line += ", the oldest of \(oldest)" }
        if crm.dead > 0 { line += "; \(crm.dead) never taken: see `dripd crm`" }
        if !crm.isNamed { line += "; scoring.yaml does not name it: nothing goes there" }
        return line
    }

    /// `  to 3 people, the next at 2026-…`.
    private static func describe(_ digest: StatusReport.Digest) -> String {
        var line = "  to \(digest.recipients == 1 ? "one person" : "\(digest.recipients) people")"
        if digest.underWay > 0 { line += ", \(digest.underWay) under way" }
        if let next = digest.nextAt { line += ", the next at \(next)" }
        return line
    }

    private static func noWake(_ state: StatusReport.State) -> String {
        state == .running ? "nothing is due until something new comes in" : "none while \(state.rawValue)"
    }

    private static func both(_ count: StatusReport.Count) -> String { "\(count.total) (today \(count.today))" }

    private static func reasons(_ counts: [String: Int]) -> String {
        guard !counts.isEmpty else { return "" }
        return " (" + counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ")"
    }

    private static func seconds(_ value: Double) -> String {
        value == 0 ? "none" : value < 120 ? "\(Int(value.rounded(.up))) s" : "\(Int(value / 60)) min"
    }
}
