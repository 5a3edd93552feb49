import DripCore
import DripStore

extension Engine {
    /// A report is made of roll-ups alone: it costs some thousand rows, whatever the journal holds.
    func report(_ request: ReportRequest, now: Instant) throws -> Report {
        if let from = request.from, let to = request.to, to < from {
            throw ControlError(.invalid, "the report would end in \(to), before it begins in \(from)")
        }
        if let campaign = request.campaign, programme.campaigns[campaign] == nil {
            // One that is gone has figures still.
            let today = today(at: now)
            let isKnown = try ask { try $0.statusSnapshot(now: now, today: today).campaigns[campaign] != nil }
            if !isKnown { _ = try runnable(campaign) }
        }
        let zone = policyZone
        let (policy, campaigns) = (programme.policy.report, programme.campaigns.mapValues(\.campaign))
        return try ask { reader in
            try ReportBuilder(request: request, policy: policy, campaigns: campaigns, reader: reader)
                .report(now: now, zone: zone)
        }
    }
}
