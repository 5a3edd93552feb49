package import DripCore

/// The store's share of the status file, in one consistent picture.
package struct StoreStatus: Hashable, Sendable {
    package struct CampaignFigures: Hashable, Sendable {
        /// Journal entries of this campaign by kind, in all and today.
        package var total: [JournalEntry.Kind: Int]
        package var today: [JournalEntry.Kind: Int]
        /// `deferred`, `skipped`, `failed`, `exited` entries by reason, in all.
        package var deferredByReason: [Reason: Int]
        package var skippedByReason: [Reason: Int]
        package var failedByReason: [Reason: Int]
        package var exitedByReason: [Reason: Int]
        /// Enrollments whose step is due now; counted up to `countLimit`.
        package var dueNow: Int
        /// By step and arm; steps by their names of now, also those that the file has no more.
        package var arms: [StepID: [String: ArmFigures]]
        package var nextDueAt: Instant?

        package init() {
            total = [:]
            today = [:]
            deferredByReason = [:]
            skippedByReason = [:]
            failedByReason = [:]
            exitedByReason = [:]
            dueNow = 0
            arms = [:]
            nextDueAt = nil
        }
    }

    /// What became of the runs that took an arm.
    package struct ArmFigures: Hashable, Sendable {
        package var runs: Int
        package var goals: Int

        package init(runs: Int = 0, goals: Int = 0) {
            self.runs = runs
            self.goals = goals
        }
    }

    /// Beyond this many, due work is not counted one by one: the figure then reads "at least".
    package static let countLimit = 100_000

    package var campaigns: [CampaignID: CampaignFigures]
    package var leads: Int
    /// Leads that someone paused and that are paused now.
    package var pausedLeads: Int
    package var suppressedMailboxes: Int
    /// Deliveries now `reserved`, `sending` and `inDoubt`.
    package var reserved: Int
    package var sending: Int
    package var inDoubt: Int
    /// When the oldest step that is due now became due.
    package var oldestDueAt: Instant?

    package init() {
        campaigns = [:]
        leads = 0
        pausedLeads = 0
        suppressedMailboxes = 0
        reserved = 0
        sending = 0
        inDoubt = 0
        oldestDueAt = nil
    }
}
