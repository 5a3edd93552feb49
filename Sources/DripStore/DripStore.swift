package import DripCore

/// Where leads, enrollments, deliveries and the journal live, by what the engine does with them; never by table.
///
/// All calls block, and all come from the engine's own queue (or from a command that holds the store's lock where no
/// daemon runs). No verb reads a clock: every instant comes in as an argument.
package protocol DripStore: AnyObject {
    /// Names this installation for ever; part of every Message-ID, so that two installations never share one.
    var instanceID: String { get }

    /// Runs `body` in one transaction that is on disk when this returns; on any error nothing of it remains.
    ///
    /// This is the group commit: outcomes, new marks, skips and deferrals of one engine step share one sync.
    /// `today` is the policy's local date at `now`; the counters of the day go there. A `StoreError` of the body passes
    /// through; any other is wrapped as `.misuse`. Once a verb has thrown, the commit fails even if the body catches it.
    func commit<Result>(at now: Instant, today: LocalDate, _ body: (any StoreTransaction) throws -> Result)
        throws(StoreError) -> Result

    /// Reads a consistent picture; not inside a commit, whose own transaction can be asked.
    func read<Result>(_ body: (any StoreReader) throws -> Result) throws(StoreError) -> Result

    /// Leaves no copy of what commits have taken away, in no file of the state; between commits, and slow.
    func scrub() throws(StoreError)
}

/// A store that can check itself: the tests' judge, and `dripd audit`'s.
package protocol AuditableStore: DripStore {
    /// Compares every row with every other that says the same, reading all of them; empty when all is well.
    func audit() throws(StoreError) -> [String]
}

/// What can be asked.
package protocol StoreReader: PushReader, OwnerReader, DigestReader {
    /// The earliest `dueAt` of all that waits for this channel and is not held; nil when nothing does. One index probe.
    func nextDueAt(_ route: Route) throws -> Instant?

    /// A lead by its key, or by that of one which was merged into it.
    func lead(key: String) throws -> Lead?
    /// When the lead of that key was erased, and remembered as such; nil for everybody else.
    func erasedAt(key: String) throws -> Instant?
    /// An enrollment by its number, also by one that it had before a merge, with its lead; nil where there is none.
    func enrolled(_ id: EnrollmentID) throws -> (enrollment: Enrollment, lead: Lead)?
    /// Every lead of this mailbox: several when an external id was used twice with one address.
    func leads(address: EmailAddress) throws -> [Lead]
    /// The leads into which one was merged that had this mailbox then; at most `limit`.
    func leadsMerged(from address: EmailAddress, limit: Int) throws -> [Lead]
    /// The numbers that an enrollment had before merges moved it: by those, messages of before are sealed.
    func formerNumbers(of enrollment: EnrollmentID) throws -> [EnrollmentID]
    /// The do-not-send entry of a mailbox, whether or not a lead has it.
    func suppression(of address: EmailAddress) throws -> Suppression?
    /// The topics that a mailbox has opted out of, oldest first, whether or not a lead has it.
    func optOuts(of address: EmailAddress) throws -> [OptOut]
    /// The counted messages of a mailbox.
    func ledger(of address: EmailAddress) throws -> ChargeLedger
    /// All enrollments of a lead, oldest first.
    func enrollments(of lead: LeadID) throws -> [Enrollment]
    func enrollment(of lead: LeadID, in campaign: CampaignID) throws -> Enrollment?
    /// The next `limit` active enrollments of a campaign behind `after`, by number, and those among them that wait for one of
    /// these steps (nil: for any): for whoever goes through all of them, a page at a time.
    func waiting(
        in campaign: CampaignID, for steps: Set<StepID>?, after: EnrollmentID?, limit: Int
    ) throws -> EnrollmentPage
    /// How many enrollments that began by a version of their campaign are active or paused, counted up to `limit`.
    func ongoing(by version: CampaignVersion, limit: Int) throws -> Int
    /// Completed enrollments of a campaign in the same manner.
    func completed(in campaign: CampaignID, after: EnrollmentID?, limit: Int) throws -> EnrollmentPage
    /// What else the mailbox of this enrollment waits for: see `Rival`. By number, at most `Rival.limit`, of at most `Rival.leadLimit` leads.
    func rivals(of enrollment: EnrollmentID) throws -> [Rival]
    /// What a step was called first: by that name the messages of before are sealed.
    func firstName(of step: StepID, in campaign: CampaignID) throws -> StepID
    /// The open and in-doubt deliveries of an enrollment.
    func deliveries(of enrollment: EnrollmentID) throws -> [Delivery]
    /// What happened to a lead and to those that were merged into it, as its own, newest first, at most `limit` entries; costs by what it returns, not by the journal's size.
    func timeline(of lead: LeadID, limit: Int) throws -> [JournalEntry]

    /// Deliveries that are `reserved` or `sending`, for recovery at start.
    func unresolved() throws -> [UnresolvedDelivery]
    /// The oldest deliveries in doubt behind one of them, or of all.
    func inDoubt(after: DeliveryID?, limit: Int) throws -> [UnresolvedDelivery]
    /// The figures of the status file; bounded work at any size.
    func statusSnapshot(now: Instant, today: LocalDate) throws -> StoreStatus

    /// What people paused, beside leads.
    func holds() throws -> [Hold]
    /// Whether this state is a restored or moved copy that nobody has confirmed yet.
    func isRecovered() throws -> Bool
    /// The first catch-up slot that no late work has (`CatchUp.swift`).
    func nextSlotAt() throws -> Instant
    /// When the next lead is to be looked at for its stage; nil where none is.
    func nextLookAt() throws -> Instant?

    /// Figures of the roll-ups, each at most once; costs by their number, whatever the journal holds.
    func figures(_ query: FigureQuery) throws -> [FigureRow]

    /// The last times in which something could not go, oldest first.
    func interruptions() throws -> [Interruption]
    /// Every route that anything waits for, or did since the store was opened.
    func routes() throws -> [Route]
    /// How much the transports that warm up sent on their last day.
    func transportDays() throws -> [TransportDay]
    /// Whether a returned letter of that name was taken (`takeLetter`).
    func hasTaken(letter id: String) throws -> Bool
    /// When the engine was last at work; nil where it never was.
    func lastTurnAt() throws -> Instant?
    /// What a lead agreed to in sign-up forms, newest first.
    func consents(of lead: LeadID) throws -> [Consent]
    /// The next `limit` consents behind one that were asked for before an instant, by number, up to the first that was not.
    func unanswered(after: Int64?, before: Instant, limit: Int) throws -> UnansweredPage

    /// The next leads behind one, by number; neither those that were merged into others nor the erased.
    func leads(after: LeadID?, limit: Int) throws -> [Lead]
    /// `timeline` behind the entry of that number, each with its own.
    func timeline(of lead: LeadID, after: Int64?, limit: Int) throws -> [(number: Int64, entry: JournalEntry)]
    /// The next mailboxes on the do-not-send list behind one, by number; those of the erased have no address and are left out.
    func suppressions(after: Int64?, limit: Int) throws -> [(number: Int64, address: String, suppression: Suppression)]
    /// Who may use the API, by name.
    func tokens() throws -> [AccessToken]

    /// The files of the campaigns folder as they were last applied: path → bytes.
    func appliedFiles() throws -> [String: [UInt8]]
}

/// Some of a campaign's enrollments, with their leads.
package struct EnrollmentPage: Sendable {
    package var found: [(enrollment: Enrollment, lead: Lead)] = []
    /// How many were looked at.
    package var count = 0
    /// The last of them, behind which the next page begins; nil where there was none.
    package var last: EnrollmentID?

    package init() {}
}

/// Some of the consents that were asked for long ago.
package struct UnansweredPage: Hashable, Sendable {
    /// The leads of those that hold their mailbox and that nobody has confirmed: each once, and none that took another one in.
    package var leads: [Lead] = []
    /// How many consents were looked at, of whatever state.
    package var count = 0
    /// The last of them; nil where there was none.
    package var last: Int64?

    package init() {}
}

/// What can be done, inside one commit.
package protocol StoreTransaction: StoreReader, PushWriter, DigestWriter {
    /// Creates the lead or updates its facts; nil facts of the draft leave what is stored as it is.
    ///
    /// A key of one that was merged updates the lead that took it in, whose address it does not change.
    func upsert(_ draft: LeadDraft) throws -> UpsertedLead

    /// Forgets that the lead of that key was erased.
    func welcome(key: String) throws

    /// Notes something that a lead did, for the conditions that ask for it.
    func add(_ event: EventName, _ occurrence: EventHistory.Occurrence, to lead: LeadID) throws

    /// Makes `from` another name of the lead that `merged` is, whose facts are those of `merged` from then on.
    ///
    /// Every enrollment of `from` becomes one of that lead as it stands, in its order and with the next numbers; answers them
    /// by the numbers of before, and journals `merged` for each: the counters say of a campaign what they said. None of
    /// them may have an open delivery or one in doubt. Suppressions, opt-outs and charges are the mailboxes', and stay.
    func merge(_ from: LeadID, into merged: Lead, at: Instant) throws -> [EnrollmentID: EnrollmentID]

    /// Takes from a lead, and from all that was merged into it, whatever tells who it is.
    ///
    /// Its mailboxes that nobody else has become hashes that only stand on the do-not-send list. What it is enrolled in must
    /// have ended before. The lead keeps its number, for the figures. Where nothing is `remembered`, no hash stays either, and
    /// an address is as unknown as any: nothing may be under way or in doubt for it.
    func erase(_ lead: LeadID, at: Instant, isRemembered: Bool) throws

    /// Starts an enrollment whose first step is `first` (nil: a campaign with nothing left to do completes at once).
    ///
    /// Returns nil where the lead has an active or paused one of that campaign and key; whether one that is over stands in
    /// its way is the caller's to say (`Again.swift`). Journals `enrolled` itself, with the key, and `completed` behind it
    /// where `first` is nil: the caller writes neither. `version` is the one that it goes by to its end; nil for the latest.
    func enroll(
        _ lead: LeadID, in campaign: CampaignID, at: Instant, first: PendingStep?, key: String?,
        data: [String: AttributeValue], version: String?
    ) throws -> EnrollmentID?

    /// Up to `limit` due enrollments of a route with every fact that their decision needs.
    ///
    /// Ordered by due instant and then by number: the same state gives the same order. All that is due of one mailbox
    /// is claimed together: behind the first of it stand its others on that route, in the same order among
    /// themselves, even where that makes more than `limit`: only the last mailbox may do so. What the mailbox waits for beside the claim are its
    /// `rivals`, due or not, on any route; for a lead with one enrollment that costs nothing to find out. What a hold
    /// stops is left out, as a claim and as a rival.
    ///
    /// Enrollments without a pending step, and those whose delivery is `sending`, are never due. The claim is the
    /// transaction's own: what is not answered by `advance`, `mark` or `settle` before the commit stays due.
    func claimDue(_ route: Route, now: Instant, limit: Int) throws -> [Claim]

    /// Writes a decision that sends nothing: `enrollment` in its new state (deferred, skipped to a next step, exited,
    /// completed), its timer moved from `was` to its new pending step, and the journal entry.
    /// `entry` nil writes no journal row (a deferral that merely repeats the last one). A `reserved` delivery whose step
    /// is left by this goes with it and frees its charge; while one is `sending` no timer is set, its end will do that.
    func advance(_ enrollment: Enrollment, was: PendingStep?, entry: JournalEntry?) throws

    /// Reserves where no delivery is open yet, and marks `sending`: the one commit after which a send may start.
    ///
    /// Charges the mailbox at `at` for a message like `touch` (or moves its charge there), counts the attempt, and
    /// removes the timer: until `retry` or `settle` nothing of this enrollment is due. A nil `touch` is a message that
    /// does not count: nothing is charged, and an earlier attempt's charge goes.
    func mark(_ claim: Claim, at: Instant, charging touch: Touch?) throws -> Delivery

    /// Puts a marked delivery back to `reserved` for another attempt at `enrollment.current.dueAt`; its charge stays.
    /// `countsAttempt` false takes the attempt back (a fault of the transport, not of the delivery).
    func retry(_ delivery: DeliveryID, countsAttempt: Bool, enrollment: Enrollment, entry: JournalEntry?) throws

    /// Ends a `sending` or `reserved` delivery as `accepted`, `failed` or `inDoubt`, and moves its enrollment on.
    ///
    /// `accepted` and `failed` rows leave the table (the journal keeps them); `inDoubt` ones stay listed. The charge
    /// is kept or freed by `ChargeLedger.settle`, and what waits for a cap of the same mailbox, or gives way under one
    /// (`capped`, `priority`), becomes due at `entry.at`, to be decided again (`PendingStep.woken`; its `waitingFor`
    /// stays): up to `Rival.limit` at once, and nothing that is held until its hold ends.
    func settle(_ delivery: DeliveryID, as end: Delivery.State, enrollment: Enrollment, entry: JournalEntry) throws

    /// Takes a delivery off the list of those in doubt; its charge stays. False where it is not in doubt.
    func resolve(_ delivery: DeliveryID, of enrollment: EnrollmentID) throws -> Bool

    /// Notes that a returned letter is acted upon; false where it was noted before. The last ten thousand are known.
    func takeLetter(_ id: String) throws -> Bool

    /// Notes what a sender calls an event of a lead, or another request about it, and what that says: answers whether it is known,
    /// of the last seven days. Without a lead it is only looked.
    func recognise(event id: String, saying spelling: String, of lead: LeadID?, at: Instant) throws -> EventRecognition

    /// Lets whoever has a token use the API; false where one of that name does already.
    func add(_ token: AccessToken) throws -> Bool
    /// Takes that back; false where there was none.
    func revokeToken(_ name: String) throws -> Bool
    /// Notes what a lead agreed to, and answers its number; at most `Consent.limit` of one lead are kept.
    func add(_ consent: Consent, to lead: LeadID) throws -> Int64

    /// Notes that the mailbox's owner confirmed it, and lets go of its values; false where it is not asked, or not this lead's.
    func confirm(_ consent: Int64, of lead: LeadID, at: Instant, from: String) throws -> Bool

    /// Adds a do-not-send entry. Where there is one already it stays, and the answer is false, unless the new cause
    /// outranks it.
    func suppress(_ address: EmailAddress, _ suppression: Suppression) throws -> Bool

    /// Takes a mailbox off the do-not-send list and answers what the entry was; nil where there was none.
    func unsuppress(_ address: EmailAddress) throws -> Suppression?

    /// Notes that a mailbox wants nothing of a topic; false where that is on record already, which then stays.
    func optOut(_ address: EmailAddress, _ optOut: OptOut) throws -> Bool

    /// Takes an opt-out back and answers what it was; nil where there was none.
    func optIn(_ address: EmailAddress, to topic: TopicID) throws -> OptOut?
    /// Holds what `hold` names; the first one stays. False where it was held already. (A held transport is the engine's
    /// to respect: the store knows routes only.)
    func hold(_ hold: Hold) throws -> Bool
    /// Ends a hold; false where there was none.
    func release(_ target: Hold.Target) throws -> Bool
    /// Notes a lead's pause, in the place of the one before.
    func pause(_ lead: LeadID, _ pause: LeadPause) throws
    /// Notes where a lead stands, in the place of what was noted before.
    func setStage(_ stage: LeadStage, of lead: LeadID) throws
    /// Notes in the roll-ups that a lead came to a stage; only its first time there counts.
    func countStage(_ stage: Stage, of lead: LeadID, at: Instant) throws
    /// Notes by what reports tell a lead from others: all that it ever added goes under these from now on.
    func setMarks(_ marks: LeadMarks, of lead: LeadID) throws
    /// Notes that a run is one of the control share.
    func countHeldOut(_ enrollment: EnrollmentID) throws
    /// Notes that a message of a step has ended so.
    func count(message step: StepID, of enrollment: EnrollmentID, on channel: Channel, isInDoubt: Bool) throws
    /// Notes what was done with a message; each deed of each message counts once. Without a run it is the lead's last that had
    /// that message; of one that was not accepted nothing is noted.
    func count(
        _ deed: MessageDeed, of step: StepID, in campaign: CampaignID, by lead: LeadID, run: EnrollmentID?) throws
    /// Notes an amount that an event brought along.
    func count(_ amount: Amount, as value: EventValue, of lead: LeadID) throws
    /// Leads that are to be looked at for their stage by then, the earliest first.
    func leadsToLookAt(by now: Instant, limit: Int) throws -> [Lead]
    /// Replaces whose turn it is to take a lead over.
    func setOwnerTurns(_ turns: OwnerTurns) throws
    /// Counts one more of an owner's leads, under the day on which it was given.
    /// `by` −1 takes back what was counted of that day.
    func count(_ tally: OwnerTally, of owner: String, on day: LocalDate, by number: Int) throws
    /// Takes a restored or moved copy for the state that goes on.
    func confirmRecovery() throws
    /// Gives the catch-up slots before that instant away.
    func setNextSlot(_ at: Instant) throws
    /// Replaces what is known of the last interruptions.
    func setInterruptions(_ interruptions: [Interruption]) throws
    /// Replaces what is known of the transports that warm up.
    func setTransportDays(_ days: [TransportDay]) throws
    /// Notes that the engine is at work: what becomes due later and is not decided then was kept from it.
    func setLastTurn(_ at: Instant) throws

    /// Calls a step of a campaign by another name, in all that is stored of it; costs the same for one enrollment and for a
    /// million. What another step of that name has left behind, which the campaign has no more, keeps to itself.
    func rename(_ step: StepID, to name: StepID, in campaign: CampaignID) throws

    /// Appends to the journal without touching an enrollment: an event, a suppression, an import, a second entry of a
    /// step that both ended and completed its enrollment.
    func journal(_ entry: JournalEntry) throws

    /// Takes away the oldest entries of the journal, in the order in which they were written and up to the first that is not
    /// older than this; at most `limit`. Answers how many. What they added to the counters stays.
    func pruneJournal(before horizon: Instant, limit: Int) throws -> Int

    /// Replaces the applied files; bytes are kept once by hash, also of versions that are applied no more.
    func apply(files: [String: [UInt8]], at: Instant) throws

    /// Forgets charges at or before this instant when a ledger is next written: no cap reaches further back.
    func pruneCharges(before horizon: Instant)
}

extension StoreReader {
    /// The oldest deliveries in doubt.
    package func inDoubt(limit: Int) throws -> [UnresolvedDelivery] { try inDoubt(after: nil, limit: limit) }
}

extension StoreTransaction {
    /// What is left of whoever asked to be forgotten.
    package func erase(_ lead: LeadID, at: Instant) throws { try erase(lead, at: at, isRemembered: true) }

    /// Starts the only run of a lead through a campaign.
    package func enroll(
        _ lead: LeadID, in campaign: CampaignID, at: Instant, first: PendingStep?
    ) throws -> EnrollmentID? {
        try enroll(lead, in: campaign, at: at, first: first, key: nil, data: [:], version: nil)
    }
}

/// The lead as stored now, and whether it is new.
package struct UpsertedLead: Hashable, Sendable {
    package var lead: Lead
    package var isNew: Bool
    /// Its address before, where it has another mailbox now.
    package var was: EmailAddress?
    package var suppression: Suppression?
    package var optOuts: [OptOut]

    package init(
        lead: Lead, isNew: Bool, was: EmailAddress? = nil, suppression: Suppression?, optOuts: [OptOut]
    ) {
        self.lead = lead
        self.isNew = isNew
        self.was = was
        self.suppression = suppression
        self.optOuts = optOuts
    }
}

/// A due enrollment with every fact that its decision needs, read in the transaction that will write the answer.
package struct Claim: Hashable, Sendable {
    package var enrollment: Enrollment
    /// As stored: `dueAt` is the timer's.
    package var pending: PendingStep
    package var lead: Lead
    package var suppression: Suppression?
    package var optOuts: [OptOut]
    package var ledger: ChargeLedger
    /// What else the mailbox waits for.
    package var rivals: [Rival]
    /// The open delivery of this step: present when an earlier attempt failed and this is the next.
    package var delivery: Delivery?

    package init(
        enrollment: Enrollment, pending: PendingStep, lead: Lead, suppression: Suppression?, optOuts: [OptOut] = [],
        ledger: ChargeLedger, rivals: [Rival] = [], delivery: Delivery?
    ) {
        self.enrollment = enrollment
        self.pending = pending
        self.lead = lead
        self.suppression = suppression
        self.optOuts = optOuts
        self.ledger = ledger
        self.rivals = rivals
        self.delivery = delivery
    }
}

/// An active enrollment as a competitor for the caps of its mailbox: it waits for a step, and nothing of it is being
/// sent at this moment.
package struct Rival: Hashable, Sendable {
    /// How many of one mailbox are looked at, by number; what is beyond is claimed in its own turn.
    ///
    /// A mailbox that thousands of leads share must not cost their square.
    package static let limit = 64
    /// How many leads of one mailbox are looked at for them, the last to come first.
    package static let leadLimit = 256

    package var enrollment: EnrollmentID
    package var campaign: CampaignID
    /// By which it goes: see `Enrollment.version`.
    package var version: String?
    /// As stored: the step, its channel, its planned and due instants and what it waits for.
    package var pending: PendingStep
    /// Of its own lead, which may be another one of the same mailbox.
    package var zoneName: String?
    /// Of its own lead: nothing of it goes before; nil where it is not paused.
    package var pausedUntil: Instant?

    package init(
        enrollment: EnrollmentID, campaign: CampaignID, version: String? = nil, pending: PendingStep,
        zoneName: String?, pausedUntil: Instant? = nil
    ) {
        self.enrollment = enrollment
        self.campaign = campaign
        self.version = version
        self.pending = pending
        self.zoneName = zoneName
        self.pausedUntil = pausedUntil
    }
}

/// A delivery that has not ended, with its enrollment and lead.
package struct UnresolvedDelivery: Hashable, Sendable {
    package var delivery: Delivery
    package var enrollment: Enrollment
    package var lead: Lead

    package init(delivery: Delivery, enrollment: Enrollment, lead: Lead) {
        self.delivery = delivery
        self.enrollment = enrollment
        self.lead = lead
    }
}
