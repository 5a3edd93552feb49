import DripCore
import DripStore

/// The real store behind a switch that makes its commits fail, as a full disk does.
final class FailingStore: DripStore {
    let inner: any DripStore
    var failure: StoreError?
    var readFailure: StoreError?
    /// How many were asked for.
    private(set) var commits = 0

    init(_ inner: any DripStore) {
        self.inner = inner
    }

    var instanceID: String { inner.instanceID }

    func commit<Result>(
        at now: Instant, today: LocalDate, _ body: (any StoreTransaction) throws -> Result
    ) throws(StoreError) -> Result {
        commits += 1
        guard let failure else { return try inner.commit(at: now, today: today, body) }
        // The body runs, and its work is lost with the commit: the hard case for what is kept in memory.
        return try inner.commit(at: now, today: today) { transaction -> Result in
            _ = try body(transaction)
            throw failure
        }
    }

    func read<Result>(_ body: (any StoreReader) throws -> Result) throws(StoreError) -> Result {
        if let readFailure { throw readFailure }
        return try inner.read(body)
    }

    func scrub() throws(StoreError) { try inner.scrub() }
}
