package import DripCore

/// What the store knows of owners; costs by their number and that of the days, and by what is overdue.
package protocol OwnerReader {
    /// Whose turn it is to take a lead over.
    func ownerTurns() throws -> OwnerTurns
    /// What the promises of the owners came to, by name and month, the newest first; nothing of what is overdue.
    func ownerFigures() throws -> [OwnerFigures]
    /// The same of leads that were given on these days, by name.
    func ownerFigures(of days: ClosedRange<LocalDate>) throws -> [OwnerFigures]
    /// Promises that should have been answered before that instant, and were not.
    func overduePromises(at now: Instant) throws -> [OverduePromises]
    /// Leads for which a promise runs (`Lead.openPromise`), by number.
    func promisedLeads(after: LeadID?, limit: Int) throws -> [Lead]
}
