import Crypto
import DripCore
import DripStore
import GRDB
import GRDBSQLite

/// What a claim read beside what it answered.
struct ClaimedFacts {
    var mailbox: Int64?
    var charges: KnownCharges?
    /// The enrollment's newest journal entry.
    var head: Int64?
}

/// What the verbs work on: one connection's prepared statements, and what is kept in memory beside the tables.
///
/// It lives as long as the store; a body of `commit` or `read` gets it as its transaction. The verbs stand in the files
/// named after what they serve.
final class Session: StoreTransaction {
    enum Phase { case idle, reading, writing }

    var phase = Phase.idle
    /// Why the running commit can no longer succeed: SQLite may already have rolled it back by itself, and any further
    /// statement would then stand alone.
    private(set) var doom: StoreError?
    /// The commit's own `now` and `today`.
    var now = Instant.epoch
    var today = LocalDate(daysSinceEpoch: 0)
    /// What this commit's claims read, by enrollment, to spare `mark` and `settle` from reading it again.
    var claimed: [Int64: ClaimedFacts] = [:]
    /// Mailboxes whose charges this commit wrote: what a claim read of them is not to be trusted.
    var changedMailboxes: Set<Int64> = []
    /// What `waiting(in:)` found, by mailbox, and the leads that it looked at, each with its mailbox.
    var waitingOf: [Int64: [Rival]] = [:]
    var watched: [LeadID: Int64] = [:]
    /// Mailboxes that were not woken whole, because a campaign was held; until a restart, after which nothing is lost but
    /// time: what waits for a cap has a timer of its own.
    var unwoken: Set<Int64> = []
    /// See `pruneCharges`.
    var chargeHorizon = Instant(milliseconds: .min)

    let database: Database
    let names: Names
    let books: Books
    let arms: ArmFigures
    let rollUps: ReportFigures
    let timers: Timers
    let open: OpenDeliveries
    let heldNow: Holds
    let transactionSQL: TransactionStatements
    let leadSQL: LeadStatements
    let enrollmentSQL: EnrollmentStatements
    let mailboxSQL: MailboxStatements
    let mergeSQL: MergeStatements
    let eraseSQL: EraseStatements
    let consentSQL: ConsentStatements
    let journalSQL: JournalStatements
    let fileSQL: FileStatements
    let programSQL: ProgramStatements
    let pruneSQL: PruneStatements
    let stageSQL: StageStatements
    let ownerSQL: OwnerStatements
    let pushSQL: PushStatements
    let digestSQL: DigestStatements
    let promiseSQL: PromiseStatements
    let reportSQL: ReportStatements

    /// Keys the hashes of addresses; made with the database.
    let addressSeed: UInt64
    /// Keys what is left of erased addresses; made with the database.
    let eraseKey: SymmetricKey
    /// Whether anybody was erased: only then an address that is not found may be one.
    var hasErased = false
    /// Where pages of timelines go on.
    var pages = TimelinePages()
    /// How many entries of timelines were read, for tests.
    var entriesWalked = 0

    init(_ db: Database) throws {
        database = db
        guard let seed = try Int64.fetchOne(db, sql: "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'seed'")
        else {
            throw StoreError.corrupt("the state has lost the seed of its addresses")
        }
        addressSeed = UInt64(bitPattern: seed)
        guard let secret = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'erase'") else {
            throw StoreError.corrupt("the state has lost the secret of its erased addresses")
        }
        eraseKey = SymmetricKey(data: Array(secret.utf8))
        names = Names(db)
        books = Books(db)
        arms = ArmFigures(db)
        rollUps = ReportFigures(db)
        timers = Timers(db)
        open = OpenDeliveries(db, names: names)
        heldNow = Holds(db)
        transactionSQL = TransactionStatements(db)
        leadSQL = LeadStatements(db)
        enrollmentSQL = EnrollmentStatements(db)
        mailboxSQL = MailboxStatements(db)
        mergeSQL = MergeStatements(db)
        eraseSQL = EraseStatements(db)
        consentSQL = ConsentStatements(db)
        journalSQL = JournalStatements(db)
        fileSQL = FileStatements(db)
        programSQL = ProgramStatements(db)
        pruneSQL = PruneStatements(db)
        stageSQL = StageStatements(db)
        ownerSQL = OwnerStatements(db)
        pushSQL = PushStatements(db)
        digestSQL = DigestStatements(db)
        promiseSQL = PromiseStatements(db)
        reportSQL = ReportStatements(db)
        try load()
    }

    /// Takes what is committed, and forgets what a failed commit left in memory.
    func load() throws(StoreError) {
        doom = nil
        forgetClaims()
        pages.forget()
        try names.load()
        try books.load()
        arms.forget()
        try rollUps.load()
        try timers.load()
        try open.load()
        try heldNow.load(number: names.number(of:))
        hasErased = try eraseSQL.isErased.step() && eraseSQL.isErased.int(0) != 0
        eraseSQL.isErased.reset()
    }

    func clearDoom() { doom = nil }

    /// Lets go of every row that a thrown error left a statement at: it would hold its snapshot, and the log with it.
    func resetStatements() {
        var statement = sqlite3_next_stmt(database.sqliteConnection, nil)
        while let current = statement {
            sqlite3_reset(current)
            statement = sqlite3_next_stmt(database.sqliteConnection, current)
        }
    }

    func forgetClaims() {
        claimed.removeAll(keepingCapacity: true)
        changedMailboxes.removeAll(keepingCapacity: true)
        forgetWaiting()
    }

    /// Guards a reading verb.
    func read<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        guard phase != .idle else { throw StoreError(.misuse, "the store was asked outside of a commit or read") }
        if let doom { throw doom }
        do {
            return try body()
        } catch {
            doom = error
            throw error
        }
    }

    /// Guards a writing verb.
    func write<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        guard phase != .reading else { throw StoreError(.misuse, "the store was changed inside a read") }
        return try read(body)
    }
}
