import CCurl
import Dispatch
import DripCore

/// The connections of one SMTP transport, and the mails that wait for them.
///
/// All sockets are in one epoll set, and one Dispatch read source watches that set: a ring handles every ready
/// connection, reports what ended in one batch, hands out what waits, and only then writes, so that a mail's body and
/// the next one's envelope leave in one packet. While servers answer quickly, the ring's handler itself waits for more
/// (`lingerMilliseconds`), because a way through Dispatch costs more than a mail; submissions ring a bell in the same set.
// SAFETY: every stored property that changes is touched on `queue` only: by the two sources' handlers, and by the
// transport and the connecting threads through `queue.async`. (`deinit` runs when none of them can run any more.)
final class SMTPPool: @unchecked Sendable {
    /// After so long without progress a connection no longer counts as working.
    private static let stuckMilliseconds: Int64 = 30_000
    /// How long a ring's handler waits for the next answer, and how long it keeps the queue in all.
    private static let lingerMilliseconds: Int32 = 1
    private static let turnsMilliseconds: Int64 = 5
    /// A server that answers final dots slower than this gains nothing from envelopes sent ahead.
    private static let quickMilliseconds: Int64 = 500

    let queue: DispatchQueue
    private let settings: SMTPSettings
    private let limits: SMTPLimits
    private let inFlight: Int
    private let connector: SMTPConnector
    private let inbox: SMTPInbox

    private let sockets: SocketSet
    private let ring: any DispatchSourceRead
    private let alarm: any DispatchSourceTimer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16_384, alignment: 16)

    private var connections: [Int: SMTPConnection] = [:]
    private var idle: [SMTPConnection] = []
    private var lastNumber = 0
    private var connecting = 0
    private var backlog = SMTPBacklog()
    private var results: [AttemptResult] = []
    /// Connections with something to take, write or end in this turn.
    private var marked: [SMTPConnection] = []
    private var alarmAt = Int64.max
    private var reopenAt = Int64.min
    /// Whether the server answers final dots fast enough for a mail to wait behind one.
    private var looksAhead = true
    private var stopAt = Int64.max
    private var whenOver: [@Sendable () -> Void] = []
    private var isStopping = false
    private var isOver = false

    init(
        name: String, target: SMTPTarget, settings: SMTPSettings, limits: SMTPLimits, inFlight: Int,
        inbox: SMTPInbox
    ) throws(CurlFailure) {
        sockets = try SocketSet()
        queue = DispatchQueue(label: "smtp \(name)")
        ring = DispatchSource.makeReadSource(fileDescriptor: sockets.descriptor, queue: queue)
        alarm = DispatchSource.makeTimerSource(queue: queue)
        self.settings = settings
        self.limits = limits
        self.inFlight = inFlight
        self.inbox = inbox
        connector = SMTPConnector(name: name, target: target, mostThreads: min(limits.connectingThreads, inFlight))
        ring.setEventHandler { [weak self] in self?.drain() }
        alarm.setEventHandler { [weak self] in self?.alarmRang(SMTPPool.nowMilliseconds()) }
        inbox.open(bell: sockets.bell)
        ring.setCancelHandler { [sockets] in sockets.close() }
        ring.activate()
        alarm.activate()
    }

    deinit {
        connector.stop()
        ring.cancel()
        alarm.cancel()
        buffer.deallocate()
    }
}

// The turn: what every event ends in.
extension SMTPPool {
    /// Reads every ready connection, then lets the turn follow; again for as long as answers come quickly.
    private func drain() {
        let endAt = SMTPPool.nowMilliseconds() + SMTPPool.turnsMilliseconds
        var linger: Int32 = 0
        while !isOver {
            var now = Int64.max
            let hasRung = sockets.wait(milliseconds: linger) { number, canRead in
                guard let connection = connections[number] else { return }
                if now == .max { now = SMTPPool.nowMilliseconds() }
                if canRead, let latency = connection.receive(into: buffer, nowMilliseconds: now) {
                    looksAhead = latency < SMTPPool.quickMilliseconds
                }
                mark(connection)
            }
            guard hasRung else { return }
            if now == .max { now = SMTPPool.nowMilliseconds() }
            turn(now)
            // Others may wait for the queue: a connection that was opened, the alarm, a stop.
            guard now < endAt else { return }
            linger = SMTPPool.lingerMilliseconds
        }
    }

    /// Reports what ended, hands out what waits, writes, and closes what is over; until nothing is left of it.
    private func turn(_ now: Int64) {
        var hasNews = true
        while hasNews {
            for connection in marked { collect(connection) }
            if !results.isEmpty { deliver() }
            let submissions = inbox.takeAll()
            accept(submissions)
            feedReady(now)
            openMore(now)
            feedAhead(toAll: !submissions.isEmpty, now)
            let turn = marked
            marked.removeAll(keepingCapacity: true)
            for connection in turn { finish(connection, now) }
            openMore(now)
            hasNews = !results.isEmpty || !marked.isEmpty
        }
        if isStopping && !connections.values.contains(where: \.dialogue.holdsMail) { endAll() }
    }

    private func accept(_ submissions: [Submission]) {
        guard isStopping else { return backlog.add(submissions) }
        for submission in submissions { results.append(submission.notBegun) }
    }

    private func deliver() {
        let batch = results
        results.removeAll()
        inbox.reportInTurn(batch)
    }

    private func mark(_ connection: SMTPConnection) {
        guard !connection.isMarked else { return }
        connection.isMarked = true
        marked.append(connection)
    }

    /// Takes what ended on a connection: results to report, and mails that get a second chance on a fresh connection.
    private func collect(_ connection: SMTPConnection) {
        guard !connection.effects.endings.isEmpty else { return }
        for ending in connection.effects.endings {
            switch ending {
            case .result(let result): results.append(result)
            case .lost(let submission, let result):
                let isFirstMail = connection.dialogue.taken == 1 && !connection.wasKept
                if !isFirstMail && !submission.isRetry && !isStopping {
                    backlog.retry(submission)
                } else {
                    results.append(result)
                }
            }
        }
        connection.effects.endings.removeAll(keepingCapacity: true)
    }

    private func isSpent(_ connection: SMTPConnection, _ now: Int64) -> Bool {
        connection.dialogue.taken >= settings.messagesPerConnection
            || connection.ageMilliseconds(now) >= settings.connectionAge.milliseconds
            || (mustMakeRoom && !connection.isFresh)
    }

    /// Whether a mail waits for a fresh connection, and there are too many connections to open one.
    private var mustMakeRoom: Bool {
        backlog.retryCount > 0 && connecting == 0 && connections.count >= inFlight
    }

    /// Gives mails to connections that have nothing to do: those of this turn, then the ones used last.
    private func feedReady(_ now: Int64) {
        for connection in marked { feed(connection, now) }
        while backlog.waitingCount > 0, let connection = idle.popLast() {
            connection.isListedIdle = false
            feed(connection, now)
            mark(connection)
        }
    }

    private func feed(_ connection: SMTPConnection, _ now: Int64) {
        guard !isSpent(connection, now) else { return }
        // More than once only where a mail was refused before anything of it was sent.
        while connection.dialogue.isReady, let submission = backlog.next(isFresh: connection.isFresh) {
            connection.take(submission)
        }
    }

    /// Sends envelopes behind final dots; with new mails all connections are asked, otherwise those of this turn.
    private func feedAhead(toAll: Bool, _ now: Int64) {
        guard looksAhead, backlog.waitingCount > 0 else { return }
        if toAll {
            for connection in connections.values where connection.dialogue.canLookAhead { mark(connection) }
        }
        for connection in marked {
            while connection.dialogue.canLookAhead, !isSpent(connection, now),
                let submission = backlog.next(isFresh: connection.isFresh)
            {
                connection.take(submission)
            }
        }
    }

    /// Ends a connection's turn: writes, and sets what is waited for next.
    private func finish(_ connection: SMTPConnection, _ now: Int64) {
        connection.isMarked = false
        if connection.dialogue.isIdle && (isStopping || isSpent(connection, now)) { connection.leave() }
        connection.send(readingInto: buffer, nowMilliseconds: now)
        collect(connection)
        guard !connection.dialogue.isOver else { return remove(connection) }
        if connection.isBlocked != connection.watchesWriting {
            connection.watchesWriting = connection.isBlocked
            sockets.watch(connection.socket, number: connection.number, forWriting: connection.isBlocked)
        }
        if connection.dialogue.isReady && !connection.isListedIdle {
            connection.isListedIdle = true
            connection.wasKept = true
            idle.append(connection)
        }
        setDeadline(of: connection)
    }

    private func remove(_ connection: SMTPConnection) {
        sockets.remove(connection.socket)
        connections[connection.number] = nil
        if connection.isListedIdle { idle.removeAll { $0 === connection } }
    }
}

// Connecting.
extension SMTPPool {
    /// Opens connections for what waits, up to the limit, or sets the alarm for when that may be tried.
    private func openMore(_ now: Int64) {
        guard !isStopping else { return }
        // A mail that found its connection dead is tried on a fresh one at once; others wait while the relay wants no more.
        let mayReopen = now >= reopenAt
        let wanted = mayReopen ? backlog.retryCount + backlog.waitingCount : min(backlog.retryCount, 1)
        if !mayReopen && backlog.waitingCount > 0 { ringAt(reopenAt) }
        while connecting < wanted && connections.count + connecting < inFlight {
            lastNumber += 1
            connecting += 1
            let number = lastNumber
            connector.open { [weak self] result in
                guard let self else { return }
                queue.async { self.opened(number, result) }
            }
        }
        if mustMakeRoom, let connection = idle.popLast() {
            connection.isListedIdle = false
            connection.leave()
            mark(connection)
        }
    }

    private func opened(_ number: Int, _ result: Result<SMTPOpening, SMTPLoss>) {
        connecting -= 1
        guard !isOver else { return }
        let now = SMTPPool.nowMilliseconds()
        switch result {
        case .success(let opening):
            if reopenAt == .max { reopen(now) }
            let connection = SMTPConnection(
                number: number, opening: opening, isEncrypted: settings.tls != .none, pipelines: limits.pipelines,
                nowMilliseconds: now)
            guard sockets.add(opening.socket, number: number) else {
                failedToOpen(
                    SMTPLoss(text: "the connection cannot be watched", blame: .transport), now)
                break
            }
            connections[number] = connection
            mark(connection)
        case .failure(let loss): failedToOpen(loss, now)
        }
        turn(now)
    }

    /// Nobody waits for a relay that refuses, unless it still works on other connections.
    private func failedToOpen(_ loss: SMTPLoss, _ now: Int64) {
        connecting -= connector.forgetWaiting()
        let works = connections.values.contains {
            $0.dialogue.wait == .nothing || now - $0.progressAtMilliseconds < SMTPPool.stuckMilliseconds
        }
        guard connecting == 0 else {
            // The others that are being opened decide. A new one in this one's place would let a relay that refuses a
            // login be asked for ever: there would always be one under way.
            reopenAt = .max
            return
        }
        if works {
            reopen(now)
        } else {
            reopenAt = .min
        }
        // A second chance that finds no fresh connection was none.
        let failed = works ? backlog.takeRetries() : backlog.takeAll()
        for submission in failed {
            results.append(
                SMTPVerdict.lost(loss, finalDotWasHandedOver: false, delivery: submission.delivery))
        }
    }

    /// Lets more connections be opened after a while.
    private func reopen(_ now: Int64) {
        reopenAt = now + limits.reopenAfter.milliseconds
    }
}

// Deadlines.
extension SMTPPool {
    private func setDeadline(of connection: SMTPConnection) {
        let dialogue = connection.dialogue
        var span =
            switch dialogue.wait {
            case .nothing: limits.idle
            case .reply: settings.replyTimeout
            case .finalReply: settings.dotTimeout
            case .farewell: limits.farewell
            }
        if dialogue.looksAhead && dialogue.wait == .finalReply { span = min(span, limits.patience) }
        connection.deadlineAtMilliseconds = connection.progressAtMilliseconds + span.milliseconds
        ringAt(connection.deadlineAtMilliseconds)
    }

    /// Sets the alarm earlier; a later deadline needs nothing, because each ring looks for the next one.
    private func ringAt(_ at: Int64) {
        guard at < alarmAt else { return }
        alarmAt = at
        let inMilliseconds = max(0, at - SMTPPool.nowMilliseconds())
        alarm.schedule(deadline: .now() + .milliseconds(Int(inMilliseconds)), leeway: .milliseconds(5))
    }

    /// Ends what has waited too long; a test may say that it is later than it is.
    func alarmRang(_ now: Int64) {
        alarmAt = .max
        guard !isOver else { return }
        for connection in connections.values {
            guard now >= min(stopAt, connection.deadlineAtMilliseconds) else { continue }
            // Where this process stood still, the answer may lie here: it is read before its time is called over.
            if let latency = connection.receive(into: buffer, nowMilliseconds: now) {
                looksAhead = latency < SMTPPool.quickMilliseconds
            }
            if now >= stopAt {
                connection.end(SMTPLoss(text: "stopped before the server answered", blame: .transport))
            } else if connection.progressAtMilliseconds < now {
                expire(connection, now)
            }
            mark(connection)
        }
        turn(now)
        guard !isOver else { return }
        let next = connections.values.map(\.deadlineAtMilliseconds).min() ?? .max
        ringAt(min(next, stopAt))
    }

    private func expire(_ connection: SMTPConnection, _ now: Int64) {
        let silence = now - connection.progressAtMilliseconds
        switch connection.dialogue.wait {
        case .nothing: connection.leave()
        case .farewell: connection.end(SMTPLoss(text: "no answer to QUIT"))
        case .finalReply where silence < settings.dotTimeout.milliseconds:
            // Only a mail that waits behind the dot has lost its patience.
            looksAhead = false
            if let submission = connection.withdraw() { backlog.putBack(submission) }
        case .finalReply:
            connection.end(SMTPLoss(text: "no answer to the final dot within \(settings.dotTimeout)"))
        case .reply:
            connection.end(SMTPLoss(text: "no answer within \(settings.replyTimeout)"))
        }
    }

    static func nowMilliseconds() -> Int64 {
        Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000)
    }
}

// The end.
extension SMTPPool {
    /// Ends as `Transport.stop` says.
    func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        guard !isOver else { return done() }
        whenOver.append(done)
        guard !isStopping else { return }
        isStopping = true
        connector.stop()
        for submission in backlog.takeAll() { results.append(submission.notBegun) }
        for connection in connections.values { mark(connection) }
        let now = SMTPPool.nowMilliseconds()
        stopAt = now + max(0, limit.milliseconds)
        ringAt(stopAt)
        turn(now)
    }

    private func endAll() {
        guard !isOver else { return }
        isOver = true
        let late = inbox.close().map(\.notBegun)
        if !late.isEmpty { inbox.report(late) }
        for connection in connections.values { sockets.remove(connection.socket) }
        connections = [:]
        idle = []
        ring.cancel()
        alarm.cancel()
        for done in whenOver { done() }
        whenOver = []
    }
}
