package import DripCore

/// All that can happen to the engine.
package enum Input: Sendable {
    /// The alarm rang, or a step said that more is due than it took.
    case ring
    case results([AttemptResult])
    case command(Command, Ticket)
    /// Events that came in together, at most `Engine.eventsPerCommit`.
    case events([AskedEvent])
    /// A freshly loaded programme; the ticket is the reload command's, where one asked for it.
    case load(ProgrammeUpdate, Ticket?)
    /// It is time to write the status file.
    case statusWanted
    /// Mark nothing more; what is under way may finish.
    case stop
    /// No more outcomes will come or could be recorded: end as it is; the next start lists what is in doubt.
    case abandon
}

/// Names whoever waits for an answer.
package struct Ticket: Hashable, Sendable {
    package var number: UInt64

    package init(number: UInt64) {
        self.number = number
    }
}

/// All that the engine wants done; the shell does it, in this order.
package enum Effect: Sendable {
    /// These were marked for the transport of that name: send them.
    case send(String, [SendOrder])
    /// A CRM is to be told these, by the transport of that name.
    case push(String, [PushOrder])
    /// These get the digest, by the transport of that name.
    case digest(String, [DigestOrder])
    /// Ring then; nil where nothing is due until something new comes in. Each replaces the one before.
    case wake(Instant?)
    /// Step again at once: more was due than one commit takes.
    case again
    case answer(Ticket, Result<Reply, ControlError>)
    case publish(StatusReport)
    /// Nothing is under way any more after a stop.
    case drained
    case log(LogLine)

    var isAgain: Bool { if case .again = self { true } else { false } }
}

/// One marked delivery, with all that its message is made from.
package struct SendOrder: Sendable {
    package var delivery: Delivery
    package var lead: Lead
    package var campaign: Campaign
    package var step: Step
    package var plannedAt: Instant
    /// When it was marked; the message's `Date`.
    package var markedAt: Instant
    package var compiled: CompiledStep
    package var policy: Policy
    /// What came along with the event that began the run.
    package var data: [String: AttributeValue]
    /// The lead in short, where a note to a colleague asks for it.
    package var brief: HandoverBrief?

    package init(
        delivery: Delivery, lead: Lead, campaign: Campaign, step: Step, plannedAt: Instant, markedAt: Instant,
        compiled: CompiledStep, policy: Policy, data: [String: AttributeValue] = [:], brief: HandoverBrief? = nil
    ) {
        self.brief = brief
        self.delivery = delivery
        self.lead = lead
        self.campaign = campaign
        self.step = step
        self.plannedAt = plannedAt
        self.markedAt = markedAt
        self.compiled = compiled
        self.policy = policy
        self.data = data
    }
}

/// A line for the log, before any logging library.
package struct LogLine: Hashable, Sendable {
    package enum Level: Sendable {
        case debug, info, warning, error
    }

    package var level: Level
    package var message: String
    package var fields: [String: String]

    package init(_ level: Level, _ message: String, _ fields: [String: String] = [:]) {
        self.level = level
        self.message = message
        self.fields = fields
    }
}
