package import DripCore

/// One enrollment as the world outside knows it: with `again: never`, lead and campaign are enough.
package struct Run: Hashable, Sendable, CustomStringConvertible {
    package var lead: String
    package var campaign: String
    /// Which run of that lead through that campaign it is, from 1.
    package var number: Int
    /// What tells it from others, where the campaign has a key.
    package var key: String?

    package init(lead: String, campaign: String, number: Int = 1, key: String? = nil) {
        self.lead = lead
        self.campaign = campaign
        self.number = number
        self.key = key
    }

    package var description: String { "\(lead) in \(campaign)" + (number > 1 ? " (\(number))" : "") }
}

extension Run: Comparable {
    /// One order for all of them: runs of two leads that were merged may share campaign and number, and the order of a set is
    /// another one in each process.
    package static func < (one: Run, other: Run) -> Bool {
        (one.campaign, one.number, one.lead, one.key ?? "") < (
            other.campaign, other.number, other.lead, other.key ?? ""
        )
    }
}

/// Somebody, or something that a lead did, asked for a run.
package struct Ask: Hashable, Sendable {
    package var lead: String
    package var campaign: String
    /// The value of the campaign's key, where it has one.
    package var key: String?
    /// Whether nothing but an earlier run can stand in its way.
    package var isCertain: Bool

    package init(lead: String, campaign: String, key: String? = nil, isCertain: Bool) {
        self.lead = lead
        self.campaign = campaign
        self.key = key
        self.isCertain = isCertain
    }
}

/// A send order that the engine gave out: its mark is on disk.
package struct Mark: Hashable, Sendable {
    /// Counts marks; what is received names it.
    package var number: Int
    package var run: Run
    package var step: String
    package var channel: Channel
    /// The name of the one that it goes by.
    package var transport: String
    package var mailbox: String?
    /// Whether it goes to a colleague, and is about that mailbox only.
    package var isNotice = false
    /// Where a note to the lead's owner goes.
    package var owner: String?
    package var attempt: Int
    package var plannedAt: Instant
    package var enrolledAt: Instant?
    /// What it is about by the files, where a checker found that out.
    package var topic: String?

    /// Where an e-mail arrives; of a webhook, whose it is about.
    var recipient: String? { isNotice && channel == .email ? owner ?? StepPlan.colleague : mailbox }

    package init(
        number: Int, run: Run, step: String, channel: Channel, mailbox: String?, attempt: Int, plannedAt: Instant,
        transport: String? = nil
    ) {
        self.transport = transport ?? channel.transportName
        self.number = number
        self.run = run
        self.step = step
        self.channel = channel
        self.mailbox = mailbox
        self.attempt = attempt
        self.plannedAt = plannedAt
    }
}

/// A message as it arrived at the other side, read from its own bytes.
package struct Reception: Hashable, Sendable {
    package var mark: Int
    package var identity: String
    package var mailbox: String?
    package var campaign: String
    package var step: String
    package var plannedAt: Instant
    package var subject: String

    package init(
        mark: Int, identity: String, mailbox: String?, campaign: String, step: String, plannedAt: Instant,
        subject: String = ""
    ) {
        self.subject = subject
        self.mark = mark
        self.identity = identity
        self.mailbox = mailbox
        self.campaign = campaign
        self.step = step
        self.plannedAt = plannedAt
    }
}

/// What a person paused.
package enum Pause: Hashable, Sendable {
    case everything
    case campaign(String)
    case transport(String)
    /// `until` nil: until it is resumed.
    case lead(String, until: Instant?)

    /// What a resume of it names.
    package var target: PauseTarget {
        switch self {
        case .everything: .hold(.everything)
        case .campaign(let id): .hold(.campaign(CampaignID(rawValue: id)))
        case .transport(let name): .hold(.transport(name))
        case .lead(let key, _): .lead(key)
        }
    }
}

extension Channel {
    /// As the simulated `dripd.yaml` calls it.
    package var transportName: String { self == .email ? "relay" : "hook" }
}

/// What a letter that came back is about.
package struct Letter: Hashable, Sendable {
    package var run: Run
    package var step: String
    package var meaning: LetterPlan.Meaning

    /// Whether it could not be there if the message had not left; an unsubscribe says nothing of this one.
    var provesArrival: Bool { meaning != .unsubscribe }
}

/// Something that happened, as somebody outside of the engine saw it.
package struct Fact: Sendable {
    package enum What: Sendable {
        /// This folder runs from now on.
        case live(FolderPlan)
        /// This folder was to run, and the process died: leads may have entered by it all the same.
        case perhapsLive(FolderPlan)
        /// The engine said that it stored these facts; not certain: it died or failed before it could say.
        case lead(LeadPlan, isCertain: Bool)
        /// Two leads are one from now on, by the second one's key; its facts follow.
        case merged(from: String, into: String)
        /// That lead was forgotten, with these mailboxes, which nobody else has.
        case erased(lead: String, mailboxes: Set<String>)
        /// What the state still has of a lead that was erased: `table: what`.
        case kept(lead: String, [String])
        /// That run exists; `isNew`: since this very moment, as far as anybody can know.
        case enrolled(Run, isCertain: Bool, isNew: Bool = true)
        case asked(Ask)
        /// A do-not-send entry of that mailbox is on disk; not `isTotal`: what is transactional may still go.
        case suppressed(mailbox: String, isTotal: Bool = true)
        case optedOut(mailbox: String, topic: String)
        /// Such an entry, or that opt-out, was taken back; not for certain where the answer is missing, so nothing is held
        /// against it any more.
        case unsuppressed(mailbox: String, topic: String?)
        /// The lead did that, and it is on disk; not certain: the answer is missing.
        ///
        /// `order`: to that run of a campaign with a key, and to no other.
        case happened(lead: String, event: String, order: String? = nil, isCertain: Bool)
        /// That run's goal leads it on to another step; not certain: it may, or may have.
        case ledOn(Run, isCertain: Bool)
        /// What a lead's `mood` is in the end; nil for none.
        case mood(lead: String, String?)
        /// A person put that lead at a stage; not certain: the answer is missing.
        case staged(lead: String, String, isCertain: Bool)
        /// The disk does not do what it should, until then in true time.
        case diskFails(until: Instant)
        /// Where leads stand in the end, and how they came there.
        case stages(StageBook)
        /// A person gave that lead to somebody, and heard whether it was given now.
        case gave(lead: String, to: String, isGiven: Bool)
        /// What the state has noted of handoffs since it last was told.
        case handoffs(HandoffBook)
        /// The CRM was handed a push; `isClash`: under a key that it knows for another text.
        case pushed(PushSight, isTaken: Bool, isClash: Bool = false)
        /// Its answer went to the engine; `isFault`: it tells of the transport, not of this push.
        case pushAnswered(Int64, Outcome, isFault: Bool)
        /// What became of that attempt is on disk.
        case pushRecorded(Int64)
        /// Somebody was sent a digest.
        case digest(DigestSight, isTaken: Bool)
        case digestAnswered(String, week: String, Outcome, isFault: Bool)
        case digestRecorded(String, week: String)
        /// What the state has of leads, and for the CRM, in the end.
        case crm(CRMBook)
        /// A list is about to say whose these leads are, by key.
        case importing(owners: [String: String])
        /// Somebody is about to press a button behind a link.
        case pressed(HandoverRequest)
        /// What is shown behind a link about that lead; nil: of one that was erased.
        case shown(HandoverRequest, lead: String?, HandoverView)
        /// A goal or an exit of that run is on disk.
        case over(Run)
        case marked(Mark)
        case received(Reception)
        /// The other side's answer went to the engine; `isFault`: it tells of the transport, not of this message.
        case answered(mark: Int, Outcome, isFault: Bool = false)
        /// What became of that attempt is on disk.
        case recorded(mark: Int)
        /// Somebody said that a message in doubt did not leave: its step may go once more.
        case resent(Run, step: String)
        /// Somebody said what became of a message that is listed as in doubt, and was refused.
        case refused(String)
        /// A letter that came back was given to the engine, and its answer heard.
        case letter(String, Letter, isForged: Bool, ReturnAnswer)
        case paused(Pause)
        /// Somebody asked for a pause, or its end, and heard no answer: it may hold or not.
        case unsettled(Pause)
        /// It may go on; not for certain where the answer is missing, so nothing is held against it any more.
        case resumed(Pause)
        /// Time in which nothing could go is over: the machine slept, or its clock was set forward.
        case interrupted
        /// The clock that the engine sees is set back to that instant: what lies between is shown twice.
        case setBack(to: Instant)
        /// The state was replaced by a backup: what came since is forgotten, and nothing may go until `confirmed`.
        case restored
        case confirmed
        /// The process is gone, with everything that it had not written.
        case died
        case booted
        case status(StatusReport, Recount)
        case audited([String])
        /// The state at the end of the history, read from its tables.
        case ledger(Ledger)
        /// The simulator's own mistake: the history shows nothing.
        case unusable(String)
        /// The engine goes on without an end, or sleeps where work is due.
        case stuck(String)
    }

    /// Counts the engine's steps: what one step did has one number.
    package var step: Int
    /// True time, and what the engine's clock showed.
    package var at: Instant
    package var shown: Instant
    package var what: What

    package init(step: Int, at: Instant, shown: Instant, what: What) {
        self.step = step
        self.at = at
        self.shown = shown
        self.what = what
    }
}

/// A broken promise.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// `G1` … `G10`, `liveness`, `traffic`, `returns`, or `scenario` where the simulator itself is at fault.
    package var guarantee: String
    package var what: String

    package init(_ guarantee: String, _ what: String) {
        self.guarantee = guarantee
        self.what = what
    }

    package var description: String { "\(guarantee): \(what)" }
}

/// Judges one guarantee by facts alone.
package protocol Checker {
    static var guarantee: String { get }
    /// How many facts it judged so far; 0 at the end of many runs means that it is dead.
    var judged: Int { get }
    /// The same by the rules that it holds, where these are several: one may be dead while the others live.
    var judgedByRule: [String: Int] { get }
    /// Takes one fact and answers what it breaks.
    mutating func hear(_ fact: Fact) -> [String]
}

extension Checker {
    package var judgedByRule: [String: Int] { [:] }
}

/// Every checker, fed as one.
package struct Panel: Sendable {
    private var checkers: [any Checker & Sendable]

    package init(
        clocks: [String: WallClock], transports: [TransportPlan], predicts: Bool, isCalm: Bool = false,
        faultsEndAt: Instant = .distantFuture, zones: ZoneTable
    ) {
        checkers = [
            OnceChecker(), NoneLostChecker(), CapsChecker(clocks: clocks), HoursChecker(clocks: clocks),
            NoMeansNoChecker(),
            OrderChecker(), NoBurstsChecker(transports: transports), BooksChecker(),
            PredictionChecker(zones: zones, clocks: clocks, isExact: predicts), LivenessChecker(),
            CalmChecker(clocks: clocks, isCalm: isCalm), TrafficChecker(clocks: clocks, transports: transports),
            ReturnsChecker(), ArmsChecker(), AgainChecker(), GoalChecker(), DeedChecker(),
            VersionChecker(), ForgottenChecker(), StageChecker(), HandoffChecker(clocks: clocks), CRMChecker(),
            DigestChecker(clocks: clocks, transports: transports, faultsEndAt: faultsEndAt),
        ]
    }

    package mutating func hear(_ fact: Fact) -> [Violation] {
        var violations: [Violation] = []
        if case .unusable(let why) = fact.what { violations.append(Violation("scenario", why)) }
        for index in checkers.indices {
            let guarantee = type(of: checkers[index]).guarantee
            violations += checkers[index].hear(fact).map { Violation(guarantee, $0) }
        }
        return violations
    }

    /// By guarantee and rule: `G7 late work`.
    package var judgedByRule: [String: Int] {
        var counts: [String: Int] = [:]
        for checker in checkers {
            for (rule, count) in checker.judgedByRule { counts["\(type(of: checker).guarantee) \(rule)"] = count }
        }
        return counts
    }

    package var judged: [String: Int] {
        Dictionary(checkers.map { (type(of: $0).guarantee, $0.judged) }, uniquingKeysWith: +)
    }
}
