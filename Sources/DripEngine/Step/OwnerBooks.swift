import DripCampaigns
import DripCore
import DripStore

// What the promises of owners came to, for `dripd owners`, reports and digests alike.
//
// The rule: what was counted is the store's, by the day on which the lead was given; what is overdue is counted anew whenever somebody
// asks, and stands under that day as well.

struct OwnerBooks {
    let reader: any StoreReader
    /// The policy's.
    let zone: Zone
    let now: Instant

    /// By name and month, the newest first.
    func months() throws -> [OwnerFigures] {
        var figures = try reader.ownerFigures()
        add(try reader.overduePromises(at: now), to: &figures) { String("\($0)".prefix(7)) }
        return figures.sorted { ($0.owner, $1.month) < ($1.owner, $0.month) }
    }

    /// By name, of leads that were given on these days.
    func figures(of days: ClosedRange<LocalDate>) throws -> [OwnerFigures] {
        var figures = try reader.ownerFigures(of: days)
        add(try reader.overduePromises(at: now), to: &figures) { days.contains($0) ? "" : nil }
        return figures
    }

    /// By name, whenever it was given: what is overdue now, and nothing else.
    func overdue() throws -> [OwnerFigures] {
        var figures: [OwnerFigures] = []
        add(try reader.overduePromises(at: now), to: &figures) { _ in "" }
        return figures
    }

    private func add(
        _ promises: [OverduePromises], to figures: inout [OwnerFigures], _ month: (LocalDate) -> String?
    ) {
        for promise in promises {
            guard let month = month(zone.local(at: promise.since).date) else { continue }
            let known = figures.firstIndex { $0.owner == promise.owner && $0.month == month }
            if known == nil { figures.append(OwnerFigures(owner: promise.owner, month: month)) }
            let place = known ?? figures.count - 1
            if promise.isFollowUp {
                figures[place].followUpsOverdue += promise.n
            } else {
                figures[place].overdue += promise.n
            }
        }
    }
}

extension Engine {
    var policyZone: Zone { programme.zones.resolve(lead: nil, campaign: nil, policy: programme.policy.zoneName) }

    /// What somebody promised for a lead and has not answered yet.
    func promise(for lead: Lead, now: Instant) -> PromiseView? {
        guard let promise = lead.openPromise else { return nil }
        let clock = programme.policy.scoring?.handoff?.promiser(of: lead).map(programme.zone(of:)) ?? policyZone
        return PromiseView(promise, of: lead, byLocal: clock.wallMinute(at: promise.by), now: now)
    }

    /// Who takes leads over, with those who did and are in the file no more.
    func ownerViews(now: Instant) throws -> [OwnerView] {
        let zone = policyZone
        let figures = try ask { try OwnerBooks(reader: $0, zone: zone, now: now).months() }
        let owners = programme.policy.scoring?.handoff?.owners ?? []
        func months(_ name: String) -> [OwnerFigures] { figures.filter { $0.owner == name } }
        let former = Set(figures.map(\.owner)).subtracting(owners.map(\.name)).sorted()
        return owners.map { owner in
            let zone = programme.zone(of: owner)
            return OwnerView(
                name: owner.name, address: owner.address,
                isAway: owner.away.contains(zone.local(at: now).date),
                isAtWork: owner.workingTimes.isOpen(at: now, in: zone), months: months(owner.name))
        } + former.map { OwnerView(name: $0, address: nil, isAway: false, isAtWork: false, months: months($0)) }
    }
}
