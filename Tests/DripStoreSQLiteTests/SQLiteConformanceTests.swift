import DripStore
import DripStoreSQLite
import DripTesting
import Testing

/// The suite that every store passes, on this one.
@Suite struct SQLiteConformanceTests {
    @Test(arguments: StoreConformance.cases)
    func does(_ promise: StoreConformance) throws {
        let place = try ScratchDirectory()
        try promise.run { try SQLiteStore.open(directory: place.path, holder: "test", now: StoreBed.start) }
    }
}
