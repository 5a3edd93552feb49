/// Why a step was put off, skipped, exited or failed.
///
/// One list for the whole program: a case's raw value appears unchanged in the row, the log, the metric label,
/// `explain` and the status file.
package enum Reason: String, CaseIterable, Sendable, Codable {
    // The lead
    case erased
    case suppressed
    case optedOut
    case noAddress
    // The campaign's own ends
    case goalReached
    case exitCondition
    /// Its lead was merged into one that goes through the same campaign: see `Merge.swift`.
    case merged
    // Held by a person or by a broken file
    case paused
    case campaignBroken
    case stepDeleted
    // The step's own conditions
    case conditionNotMet
    /// The lead is of the campaign's control share: see `Holdout.swift`.
    case heldOut
    /// It waits for the lead to do something: see `WaitFor`.
    case awaiting
    /// What the repetition went on for has happened.
    case repeatOver
    case missingVariable
    // Time
    case late
    case beforeEnrollment
    case missingDate
    case order
    case gap
    case quietHours
    case outsideWindow
    case holiday
    case capped
    case priority
    // The way out
    case transportPaused
    /// Late work waits for its slot: see `CatchUp.swift`.
    case rateLimited
    case retry
    // How a delivery ended
    case permanentFailure
    case retriesExhausted
    case unknownOutcome
}
