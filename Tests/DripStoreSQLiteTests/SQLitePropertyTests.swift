import DripStore
import DripStoreSQLite
import DripTesting
import Testing

/// Random moves against a model, with reopening on the way.
@Suite struct SQLitePropertyTests {
    @Test(arguments: (1...12).map { UInt64($0) })
    func agreesWithItsModel(seed: UInt64) throws {
        let place = try ScratchDirectory()
        func open() throws(StoreError) -> SQLiteStore {
            try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start)
        }
        let property = StoreProperty(seed: seed, store: try open()) { store in
            (store as? SQLiteStore)?.close()
            return try open()
        }
        try property.run(commits: 400)
    }
}
