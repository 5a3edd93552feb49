/// The answer to `event`.
package struct EventAnswer: Hashable, Sendable, Codable {
    package var lead: String
    package var event: EventName
    package var enrolledIn: [CampaignID]
    package var exitedFrom: [CampaignID]
    /// The address that is on the do-not-send list by it, or was already.
    package var suppressed: String?
    /// Whether it came before, and nothing was done now.
    package var isRepeat = false

    package init(
        lead: String, event: EventName, enrolledIn: [CampaignID], exitedFrom: [CampaignID], suppressed: String? = nil
    ) {
        self.lead = lead
        self.event = event
        self.enrolledIn = enrolledIn
        self.exitedFrom = exitedFrom
        self.suppressed = suppressed
    }
}

/// The answer to `suppress`.
package struct SuppressAnswer: Hashable, Sendable, Codable {
    package var address: String
    /// What it opted out of; nil where it is on the do-not-send list now.
    package var topic: TopicID?
    /// False where that was on record already.
    package var isNew: Bool
    package var exitedFrom: [CampaignID]
    /// Deliveries of this mailbox that were marked before and may still finish.
    package var stillUnderWay: Int

    package init(
        address: String, topic: TopicID? = nil, isNew: Bool, exitedFrom: [CampaignID], stillUnderWay: Int
    ) {
        self.address = address
        self.topic = topic
        self.isNew = isNew
        self.exitedFrom = exitedFrom
        self.stillUnderWay = stillUnderWay
    }
}

/// The answer to `unsuppress`.
package struct UnsuppressAnswer: Hashable, Sendable, Codable {
    package var address: String
    package var topic: TopicID?
    /// False where there was nothing to take back.
    package var wasThere: Bool
    /// The entry that was taken back, in words.
    package var was: String
    /// What it has opted out of, where no topic was named and there was nothing else to take back.
    package var optedOut: [TopicID]

    package init(address: String, topic: TopicID?, wasThere: Bool, was: String, optedOut: [TopicID] = []) {
        self.address = address
        self.topic = topic
        self.wasThere = wasThere
        self.was = was
        self.optedOut = optedOut
    }
}

/// The answer to `pause` and `resume`.
package struct PauseAnswer: Hashable, Sendable, Codable {
    /// `campaign ebook-nurture`, `lead budi@example.com`.
    package var what: String
    /// False where it was paused, or not paused, already.
    package var isChange: Bool
    /// Deliveries of it that were marked before and may still finish.
    package var stillUnderWay: Int
    /// Since when it is paused, and why; nil after a resume.
    package var since: Instant?
    package var note: String?
    /// A lead's: when it ends by itself, and the same on the lead's clock.
    package var until: Instant?
    package var untilLocal: String?
    /// A lead's: what this pause replaced, `until Thu 2026-12-24 00:00 …`; nil where it was not paused, or its end stays.
    package var was: String?
    /// A lead's: what becomes of the steps that fall into it, where it ends by itself; nil where that could not be told.
    package var plans: [PlanAnswer]?

    package init(
        what: String, isChange: Bool, stillUnderWay: Int, since: Instant? = nil, note: String? = nil,
        until: Instant? = nil, untilLocal: String? = nil, was: String? = nil, plans: [PlanAnswer]? = []
    ) {
        self.what = what
        self.isChange = isChange
        self.stillUnderWay = stillUnderWay
        self.since = since
        self.note = note
        self.until = until
        self.untilLocal = untilLocal
        self.was = was
        self.plans = plans
    }
}

/// The answer to `tag`.
package struct TagAnswer: Hashable, Sendable, Codable {
    package var lead: String
    /// All that it has now.
    package var tags: ValueList
    /// What it did not have before, and had.
    package var added: ValueList
    package var removed: ValueList
    package var enrolledIn: [CampaignID]
    package var exitedFrom: [CampaignID]

    package init(
        lead: String, tags: ValueList, added: ValueList, removed: ValueList, enrolledIn: [CampaignID] = [],
        exitedFrom: [CampaignID] = []
    ) {
        self.lead = lead
        self.tags = tags
        self.added = added
        self.removed = removed
        self.enrolledIn = enrolledIn
        self.exitedFrom = exitedFrom
    }
}

/// The answer to `resolve`.
package struct ResolveAnswer: Hashable, Sendable, Codable {
    package var lead: String
    package var campaign: CampaignID
    package var step: StepID
    package var verdict: ResolveRequest.Verdict
    /// When the attempt in doubt was made.
    package var markedAt: Instant?

    package init(
        lead: String, campaign: CampaignID, step: StepID, verdict: ResolveRequest.Verdict, markedAt: Instant?
    ) {
        self.lead = lead
        self.campaign = campaign
        self.step = step
        self.verdict = verdict
        self.markedAt = markedAt
    }
}

/// The answer to `merge`.
package struct MergeAnswer: Hashable, Sendable, Codable {
    /// The key that was merged, and goes on finding the lead.
    package var from: String
    /// The lead that took it in.
    package var lead: String
    /// The campaigns whose enrollments it has from the other.
    package var took: [CampaignID]
    /// Those that it went through as well: the other's ended.
    package var gaveWay: [CampaignID]
    /// What else ended by it: what one has done or said ends what the other went through.
    package var exitedFrom: [CampaignID]

    package init(
        from: String, lead: String, took: [CampaignID], gaveWay: [CampaignID], exitedFrom: [CampaignID]
    ) {
        self.from = from
        self.lead = lead
        self.took = took
        self.gaveWay = gaveWay
        self.exitedFrom = exitedFrom
    }
}

/// What came of a returned letter.
package struct ReturnAnswer: Hashable, Sendable, Codable {
    /// False where it was acted upon before.
    package var isNew: Bool
    /// Whether a delivery was found that it is about; else nothing was changed.
    package var isProved: Bool

    package init(isNew: Bool, isProved: Bool) {
        self.isNew = isNew
        self.isProved = isProved
    }
}

/// What a reload did, file by file.
package struct ReloadReport: Hashable, Sendable, Codable {
    /// Campaigns that run a new version now.
    package var changed: [CampaignID]
    /// Files that several campaigns share, such as policy.yaml and scoring.yaml, which are live as they were not before.
    package var changedFiles: [String]
    /// Campaigns whose file is broken or gone, and which keep their last good version.
    package var kept: [CampaignID]
    /// Campaigns that are broken and never had a good version.
    package var broken: [CampaignID]
    /// Edits that wait for `dripd apply`: the version before runs on.
    package var held: [EditPlan]
    package var diagnostics: [Diagnostic]

    package init(
        changed: [CampaignID] = [], changedFiles: [String] = [], kept: [CampaignID] = [], broken: [CampaignID] = [],
        held: [EditPlan] = [],
        diagnostics: [Diagnostic] = []
    ) {
        self.held = held
        self.changed = changed
        self.changedFiles = changedFiles
        self.kept = kept
        self.broken = broken
        self.diagnostics = diagnostics
    }
}

/// One line of a lead's history.
package struct TimelineEntry: Hashable, Sendable, Codable {
    package var at: Instant
    /// The same on the lead's wall clock, with the zone.
    package var local: String
    /// The journal kind, such as `accepted`, `skipped` or `event`.
    package var what: String
    package var campaign: CampaignID?
    package var step: StepID?
    package var reason: Reason?
    package var detail: String

    package init(
        at: Instant, local: String, what: String, campaign: CampaignID?, step: StepID?, reason: Reason?, detail: String
    ) {
        self.at = at
        self.local = local
        self.what = what
        self.campaign = campaign
        self.step = step
        self.reason = reason
        self.detail = detail
    }
}

/// Why a lead did or did not get each step, and what is next.
package struct Explanation: Hashable, Sendable, Codable {
    package struct StepView: Hashable, Sendable, Codable {
        package var step: StepID
        /// How it stands.
        ///
        /// A journal kind (`accepted`, `skipped`, `failed`, `inDoubt`), `sending`, `retrying`, `waiting`, `planned`,
        /// `notReached` after an exit, or `ended` where how it ended is not kept any more.
        package var state: String
        package var plannedAt: Instant?
        /// The same on the lead's wall clock, with the zone: `Wed 2026-11-25 09:00 Asia/Jakarta`.
        package var plannedLocal: String?
        /// When it ended, is due next, or will go if nothing changes until then.
        package var at: Instant?
        package var local: String?
        package var reason: Reason?
        package var detail: String

        package init(
            step: StepID, state: String, plannedAt: Instant?, plannedLocal: String?, at: Instant?, local: String?,
            reason: Reason?, detail: String
        ) {
            self.step = step
            self.state = state
            self.plannedAt = plannedAt
            self.plannedLocal = plannedLocal
            self.at = at
            self.local = local
            self.reason = reason
            self.detail = detail
        }
    }

    package struct GateView: Hashable, Sendable, Codable {
        package var gate: String
        /// `pass`, or the decision: `defer`, `skip`, `exit`.
        package var verdict: String
        package var reason: Reason?
        package var until: Instant?
        package var detail: String

        package init(gate: String, verdict: String, reason: Reason?, until: Instant?, detail: String) {
            self.gate = gate
            self.verdict = verdict
            self.reason = reason
            self.until = until
            self.detail = detail
        }
    }

    package struct EnrollmentView: Hashable, Sendable, Codable {
        package var campaign: CampaignID
        package var status: String
        package var enrolledAt: Instant
        package var zone: String
        /// What would become of the step that is waited for if nothing else happened, or how the enrollment ended.
        package var outlook: String
        package var steps: [StepView]
        /// Every gate as it would speak now for the step that is waited for; empty when nothing is.
        package var gatesNow: [GateView]
        /// The version of the campaign's files by which it goes, where that is not the latest.
        package var version: String?

        package init(
            campaign: CampaignID, status: String, enrolledAt: Instant, zone: String, outlook: String,
            steps: [StepView], gatesNow: [GateView], version: String? = nil
        ) {
            self.campaign = campaign
            self.status = status
            self.enrolledAt = enrolledAt
            self.zone = zone
            self.outlook = outlook
            self.steps = steps
            self.gatesNow = gatesNow
            self.version = version
        }
    }

    package var lead: String
    package var now: Instant
    package var suppression: Suppression?
    package var optOuts: [OptOut]
    /// Its pause, where it is paused now.
    package var pause: LeadPause?
    package var enrollments: [EnrollmentView]

    package init(
        lead: String, now: Instant, suppression: Suppression?, optOuts: [OptOut], pause: LeadPause? = nil,
        enrollments: [EnrollmentView]
    ) {
        self.lead = lead
        self.now = now
        self.suppression = suppression
        self.optOuts = optOuts
        self.pause = pause
        self.enrollments = enrollments
    }
}
