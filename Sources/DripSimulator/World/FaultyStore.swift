import DripCore
import DripStore

/// The real store behind a disk that fails and a process that dies, when the history says so.
final class FaultyStore: DripStore {
    private let inner: any DripStore
    private let trace: Trace
    /// Commits until the process dies in one, and whether that one is still on disk; nil: it lives.
    var death: (after: Int, durable: Bool)?
    /// What every commit or read meets at the moment.
    var fault: (kind: StoreError.Kind, place: StoreFault.Place)?
    /// The process is dead: nothing more comes through.
    private(set) var isDead = false
    /// Commits that failed since this was last set to 0, and that did not; reads likewise.
    var failedCommits = 0
    var goodCommits = 0
    var failedReads = 0
    private(set) var faultsMet = 0

    init(_ inner: any DripStore, trace: Trace) {
        self.inner = inner
        self.trace = trace
    }

    var instanceID: String { inner.instanceID }

    private static let killed = StoreError(.io, "the process was killed")

    func commit<Result>(
        at now: Instant, today: LocalDate, _ body: (any StoreTransaction) throws -> Result
    ) throws(StoreError) -> Result {
        do {
            let result = try attempt(at: now, today: today, body)
            goodCommits += 1
            return result
        } catch {
            failedCommits += 1
            throw error
        }
    }

    private func attempt<Result>(
        at now: Instant, today: LocalDate, _ body: (any StoreTransaction) throws -> Result
    ) throws(StoreError) -> Result {
        guard !isDead else { throw Self.killed }
        var failure: (error: StoreError, place: StoreFault.Place)?
        if let death, death.after <= 0 {
            isDead = true
            failure = (Self.killed, death.durable ? .after : .during)
        } else if let fault, fault.place != .read {
            failure = (StoreError(fault.kind, "the disk fails: \(fault.kind.rawValue)"), fault.place)
            faultsMet += 1
        }
        if let after = death?.after { death?.after = after - 1 }
        if let failure, failure.place == .before { throw failure.error }
        trace.begin()
        let result = try inner.commit(at: now, today: today) { transaction -> Result in
            let result = try body(TracedTransaction(inner: transaction, trace: trace))
            if let failure, failure.place == .during { throw failure.error }
            return result
        }
        trace.adopt()
        if let failure { throw failure.error }
        return result
    }

    func read<Result>(_ body: (any StoreReader) throws -> Result) throws(StoreError) -> Result {
        if isDead {
            failedReads += 1
            throw Self.killed
        }
        if let fault, fault.place == .read {
            failedReads += 1
            faultsMet += 1
            throw StoreError(fault.kind, "the disk fails: \(fault.kind.rawValue)")
        }
        return try inner.read(body)
    }

    func scrub() throws(StoreError) { if isDead { throw Self.killed } else { try inner.scrub() } }
}
