package import DripCore
import Foundation
import Synchronization

/// Empties the mailbox that bounces, complaints, replies and unsubscribes come back to, on a thread of its own.
///
/// Each letter is handed over with the server's own name for it, and deleted only after it was taken for good. Whatever
/// breaks in between, the next visit hands it over again under the same name, and whoever takes it knows the name; so each
/// letter is acted upon once.
// SAFETY: `thread` and `isAwake` are read and written under `condition` only; the rest never changes, or is atomic.
package final class MailboxReader: @unchecked Sendable {
    /// Of a larger letter only the beginning is read: what it means stands there.
    package static let longestLetter = 1_024 * 1_024
    /// POP3 deletes at the end of a session only; so many letters are the most that a cut-off one hands over again.
    static let lettersPerSession = 200

    /// What came of a visit.
    package struct Visit: Hashable, Sendable {
        /// Taken for good, and deleted.
        package var taken = 0
        /// Not taken: still there.
        package var kept = 0
        /// Whether more wait behind those.
        package var hasMore = false
    }

    /// Takes a letter; true once it is on disk, or was before, and may be deleted.
    ///
    /// It is called on the reader's thread and may block.
    package typealias Take = @Sendable (MailboxLetter) -> Bool
    /// Hears how each visit ended, on the reader's thread.
    package typealias Report = @Sendable (Result<Visit, MailboxFailure>) -> Void

    private let target: MailboxTarget
    private let access: MailboxSettings.Access
    private let every: TimeSpan
    private let isStopped = Atomic(false)
    private let condition = NSCondition()
    private var thread: Thread?
    private var isAwake = false

    /// Throws for settings that no connection can be made from; it does not connect yet.
    package init(_ settings: MailboxSettings, credentials: Credentials) throws(TransportRefusal) {
        target = try MailboxTarget(settings, credentials: credentials)
        access = settings.access
        every = settings.every
    }

    /// Visits at once, and then after each wait, until `stop`.
    ///
    /// A second call does nothing.
    package func start(take: @escaping Take, report: @escaping Report) {
        condition.lock()
        defer { condition.unlock() }
        guard thread == nil, !isStopped.load(ordering: .relaxed) else { return }
        let thread = Thread { self.work(take, report) }
        thread.name = "mailbox"
        thread.stackSize = 512 * 1_024
        self.thread = thread
        thread.start()
    }

    /// Ends the thread soon: a visit under way is broken off after the letter that is being taken.
    package func stop() {
        condition.lock()
        isStopped.store(true, ordering: .relaxed)
        condition.broadcast()
        condition.unlock()
    }

    /// Visits now in place of waiting.
    package func wake() {
        condition.lock()
        isAwake = true
        condition.broadcast()
        condition.unlock()
    }

    /// One session, which blocks: hands over what is there and deletes what was taken.
    package func visit(take: (MailboxLetter) -> Bool) throws(MailboxFailure) -> Visit {
        let wire = try MailWire(target, isStopped: { self.isStopped.load(ordering: .relaxed) })
        let session: any MailboxSession =
            switch access {
            case .pop3: POP3Session(wire)
            case .imap(let folder): IMAPSession(wire, folder: folder)
            }
        return try MailboxReader.empty(session, isStopped: { self.isStopped.load(ordering: .relaxed) }, take: take)
    }

    static func empty(
        _ session: some MailboxSession, isStopped: () -> Bool, take: (MailboxLetter) -> Bool
    ) throws(MailboxFailure) -> Visit {
        var visit = Visit()
        let ids = try session.list()
        for id in ids {
            if isStopped() { break }
            // Those that were kept wait for another time; they must not stand before all others for ever.
            guard visit.taken < lettersPerSession else {
                visit.hasMore = true
                break
            }
            let letter = try session.letter(id)
            if take(letter) {
                try session.delete(id)
                visit.taken += 1
            } else {
                visit.kept += 1
            }
        }
        try session.end()
        return visit
    }

    private func work(_ take: Take, _ report: Report) {
        while !isStopped.load(ordering: .relaxed) {
            var hasMore = false
            do {
                let visit = try visit(take: take)
                hasMore = visit.hasMore
                report(.success(visit))
            } catch {
                if !isStopped.load(ordering: .relaxed) { report(.failure(error)) }
            }
            if !hasMore { wait() }
        }
    }

    private func wait() {
        let until = Date(timeIntervalSinceNow: Double(every.milliseconds) / 1_000)
        condition.lock()
        defer { condition.unlock() }
        while !isAwake, !isStopped.load(ordering: .relaxed), condition.wait(until: until) {}
        isAwake = false
    }
}
