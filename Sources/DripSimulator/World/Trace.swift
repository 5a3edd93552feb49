import DripCore
import DripStore

/// What the engine wrote, seen from below: only for figures of what was reached, never for a judgement.
final class Trace {
    /// The latest thing that happened to an enrollment.
    struct Event: Hashable {
        var kind: JournalEntry.Kind?
        var reason: Reason?

        static let marked = Event(kind: nil, reason: nil)
        var name: String {
            guard let kind else { return "marked" }
            return reason.map { "\(kind.name)(\($0.rawValue))" } ?? kind.name
        }
    }

    private(set) var figures = Figures()
    private var last: [EnrollmentID: Event] = [:]
    private var pending: [(EnrollmentID, Event)] = []

    func note(_ enrollment: EnrollmentID, _ event: Event) { pending.append((enrollment, event)) }

    func begin() { pending = [] }

    /// The commit is on disk.
    func adopt() {
        figures.commits += 1
        for (enrollment, event) in pending {
            if let reason = event.reason { figures.reasons[reason, default: 0] += 1 }
            switch event.kind {
            case nil, .deferred?, .skipped?, .performed?, .jumped?: figures.decisions += 1
            case .exited?, .failed?, .accepted?, .inDoubt?, .retried?, .enrolled?, .completed?, .imported?, .event?,
                .suppressed?, .paused?, .resumed?, .unsuppressed?, .resolved?, .reopened?, .addressChanged?,
                .merged?, .mergedInto?, .tagged?, .consented?, .stageMoved?, .pushed?, .notPushed?,
                .handedOff?:
                break
            }
            let before = last[enrollment]?.name ?? "-"
            figures.edges["\(before) → \(event.name)", default: 0] += 1
            last[enrollment] = event
        }
        pending = []
    }
}

/// The transaction that the engine gets: the real one, with the trace reading along.
struct TracedTransaction: StoreTransaction {
    let inner: any StoreTransaction
    let trace: Trace

    private func note(_ enrollment: EnrollmentID, _ entry: JournalEntry?) {
        guard let entry else { return }
        trace.note(enrollment, Trace.Event(kind: entry.kind, reason: entry.reason))
    }

    func upsert(_ draft: LeadDraft) throws -> UpsertedLead { try inner.upsert(draft) }

    func add(_ event: EventName, _ occurrence: EventHistory.Occurrence, to lead: LeadID) throws {
        try inner.add(event, occurrence, to: lead)
    }

    func enroll(
        _ lead: LeadID, in campaign: CampaignID, at: Instant, first: PendingStep?, key: String?,
        data: [String: AttributeValue], version: String?
    ) throws -> EnrollmentID? {
        let id = try inner.enroll(
            lead, in: campaign, at: at, first: first, key: key, data: data, version: version)
        if let id { trace.note(id, Trace.Event(kind: .enrolled, reason: nil)) }
        return id
    }

    func claimDue(_ route: Route, now: Instant, limit: Int) throws -> [Claim] {
        try inner.claimDue(route, now: now, limit: limit)
    }

    func takeLetter(_ id: String) throws -> Bool { try inner.takeLetter(id) }
    func recognise(event id: String, saying spelling: String, of lead: LeadID?, at: Instant) throws -> EventRecognition
    {
        try inner.recognise(event: id, saying: spelling, of: lead, at: at)
    }
    func pruneJournal(before horizon: Instant, limit: Int) throws -> Int {
        try inner.pruneJournal(before: horizon, limit: limit)
    }
    func add(_ token: AccessToken) throws -> Bool { try inner.add(token) }
    func revokeToken(_ name: String) throws -> Bool { try inner.revokeToken(name) }
    func add(_ consent: Consent, to lead: LeadID) throws -> Int64 { try inner.add(consent, to: lead) }
    func confirm(_ consent: Int64, of lead: LeadID, at: Instant, from: String) throws -> Bool {
        try inner.confirm(consent, of: lead, at: at, from: from)
    }
    func consents(of lead: LeadID) throws -> [Consent] { try inner.consents(of: lead) }

    func resolve(_ delivery: DeliveryID, of enrollment: EnrollmentID) throws -> Bool {
        try inner.resolve(delivery, of: enrollment)
    }

    func advance(_ enrollment: Enrollment, was: PendingStep?, entry: JournalEntry?) throws {
        if entry == nil, let reason = enrollment.current?.waitingFor {
            trace.note(enrollment.id, Trace.Event(kind: .deferred, reason: reason))
        }
        note(enrollment.id, entry)
        try inner.advance(enrollment, was: was, entry: entry)
    }

    func mark(_ claim: Claim, at: Instant, charging touch: Touch?) throws -> Delivery {
        trace.note(claim.enrollment.id, .marked)
        return try inner.mark(claim, at: at, charging: touch)
    }

    func retry(_ delivery: DeliveryID, countsAttempt: Bool, enrollment: Enrollment, entry: JournalEntry?) throws {
        note(enrollment.id, entry)
        try inner.retry(delivery, countsAttempt: countsAttempt, enrollment: enrollment, entry: entry)
    }

    func settle(
        _ delivery: DeliveryID, as end: Delivery.State, enrollment: Enrollment, entry: JournalEntry
    ) throws {
        note(enrollment.id, entry)
        try inner.settle(delivery, as: end, enrollment: enrollment, entry: entry)
    }

    func suppress(_ address: EmailAddress, _ suppression: Suppression) throws -> Bool {
        try inner.suppress(address, suppression)
    }

    func unsuppress(_ address: EmailAddress) throws -> Suppression? { try inner.unsuppress(address) }
    func optOut(_ address: EmailAddress, _ optOut: OptOut) throws -> Bool { try inner.optOut(address, optOut) }
    func optIn(_ address: EmailAddress, to topic: TopicID) throws -> OptOut? {
        try inner.optIn(address, to: topic)
    }

    func journal(_ entry: JournalEntry) throws {
        if let enrollment = entry.enrollment { note(enrollment, entry) }
        try inner.journal(entry)
    }

    func hold(_ hold: Hold) throws -> Bool { try inner.hold(hold) }
    func release(_ target: Hold.Target) throws -> Bool { try inner.release(target) }
    func pause(_ lead: LeadID, _ pause: LeadPause) throws { try inner.pause(lead, pause) }
    func setStage(_ stage: LeadStage, of lead: LeadID) throws { try inner.setStage(stage, of: lead) }
    func countStage(_ stage: DripCore.Stage, of lead: LeadID, at: Instant) throws {
        try inner.countStage(stage, of: lead, at: at)
    }
    func setMarks(_ marks: LeadMarks, of lead: LeadID) throws { try inner.setMarks(marks, of: lead) }
    func countHeldOut(_ enrollment: EnrollmentID) throws { try inner.countHeldOut(enrollment) }
    func count(message step: StepID, of enrollment: EnrollmentID, on channel: Channel, isInDoubt: Bool) throws {
        try inner.count(message: step, of: enrollment, on: channel, isInDoubt: isInDoubt)
    }
    func count(
        _ deed: MessageDeed, of step: StepID, in campaign: CampaignID, by lead: LeadID, run: EnrollmentID?
    ) throws {
        try inner.count(deed, of: step, in: campaign, by: lead, run: run)
    }
    func count(_ amount: Amount, as value: EventValue, of lead: LeadID) throws {
        try inner.count(amount, as: value, of: lead)
    }
    func figures(_ query: FigureQuery) throws -> [FigureRow] { try inner.figures(query) }
    func leadsToLookAt(by now: Instant, limit: Int) throws -> [Lead] { try inner.leadsToLookAt(by: now, limit: limit) }
    func setOwnerTurns(_ turns: OwnerTurns) throws { try inner.setOwnerTurns(turns) }
    func count(_ tally: OwnerTally, of owner: String, on day: LocalDate, by number: Int) throws {
        try inner.count(tally, of: owner, on: day, by: number)
    }
    func tell(
        _ content: PushContent, of lead: LeadID, to transport: String, mark: Int64, at: Instant
    ) throws -> PushID {
        try inner.tell(content, of: lead, to: transport, mark: mark, at: at)
    }
    func retry(_ push: PushID, at due: Instant, counts: Bool, saying said: String, now: Instant) throws -> Bool {
        try inner.retry(push, at: due, counts: counts, saying: said, now: now)
    }
    func took(_ push: PushID, now: Instant) throws -> Bool { try inner.took(push, now: now) }
    func bury(_ push: PushID, saying said: String, now: Instant) throws -> Bool {
        try inner.bury(push, saying: said, now: now)
    }
    func bringForward(pushesTo transport: String?, to instant: Instant) throws {
        try inner.bringForward(pushesTo: transport, to: instant)
    }
    func discard(_ push: PushID) throws -> Bool { try inner.discard(push) }
    func discardWaiting(for transport: String, limit: Int) throws -> Int {
        try inner.discardWaiting(for: transport, limit: limit)
    }
    func nextPushAt(_ transport: String) throws -> Instant? { try inner.nextPushAt(transport) }
    func pushes(to transport: String, dueBy now: Instant, limit: Int) throws -> [Push] {
        try inner.pushes(to: transport, dueBy: now, limit: limit)
    }
    func push(_ id: PushID) throws -> Push? { try inner.push(id) }
    func told(_ lead: LeadID, to transport: String) throws -> Int64? { try inner.told(lead, to: transport) }
    func pushes(of lead: LeadID, limit: Int) throws -> [Push] { try inner.pushes(of: lead, limit: limit) }
    func deadLetters(to transport: String?, after: PushID?, limit: Int) throws -> [Push] {
        try inner.deadLetters(to: transport, after: after, limit: limit)
    }
    func pushFigures() throws -> [PushFigures] { try inner.pushFigures() }
    func welcome(key: String) throws { try inner.welcome(key: key) }
    func erasedAt(key: String) throws -> Instant? { try inner.erasedAt(key: key) }
    func digestsReported() throws -> [String: Instant] { try inner.digestsReported() }
    func setDigestsReported(_ notes: [String: Instant]) throws { try inner.setDigestsReported(notes) }
    func confirmRecovery() throws { try inner.confirmRecovery() }
    func setInterruptions(_ interruptions: [Interruption]) throws { try inner.setInterruptions(interruptions) }
    func setNextSlot(_ at: Instant) throws { try inner.setNextSlot(at) }
    func setTransportDays(_ days: [TransportDay]) throws { try inner.setTransportDays(days) }
    func rename(_ step: StepID, to name: StepID, in campaign: CampaignID) throws {
        try inner.rename(step, to: name, in: campaign)
    }
    func merge(_ from: LeadID, into merged: Lead, at: Instant) throws -> [EnrollmentID: EnrollmentID] {
        try inner.merge(from, into: merged, at: at)
    }
    func erase(_ lead: LeadID, at: Instant, isRemembered: Bool) throws {
        try inner.erase(lead, at: at, isRemembered: isRemembered)
    }
    func setLastTurn(_ at: Instant) throws { try inner.setLastTurn(at) }
    func apply(files: [String: [UInt8]], at: Instant) throws { try inner.apply(files: files, at: at) }
    func pruneCharges(before horizon: Instant) { inner.pruneCharges(before: horizon) }

    func nextDueAt(_ route: Route) throws -> Instant? { try inner.nextDueAt(route) }
    func lead(key: String) throws -> Lead? { try inner.lead(key: key) }
    func enrolled(_ id: EnrollmentID) throws -> (enrollment: Enrollment, lead: Lead)? { try inner.enrolled(id) }
    func leads(address: EmailAddress) throws -> [Lead] { try inner.leads(address: address) }
    func leadsMerged(from address: EmailAddress, limit: Int) throws -> [Lead] {
        try inner.leadsMerged(from: address, limit: limit)
    }
    func formerNumbers(of enrollment: EnrollmentID) throws -> [EnrollmentID] {
        try inner.formerNumbers(of: enrollment)
    }
    func suppression(of address: EmailAddress) throws -> Suppression? { try inner.suppression(of: address) }
    func ledger(of address: EmailAddress) throws -> ChargeLedger { try inner.ledger(of: address) }
    func enrollments(of lead: LeadID) throws -> [Enrollment] { try inner.enrollments(of: lead) }
    func enrollment(of lead: LeadID, in campaign: CampaignID) throws -> Enrollment? {
        try inner.enrollment(of: lead, in: campaign)
    }
    func deliveries(of enrollment: EnrollmentID) throws -> [Delivery] { try inner.deliveries(of: enrollment) }
    func timeline(of lead: LeadID, limit: Int) throws -> [JournalEntry] { try inner.timeline(of: lead, limit: limit) }
    func unresolved() throws -> [UnresolvedDelivery] { try inner.unresolved() }
    func inDoubt(after: DeliveryID?, limit: Int) throws -> [UnresolvedDelivery] {
        try inner.inDoubt(after: after, limit: limit)
    }
    func statusSnapshot(now: Instant, today: LocalDate) throws -> StoreStatus {
        try inner.statusSnapshot(now: now, today: today)
    }
    func optOuts(of address: EmailAddress) throws -> [OptOut] { try inner.optOuts(of: address) }
    func waiting(
        in campaign: CampaignID, for steps: Set<StepID>?, after: EnrollmentID?, limit: Int
    ) throws -> EnrollmentPage {
        try inner.waiting(in: campaign, for: steps, after: after, limit: limit)
    }
    func ongoing(by version: CampaignVersion, limit: Int) throws -> Int {
        try inner.ongoing(by: version, limit: limit)
    }
    func firstName(of step: StepID, in campaign: CampaignID) throws -> StepID {
        try inner.firstName(of: step, in: campaign)
    }
    func completed(in campaign: CampaignID, after: EnrollmentID?, limit: Int) throws -> EnrollmentPage {
        try inner.completed(in: campaign, after: after, limit: limit)
    }
    func rivals(of enrollment: EnrollmentID) throws -> [Rival] { try inner.rivals(of: enrollment) }
    func holds() throws -> [Hold] { try inner.holds() }
    func hasTaken(letter id: String) throws -> Bool { try inner.hasTaken(letter: id) }
    func isRecovered() throws -> Bool { try inner.isRecovered() }
    func interruptions() throws -> [Interruption] { try inner.interruptions() }
    func nextSlotAt() throws -> Instant { try inner.nextSlotAt() }
    func nextLookAt() throws -> Instant? { try inner.nextLookAt() }
    func ownerTurns() throws -> OwnerTurns { try inner.ownerTurns() }
    func ownerFigures() throws -> [OwnerFigures] { try inner.ownerFigures() }
    func ownerFigures(of days: ClosedRange<LocalDate>) throws -> [OwnerFigures] { try inner.ownerFigures(of: days) }
    func overduePromises(at now: Instant) throws -> [OverduePromises] { try inner.overduePromises(at: now) }
    func promisedLeads(after: LeadID?, limit: Int) throws -> [Lead] {
        try inner.promisedLeads(after: after, limit: limit)
    }
    func routes() throws -> [Route] { try inner.routes() }
    func transportDays() throws -> [TransportDay] { try inner.transportDays() }
    func lastTurnAt() throws -> Instant? { try inner.lastTurnAt() }
    func appliedFiles() throws -> [String: [UInt8]] { try inner.appliedFiles() }
    func leads(after: LeadID?, limit: Int) throws -> [Lead] { try inner.leads(after: after, limit: limit) }
    func timeline(of lead: LeadID, after: Int64?, limit: Int) throws -> [(number: Int64, entry: JournalEntry)] {
        try inner.timeline(of: lead, after: after, limit: limit)
    }
    func suppressions(
        after: Int64?, limit: Int
    ) throws -> [(number: Int64, address: String, suppression: Suppression)] {
        try inner.suppressions(after: after, limit: limit)
    }
    func tokens() throws -> [AccessToken] { try inner.tokens() }
    func unanswered(after: Int64?, before: Instant, limit: Int) throws -> UnansweredPage {
        try inner.unanswered(after: after, before: before, limit: limit)
    }
}
