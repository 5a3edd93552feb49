/// All that the status file says; `status.json` and `status.txt` are made from this one value.
package struct StatusReport: Hashable, Sendable, Codable {
    package enum State: String, CaseIterable, Sendable, Codable {
        case starting, running, draining, stopped
        /// The store cannot be written: nothing is sent.
        case storeFailed = "store_failed"
        /// A restored or moved copy of the state: nothing is sent until a person confirms it.
        case recovered
    }

    package struct Count: Hashable, Sendable, Codable {
        package var today: Int
        package var total: Int

        package init(today: Int, total: Int) {
            self.today = today
            self.total = total
        }
    }

    package struct CampaignStatus: Hashable, Sendable, Codable {
        package var id: CampaignID
        package var name: String
        package var file: String
        /// Of the version that runs: the first 12 digits of SHA-256 over its files.
        package var hash: String
        package var enrolled: Int
        package var active: Int
        package var completed: Int
        package var exited: Int
        package var dueNow: Int
        /// How late its oldest due step is; 0 where nothing is.
        package var lateSeconds: Double
        package var nextDueAt: Instant?
        package var deferred: [String: Int]
        package var skipped: [String: Int]
        package var exitedByReason: [String: Int]
        package var accepted: Count
        package var failed: Count
        package var inDoubt: Count
        /// Of its steps that decide, in the order of the file; nil where none does.
        package var arms: [Arm]?
        /// What is wrong with the file on disk, where the last good version runs on or nothing can run.
        package var problem: String?
        /// The version of its files by which a lead enters now, where it is pinned, or leads go on by others.
        package var version: String?
        /// How many go on by each version before it; nil where nobody does.
        package var earlier: [String: Int]?

        package init(
            id: CampaignID, name: String, file: String, hash: String, enrolled: Int, active: Int, completed: Int,
            exited: Int, dueNow: Int, lateSeconds: Double, nextDueAt: Instant?, deferred: [String: Int],
            skipped: [String: Int],
            exitedByReason: [String: Int], accepted: Count, failed: Count, inDoubt: Count, arms: [Arm]? = nil,
            problem: String?, version: String? = nil, earlier: [String: Int]? = nil
        ) {
            self.id = id
            self.name = name
            self.file = file
            self.hash = hash
            self.enrolled = enrolled
            self.active = active
            self.completed = completed
            self.exited = exited
            self.dueNow = dueNow
            self.lateSeconds = lateSeconds
            self.nextDueAt = nextDueAt
            self.deferred = deferred
            self.skipped = skipped
            self.exitedByReason = exitedByReason
            self.accepted = accepted
            self.failed = failed
            self.inDoubt = inDoubt
            self.arms = arms
            self.problem = problem
            self.version = version
            self.earlier = earlier
        }
    }

    /// A way on behind a step that decides, and who took it.
    package struct Arm: Hashable, Sendable, Codable {
        package var step: StepID
        package var arm: String
        package var runs: Int
        /// Those of them that reached the campaign's goal afterwards.
        package var goals: Int

        package init(step: StepID, arm: String, runs: Int, goals: Int) {
            self.step = step
            self.arm = arm
            self.runs = runs
            self.goals = goals
        }
    }

    package struct TransportStatus: Hashable, Sendable, Codable {
        package var name: String
        package var channel: String
        /// `open`, `paused` (its breaker is open) or `probing`.
        package var state: String
        package var inFlight: Int
        package var limit: Int
        /// `300 messages per 1m`; nil without a rate.
        package var rate: String?
        /// Its share among the transports of its channel; 0 where it only stands in for others.
        package var weight: Int?
        /// Which transport stands in for it.
        package var fallback: String?
        /// How much may still go today, while it warms up.
        package var leftToday: Int?
        package var accepted: Int
        package var lastError: String?
        package var pausedUntil: Instant?
        /// Since when it does not work, although it was tried; nil while it does.
        package var faultySince: Instant?

        package init(
            name: String, channel: String, state: String, inFlight: Int, limit: Int, rate: String? = nil,
            weight: Int? = nil, fallback: String? = nil, leftToday: Int? = nil, accepted: Int, lastError: String?,
            pausedUntil: Instant?, faultySince: Instant?
        ) {
            self.name = name
            self.channel = channel
            self.state = state
            self.inFlight = inFlight
            self.limit = limit
            self.rate = rate
            self.weight = weight
            self.fallback = fallback
            self.leftToday = leftToday
            self.accepted = accepted
            self.lastError = lastError
            self.pausedUntil = pausedUntil
            self.faultySince = faultySince
        }
    }

    /// The weekly digest, as it is mailed.
    package struct Digest: Hashable, Sendable, Codable {
        /// How many get it.
        package var recipients: Int
        /// When the next goes; nil while all are under way.
        package var nextAt: Instant?
        package var underWay: Int

        package init(recipients: Int, nextAt: Instant?, underWay: Int) {
            self.recipients = recipients
            self.nextAt = nextAt
            self.underWay = underWay
        }
    }

    package struct DoubtfulDelivery: Hashable, Sendable, Codable {
        package var campaign: CampaignID
        package var step: StepID
        /// Masked.
        package var lead: String
        /// By which every verb finds the lead, such as `id:1024`: nobody can type a masked address.
        package var id: String
        package var attempt: Int
        package var markedAt: Instant?

        package init(
            campaign: CampaignID, step: StepID, lead: String, id: String, attempt: Int, markedAt: Instant?
        ) {
            self.id = id
            self.campaign = campaign
            self.step = step
            self.lead = lead
            self.attempt = attempt
            self.markedAt = markedAt
        }
    }

    package struct Problem: Hashable, Sendable, Codable {
        package var at: Instant
        package var what: String
        /// What to do about it.
        package var mend: String

        package init(at: Instant, what: String, mend: String) {
            self.at = at
            self.what = what
            self.mend = mend
        }
    }

    package var version: String
    package var node: String
    package var state: State
    package var startedAt: Instant
    package var writtenAt: Instant
    package var nextWakeAt: Instant?
    /// How late the oldest due step is, or since when a transport that is wanted does not work, whichever is longer.
    package var lagSeconds: Double
    /// Of `/usr/share/zoneinfo`.
    package var zoneRules: String
    package var leads: Int
    /// Leads that are paused now, each by itself.
    package var pausedLeads: Int
    package var suppressed: Int
    package var reserved: Int
    package var sending: Int
    /// Deliveries in doubt of which nobody has said yet whether they arrived.
    package var unresolved: Int
    /// What people paused, beside leads.
    package var holds: [Hold]
    package var campaigns: [CampaignStatus]
    package var transports: [TransportStatus]
    /// What waits for CRMs; nil where none is named and nothing waits.
    package var crm: [CRMView]?
    /// Who gets the weekly digest; nil where nobody does.
    package var digest: Digest?
    /// The oldest of the unresolved deliveries, at most 50.
    package var inDoubt: [DoubtfulDelivery]
    /// The last problems, newest first; then what is wrong with the files.
    package var problems: [Problem]
    /// The day that `today` counts, and the zone of the policy, whose day it is.
    package var today: String
    package var timeZone: String

    package init(
        version: String, node: String, state: State, startedAt: Instant, writtenAt: Instant, nextWakeAt: Instant?,
        lagSeconds: Double, zoneRules: String, leads: Int, pausedLeads: Int, suppressed: Int, reserved: Int,
        sending: Int, unresolved: Int, holds: [Hold], campaigns: [CampaignStatus], transports: [TransportStatus],
        crm: [CRMView]? = nil, digest: Digest? = nil, inDoubt: [DoubtfulDelivery],
        problems: [Problem], today: String, timeZone: String
    ) {
        self.crm = crm
        self.digest = digest
        self.version = version
        self.node = node
        self.state = state
        self.startedAt = startedAt
        self.writtenAt = writtenAt
        self.nextWakeAt = nextWakeAt
        self.lagSeconds = lagSeconds
        self.zoneRules = zoneRules
        self.leads = leads
        self.pausedLeads = pausedLeads
        self.suppressed = suppressed
        self.reserved = reserved
        self.sending = sending
        self.unresolved = unresolved
        self.holds = holds
        self.campaigns = campaigns
        self.transports = transports
        self.inDoubt = inDoubt
        self.problems = problems
        self.today = today
        self.timeZone = timeZone
    }
}
