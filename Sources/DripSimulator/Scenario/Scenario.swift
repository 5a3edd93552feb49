package import DripCore

/// Everything that a seed decides beforehand; whatever else is random is a hash of the seed and the thing's own name.
package struct Scenario: Hashable, Sendable {
    package var seed: UInt64
    package var startsAt: Instant
    package var transports: [TransportPlan]
    /// Versions of the folder; the first one is on disk at the start.
    package var folders: [FolderPlan]
    package var leads: [LeadPlan]
    /// In the order of their instants.
    package var actions: [Action]
    package var temper: Temper
    /// Whether nothing stands between plan and sending, so that every message goes exactly when it is planned.
    package var isPlain: Bool
    /// Whether nothing goes wrong, so that nothing but the rules holds a step.
    package var isCalm = false
    /// When faults have ended; whatever is due must come to its end from here on.
    package var faultsEndAt: Instant
}

/// One state of a lead's facts; a lead that changes has several of one key.
package struct LeadPlan: Hashable, Sendable {
    package var key: String
    package var email: String?
    package var zone: String?
    package var name: String?
    package var tier: String?
    package var code: String?
    /// A date that steps may count from.
    package var endsOn: LocalDate?
    /// What tells its runs apart where the event says nothing.
    package var order: String?
    /// Whose it is by what an import says; only in histories with a handoff.
    package var owner: String?

    package static let columns = ["key", "email", "time_zone", "name", "tier", "code", "ends_on", "order_id"]

    package var cells: [String] { [key, email, zone, name, tier, code, endsOn?.description, order].map { $0 ?? "" } }

    /// What is stored where these facts come to a lead that has others: an empty cell takes nothing away.
    func over(_ stored: LeadPlan?) -> LeadPlan {
        LeadPlan(
            key: key, email: email ?? stored?.email, zone: zone ?? stored?.zone, name: name ?? stored?.name,
            tier: tier ?? stored?.tier, code: code ?? stored?.code, endsOn: endsOn ?? stored?.endsOn,
            order: order ?? stored?.order, owner: owner)
    }

    /// What caps and suppressions go by.
    package var mailbox: String? { email?.lowercased() }
}

/// How often the other side misbehaves, per mille of attempts.
package struct Temper: Hashable, Sendable {
    package var transient = 0
    package var permanent = 0
    package var hardBounce = 0
    package var unknown = 0
    package var transportFault = 0
    package var slow = 0
    /// How often a transport is out of sorts for two hours, per mille.
    package var unwell = 0
    /// How late the shell may ring.
    package var ringLatency = TimeSpan.zero

    package static let calm = Temper()
}

/// Something that happens at an instant of true time.
package struct Action: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Indexes of `Scenario.leads`.
        case importLeads([Int], campaign: String?)
        case enroll(lead: String, campaign: String)
        case merge(from: String, into: String)
        /// `order` comes along with it, as the value of what tells runs apart.
        case event(lead: String, name: String, order: String? = nil)
        /// Of one topic, or of everything.
        case suppress(mailbox: String, topic: String? = nil)
        /// Takes that back.
        case unsuppress(mailbox: String, topic: String? = nil)
        /// Writes that version of the folder to disk, and asks for a reload unless it is a quiet edit.
        case edit(folder: Int, reloads: Bool)
        case clockStep(TimeSpan)
        /// Parts per million by which the clock runs fast.
        case clockDrift(Int)
        /// Time passes and nothing runs, and then goes on as if nothing had been.
        case suspend(TimeSpan)
        case crash(CrashPoint, downtime: TimeSpan)
        case restart(downtime: TimeSpan)
        /// The other side of a channel is out of order.
        case outage(Channel, TimeSpan)
        case storeFault(StoreFault)
        case pause(Pause)
        case resume(Pause)
        /// Copies the database, and later puts the copy in its place.
        case backup
        case restore(downtime: TimeSpan)
        case confirmRecovery
        /// Somebody knows what became of one of the deliveries that are in doubt by then, the `pick`th of them.
        case resolveSome(ResolveRequest.Verdict, pick: Int)
        case resolve(ResolveRequest)
        /// Something comes back of one of the messages that have arrived by then.
        case letterOfSome(LetterPlan)
        /// Of a mark, by its number.
        case letter(ReturnedLetter, of: Int, LetterPlan)
        /// Somebody who holds the link in a message that has arrived by then does something by it.
        case pageOfSome(PagePlan)
        /// By the link in a mark's message.
        case page(PreferenceRequest, of: Int)
        /// Events that come in together, in one commit.
        case eventsAtOnce([StageBook.Told])
        /// Somebody in sales presses a button behind the link in a note that has arrived by then.
        case pressOfSome(PressPlan)
        /// By the link in a mark's note.
        case press(HandoverRequest, of: Int)
        /// A person tells the CRM anew of everybody, or of what it never took.
        case tellCRM(PushRequest.Action)
        /// A person puts a lead at a stage.
        case stage(lead: String, to: String)
        /// A person gives a lead to somebody in sales.
        case handOff(lead: String, to: String)
        /// A lead asks to be forgotten.
        case erase(lead: String)
        case status
        case explain(lead: String)
        case audit
        case ring
    }

    package var at: Instant
    package var kind: Kind
}

/// A letter that comes back.
package struct LetterPlan: Hashable, Sendable {
    package enum Meaning: Hashable, Sendable {
        case hardBounce, softBounce, arrival, complaint, unsubscribe, reply, failure
    }

    package enum Seal: Hashable, Sendable {
        case own
        /// Forged: of a step that there is not, for another purpose, or of nothing.
        case ofNoStep, ofOtherPurpose, garbage
    }

    package var meaning: Meaning
    package var seal: Seal
    /// By a provider's webhook, or by mail.
    package var isOfProvider: Bool
    /// Whether the mail server shows it once more although it was taken.
    package var comesTwice: Bool
    /// Of which of the messages.
    package var pick: Int
}

/// Where the process dies.
package enum CrashPoint: Hashable, Sendable {
    /// Between two inputs.
    case idle
    /// In the n-th commit from then (0 is the next), before or after it is on disk.
    case commit(Int, durable: Bool)
    /// Before the n-th effect, or part of a send effect, from then.
    case effect(Int)
}

/// What the disk does.
package struct StoreFault: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case full, io, locked
    }

    package enum Place: String, Hashable, Sendable, CaseIterable {
        /// The commit does not begin.
        case before
        /// It runs and nothing of it stays.
        case during
        /// It is on disk, and the store says that it is not (I/O errors only).
        case after
        case read
    }

    package var kind: Kind
    package var place: Place
    /// Of a fault that passes: how long it lasts.
    ///
    /// An I/O error is answered with a restart that much later.
    package var lasts: TimeSpan
}
