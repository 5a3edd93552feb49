/// The one door to a running engine: the control socket, the pages and the command line all come through here.
///
/// It lives in Core so that `DripHTTP` can speak to the engine without knowing it. Answers come by a callback, because
/// the engine is synchronous on a queue of its own; whoever is asynchronous wraps it.
package protocol EngineControl: Sendable {
    /// Hands in a command; `reply` is called exactly once, on a thread that must not be blocked for long.
    func perform(_ command: Command, then reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void)
}

/// What can be asked of the engine.
package enum Command: Sendable {
    /// At most `ImportBatch.limit` rows; each stands or falls alone.
    case importLeads(ImportBatch)
    /// `id` makes a repeat of it known, as that of an event does.
    case enroll(lead: String, campaign: CampaignID, id: String? = nil)
    /// `data` comes along with it, `step` is what it was about, and `id` makes a repeat of it known: see `EventBody`.
    case event(
        lead: String, name: EventName, data: [String: AttributeValue] = [:],
        step: EventHistory.StepOfCampaign? = nil, id: String? = nil)
    case suppress(SuppressRequest)
    /// Takes a suppression or an opt-out back; `force` also a complaint or an erasure.
    case unsuppress(SuppressRequest, force: Bool)
    case lead(String)
    case explain(lead: String, campaign: CampaignID?)
    case plan(lead: String, campaign: CampaignID)
    case status
    case reload
    /// What the held edit of a campaign would do.
    case editPlan(CampaignID)
    /// Puts it live, where it would do what that plan says.
    case apply(CampaignID, plan: String)
    /// Only a lead may be paused until an instant.
    case pause(PauseTarget, until: WrittenInstant?, note: String)
    case resume(PauseTarget)
    /// A restored or moved copy of the state goes on.
    case confirmRecovery
    case resolve(ResolveRequest)
    /// Two leads are one person.
    case merge(MergeRequest)
    case tag(TagRequest)
    case stage(StageRequest)
    /// Roll-ups, as rates, times and amounts.
    case report(ReportRequest)
    /// What the weekly digest says of the last full week.
    case digest
    /// Somebody asked to be forgotten.
    case erase(EraseRequest)
    /// All that is kept of a lead.
    case export(String)
    /// The mailbox reader's: acted upon once, however often it is handed in.
    case returned(ReturnedLetter)
    /// What whoever holds a sealed link asks.
    case preference(PreferenceRequest)
    /// A link was followed, or a message shown.
    case hit(TrackedHit)
    /// What a provider posted: proved and read outside of the engine, where the secrets are.
    case hook(HookRequest)
    /// Stores leads, and enrols them where a campaign is named.
    case putLeads(LeadsRequest)
    /// The next leads, or what else there are many of: a page at a time.
    case list(ListRequest)
    /// Who may use the API.
    case tokens
    case addToken(AccessToken)
    case revokeToken(String)
    /// Of a sign-up form, and of the link that confirms one.
    case form(FormRequest)
    /// What somebody in sales asks by the link in a note about a lead.
    case handover(HandoverRequest)
    /// Who takes leads over, and what their promises came to.
    case owners
    /// A person gives a lead to somebody in sales.
    case handoff(HandoffRequest)
    /// How the CRMs stand.
    case crms
    case push(PushRequest)
}

extension Command {
    /// Whether it is one of those that strangers and programs ask again and again, and that change nothing.
    package var onlyLooks: Bool {
        switch self {
        case .form(.look), .form(.question), .list, .tokens, .owners, .crms, .report, .digest: true
        case .handover(let request): request.action == .look
        case .preference(let request): request.action == .look
        default: false
        }
    }
}

/// Whom not to write to any more, and about what.
package struct SuppressRequest: Hashable, Sendable {
    package var address: String
    /// Only this topic; nil is everything.
    package var topic: TopicID?
    /// Who asked for it, and why.
    package var note: String

    package init(address: String, topic: TopicID? = nil, note: String) {
        self.address = address
        self.topic = topic
        self.note = note
    }
}

/// What became of a message of which nobody knew whether it arrived.
package struct ResolveRequest: Hashable, Sendable, Codable {
    package enum Verdict: String, Sendable, Codable {
        /// It left: it counts as sent, as before, and is not in doubt any more.
        case sent
        /// It did not: it goes again, through every gate, under the same Message-ID.
        case resend
    }

    package var lead: String
    package var campaign: CampaignID
    package var step: StepID
    package var verdict: Verdict
    /// How somebody knows.
    package var note: String

    package init(lead: String, campaign: CampaignID, step: StepID, verdict: Verdict, note: String) {
        self.lead = lead
        self.campaign = campaign
        self.step = step
        self.verdict = verdict
        self.note = note
    }
}

/// Which lead becomes another name of which: each by its key or address.
package struct MergeRequest: Hashable, Sendable, Codable {
    package var from: String
    package var into: String

    package init(from: String, into: String) {
        self.from = from
        self.into = into
    }
}

/// Which tags a lead gains and loses.
package struct TagRequest: Hashable, Sendable, Codable {
    package var lead: String
    package var add: ValueList
    package var remove: ValueList

    package init(lead: String, add: ValueList = .empty, remove: ValueList = .empty) {
        self.lead = lead
        self.add = add
        self.remove = remove
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        lead = try container.decode(String.self, forKey: .lead)
        add = try container.decodeIfPresent(ValueList.self, forKey: .add) ?? .empty
        remove = try container.decodeIfPresent(ValueList.self, forKey: .remove) ?? .empty
    }
}

/// What it answers.
package enum Reply: Sendable {
    case imported(ImportSummary)
    case enrolled(EnrollAnswer)
    case event(EventAnswer)
    case suppressed(SuppressAnswer)
    case unsuppressed(UnsuppressAnswer)
    case lead(LeadView)
    case explanation(Explanation)
    case planned(PlanAnswer)
    case editPlanned(EditPlan)
    case status(StatusReport)
    case reloaded(ReloadReport)
    case paused(PauseAnswer)
    case resumed(PauseAnswer)
    case resolved(ResolveAnswer)
    case merged(MergeAnswer)
    case tagged(TagAnswer)
    case staged(StageAnswer)
    case reported(Report)
    case digest(DigestReport)
    case erased(EraseAnswer)
    case exported(LeadExport)
    case returned(ReturnAnswer)
    case hooked(HookAnswer)
    case preference(PreferenceView)
    /// Nil where it was not noted.
    case hit(HitKind?)
    case leads(Page<LeadSummary>)
    case timeline(Page<TimelineEntry>)
    case suppressions(Page<SuppressionView>)
    case inDoubt(Page<DoubtView>)
    case tokens([AccessToken])
    case form(FormAnswer)
    case handover(HandoverView)
    case owners([OwnerView])
    case promises(Page<PromiseView>)
    case handedOff(HandoffAnswer)
    case crms([CRMView])
    case deadLetters(Page<DeadLetter>)
    case pushed(PushAnswer)
}

/// Why a command was not carried out, for the person who gave it.
package struct ControlError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable {
        /// No such lead, campaign or event.
        case notFound
        /// The command itself is wrong.
        case invalid
        /// It contradicts what was said before under the same name.
        case conflict
        /// More is asked than it can take: the same a little later will do.
        case busy
        /// The engine cannot do it now: it is stopping, or its store failed.
        case unavailable
    }

    package var kind: Kind
    /// What is wrong and how to mend it, in one line.
    package var message: String
    /// Whether it tells of somebody what only those may know who may read leads; not written anywhere.
    package var isPrivate = false

    package init(_ kind: Kind, _ message: String, isPrivate: Bool = false) {
        self.kind = kind
        self.message = message
        self.isPrivate = isPrivate
    }

    private enum CodingKeys: String, CodingKey { case kind, message }

    package var description: String { message }
}
