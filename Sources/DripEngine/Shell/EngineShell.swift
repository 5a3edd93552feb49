import Dispatch
package import DripCampaigns
package import DripCore
package import DripMessages
package import DripStore
import Foundation
package import Logging
import Synchronization

/// The thin shell around the synchronous engine: one serial queue, one Dispatch timer, the outbox, the status file.
///
/// It decides nothing. It turns what happens into inputs, and does what the effects say, in their order.
///
/// SAFETY: every stored `var`, the engine and the timer are touched on `queue` only; what other threads hand in goes
/// through `queue.async` or the `inbox` mutex.
package final class EngineShell: EngineControl, @unchecked Sendable {
    /// What a shell is made from.
    package struct Parts: Sendable {
        package var configuration: Configuration
        package var transports: [any Transport]
        package var signer: LinkSigner?
        package var dkim: DKIMSigner?
        package var returns: ReturnPath?
        package var clock: any EngineClock
        package var statusFile: StatusFile
        package var notifier: ServiceNotifier
        /// How often systemd wants a sign of life; nil without a watchdog.
        package var watchdogSeconds: Double?
        package var logger: Logger
        /// Reads the folder on disk and the zone rules; called on a queue of its own at every reload.
        package var readFiles: @Sendable () throws -> (FileTree, ProgrammeLoader)

        package init(
            configuration: Configuration, transports: [any Transport], signer: LinkSigner?, dkim: DKIMSigner? = nil,
            returns: ReturnPath? = nil, clock: any EngineClock, statusFile: StatusFile, notifier: ServiceNotifier,
            watchdogSeconds: Double?,
            logger: Logger,
            readFiles: @escaping @Sendable () throws -> (FileTree, ProgrammeLoader)
        ) {
            self.configuration = configuration
            self.transports = transports
            self.signer = signer
            self.dkim = dkim
            self.returns = returns
            self.clock = clock
            self.statusFile = statusFile
            self.notifier = notifier
            self.watchdogSeconds = watchdogSeconds
            self.logger = logger
            self.readFiles = readFiles
        }
    }

    private typealias Answer = @Sendable (Result<Reply, ControlError>) -> Void

    private struct Inbox {
        var results: [AttemptResult] = []
        var events: [(event: EventBody, reply: Answer)] = []
    }

    /// So many events may wait: more is answered at once, and nothing grows.
    private static let mostEvents = 20_000

    private let parts: Parts
    private let engine: Engine
    private let store: any DripStore
    private let queue = DispatchQueue(label: "dripd.engine")
    private let loading = DispatchQueue(label: "dripd.load")
    private let writing = DispatchQueue(label: "dripd.status")
    private let timer: any DispatchSourceTimer
    private let inbox = Mutex(Inbox())
    /// So many results are worth a commit of their own.
    private let enough: Int
    private var outbox: Outbox?
    private var answers: [Ticket: Answer] = [:]
    private var lastTicket: UInt64 = 0
    private var alarm: Instant?
    /// What it was set to before this step; a ring that skipped or deferred something moves it.
    private var alarmBefore: Instant?
    private var statusWrittenAt = DispatchTime(uptimeNanoseconds: 0)
    private var watchdogFedAt = DispatchTime(uptimeNanoseconds: 0)
    private var statusIsStale = true
    private var hasStopped = false
    /// Whether every outcome was recorded at the stop.
    private var isClean = true
    private var onStopped: (@Sendable (Bool) -> Void)?

    package init(engine: Engine, store: any DripStore, parts: Parts) {
        self.engine = engine
        self.store = store
        self.parts = parts
        self.timer = DispatchSource.makeTimerSource(queue: queue)
        EngineFigures.begin(parts.transports)
        self.enough = max(1, (parts.transports.map(\.inFlight).min() ?? 2) / 2)
    }

    // MARK: Life

    /// Recovers what a crash left, and begins; returns once the first turn is done.
    package func start() throws {
        let outbox = Outbox(
            transports: parts.transports, instanceID: store.instanceID, signer: parts.signer, dkim: parts.dkim,
            returns: parts.returns
        ) { [weak self] results in self?.receive(results) }
        try queue.sync {
            self.outbox = outbox
            engine.returnMark = parts.returns?.mark
            let now = parts.clock.now()
            let inDoubt = try engine.recover(now: now)
            if inDoubt > 0 {
                parts.logger.warning("deliveries in doubt after a crash", metadata: ["count": "\(inDoubt)"])
            }
            if engine.state == .recovered {
                parts.logger.warning("nothing goes out: this state is a copy; see `dripd status`")
            }
            timer.setEventHandler { [weak self] in self?.ring() }
            run(.ring)
            timer.activate()
        }
    }

    /// Marks nothing more, lets what is under way finish within the configured limit, and then calls `done` with
    /// whether every outcome was recorded.
    package func stop(done: @escaping @Sendable (Bool) -> Void) {
        parts.notifier.stopping()
        queue.async { [self] in
            guard onStopped == nil else { return }
            onStopped = done
            run(.stop)
            outbox?.stop(within: parts.configuration.drainLimit) { [weak self] in self?.allTransportsEnded() }
        }
    }

    /// Reads the files anew, as SIGHUP asks.
    package func reload() {
        perform(.reload) { [logger = parts.logger] result in
            if case .failure(let error) = result { logger.error("reload failed", metadata: ["error": "\(error)"]) }
        }
    }

    package func perform(_ command: Command, then reply: @escaping @Sendable (Result<Reply, ControlError>) -> Void) {
        if case .event(let lead, let name, let data, let step, let id) = command {
            return gather(EventBody(lead: lead, name: name, data: data, step: step, id: id), reply)
        }
        queue.async { [self] in
            guard !hasStopped else {
                reply(.failure(ControlError(.unavailable, "dripd is stopping")))
                return
            }
            lastTicket += 1
            let ticket = Ticket(number: lastTicket)
            answers[ticket] = reply
            if case .reload = command {
                beginReload(ticket)
            } else {
                run(.command(command, ticket))
            }
        }
    }

    // MARK: Inputs

    private func ring() {
        if let alarm {
            let now = parts.clock.now()
            if alarm <= now { EngineFigures.ringed(late: now - alarm) }
        }
        run(.ring)
    }

    /// Gathers results, so that many share one commit.
    ///
    /// A commit costs far more than its rows: half of a transport's connections are waited for, but no longer than four
    /// milliseconds (measured: a tenth less processor time a message than with one). Nothing idles meanwhile, because the engine marks twice as many as a transport works on.
    private func receive(_ results: [AttemptResult]) {
        let (isFirst, isEnough) = inbox.withLock { inbox in
            let before = inbox.results.count
            inbox.results += results
            return (before == 0, before < enough && inbox.results.count >= enough)
        }
        if isEnough {
            queue.async { [weak self] in self?.takeResults() }
        } else if isFirst {
            queue.asyncAfter(deadline: .now() + .milliseconds(4)) { [weak self] in self?.takeResults() }
        }
    }

    /// Gathers events: while the queue works, those that come in wait for the next commit together.
    private func gather(_ event: EventBody, _ reply: @escaping Answer) {
        let count = inbox.withLock { inbox in
            guard inbox.events.count < Self.mostEvents else { return Self.mostEvents + 1 }
            inbox.events.append((event, reply))
            return inbox.events.count
        }
        if count > Self.mostEvents {
            reply(.failure(ControlError(.busy, "more events came in than can be noted: send it again in a second")))
        } else if count == 1 {
            queue.async { [weak self] in self?.takeEvents() }
        }
    }

    private func takeEvents() {
        let (some, isMore) = inbox.withLock { inbox in
            let some = Array(inbox.events.prefix(Engine.eventsPerCommit))
            inbox.events.removeFirst(some.count)
            return (some, !inbox.events.isEmpty)
        }
        guard !hasStopped else {
            for one in some { one.reply(.failure(ControlError(.unavailable, "dripd is stopping"))) }
            if isMore { takeEvents() }
            return
        }
        let asked = some.map { one in
            lastTicket += 1
            let ticket = Ticket(number: lastTicket)
            answers[ticket] = one.reply
            return AskedEvent(one.event, ticket)
        }
        if !asked.isEmpty { run(.events(asked)) }
        if isMore { queue.async { [weak self] in self?.takeEvents() } }
    }

    private func takeResults() {
        let results = inbox.withLock { inbox in
            defer { inbox.results = [] }
            return inbox.results
        }
        if !results.isEmpty { run(.results(results)) }
    }

    private func beginReload(_ ticket: Ticket) {
        loading.async { [self] in
            do {
                // Asked here, one reload after the other: what the one before put live is known by now.
                let (applied, running) = try queue.sync {
                    (try store.read { try $0.appliedFiles() }, engine.runningHashes)
                }
                let (tree, loader) = try parts.readFiles()
                let update = loader.load(disk: tree, applied: applied, running: running, now: parts.clock.now())
                queue.async { [self] in run(.load(update, ticket)) }
            } catch {
                queue.async { [self] in
                    answer(ticket, .failure(ControlError(.invalid, "nothing was changed: \(error)")))
                }
            }
        }
    }

    private func allTransportsEnded() {
        queue.async { [self] in
            // Results that came in before this are in the queue ahead of it, or in the inbox.
            takeResults()
            guard !hasStopped else { return }
            parts.logger.error("stopping with outcomes that could not be recorded; they will be in doubt")
            isClean = false
            run(.abandon)
        }
    }

    // MARK: Steps and effects

    private func run(_ input: Input) {
        guard !hasStopped else { return }
        alarmBefore = alarm
        let effects = EngineFigures.measure(EngineFigures.step) {
            engine.step(input, now: parts.clock.stepBegins())
        }
        var isAgain = false
        for effect in effects {
            switch effect {
            case .send(let transport, let orders): outbox?.send(orders, over: transport)
            case .push(let transport, let orders): outbox?.push(orders, over: transport)
            case .digest(let transport, let orders): outbox?.digest(orders, over: transport)
            case .wake(let instant): alarm = instant
            case .again: isAgain = true
            case .answer(let ticket, let result): answer(ticket, result)
            case .publish(let report): publish(report)
            case .drained: finish()
            case .log(let line): log(line)
            }
        }
        guard !hasStopped else { return }
        statusIsStale = statusIsStale || changesFigures(input, effects)
        parts.clock.stepEnded(alarm: engine.nextWakeAt, isBusy: engine.isBusy || isAgain)
        publishIfTime()
        arm()
        feedWatchdog()
        if isAgain { queue.async { [weak self] in self?.run(.ring) } }
    }

    private func answer(_ ticket: Ticket, _ result: Result<Reply, ControlError>) {
        answers.removeValue(forKey: ticket)?(result)
    }

    /// Sets the one timer: to the alarm, or earlier for the status file or the watchdog; a ring is only a hint.
    private func arm() {
        var deadline = DispatchWallTime.now() + .milliseconds(statusIsStale ? 1_000 : 10_000)
        if let watchdog = parts.watchdogSeconds {
            deadline = min(deadline, .now() + .milliseconds(Int(watchdog * 1_000)))
        }
        if let alarm { deadline = min(deadline, parts.clock.deadline(for: alarm)) }
        timer.schedule(wallDeadline: deadline, leeway: .nanoseconds(0))
    }

    /// Tells systemd that the engine's own queue gets on; once a second says it all.
    private func feedWatchdog() {
        let now = DispatchTime.now()
        guard now.uptimeNanoseconds - watchdogFedAt.uptimeNanoseconds >= 1_000_000_000 else { return }
        watchdogFedAt = now
        parts.notifier.alive(engine.summary)
    }

    /// Whether the status file may be out of date: everything but a ring that found nothing to do.
    private func changesFigures(_ input: Input, _ effects: [Effect]) -> Bool {
        guard case .ring = input else { return true }
        return effects.count > 1 || engine.nextWakeAt != alarmBefore
    }

    private func publishIfTime() {
        let age = DispatchTime.now().uptimeNanoseconds - statusWrittenAt.uptimeNanoseconds
        guard age >= 10_000_000_000 || (statusIsStale && age >= 1_000_000_000) else { return }
        for effect in engine.step(.statusWanted, now: parts.clock.now()) {
            switch effect {
            case .publish(let report): publish(report)
            case .log(let line): log(line)
            default: continue
            }
        }
    }

    private func publish(_ report: StatusReport) {
        statusWrittenAt = DispatchTime.now()
        statusIsStale = false
        writing.async { [file = parts.statusFile, logger = parts.logger] in
            do {
                try file.write(report)
            } catch {
                logger.warning("the status file could not be written", metadata: ["error": "\(error)"])
            }
        }
    }

    private func finish() {
        hasStopped = true
        timer.cancel()
        for answer in answers.values { answer(.failure(ControlError(.unavailable, "dripd is stopping"))) }
        answers = [:]
        let (done, clean) = (onStopped, isClean)
        writing.async { done?(clean) }
    }

    private func log(_ line: LogLine) {
        let level: Logger.Level =
            switch line.level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        parts.logger.log(
            level: level, "\(line.message)", metadata: line.fields.mapValues { Logger.MetadataValue.string($0) })
    }
}
