import DripCore
import DripStore
import DripStoreSQLite
import Foundation

/// Measures the SQLite store, and serves its tests as the process that is killed or traced.
///
///     drip-bench-store bench [--leads N] [--steps N] [--batches 1000,64] [--growth N,N] [--due sequential|shuffled]
///                            [--keys sequential|shuffled] [--dir DIR]
///     drip-bench-store commits DIR N     takes N commits and prints how many
///     drip-bench-store steps DIR LEADS STEPS    the same work each time, for an instruction counter
///     drip-bench-store churn DIR         commits until it is killed; prints the number of each commit that is on disk
@main
struct DripBenchStore {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("bench", _): try Bench(Array(arguments.dropFirst())).run()
        case ("commits", 3): try Children.commits(directory: arguments[1], count: Int(arguments[2]) ?? 0)
        case ("steps", 4):
            try Children.steps(directory: arguments[1], leads: Int(arguments[2]) ?? 0, steps: Int(arguments[3]) ?? 0)
        case ("churn", 2): try Children.churn(directory: arguments[1])
        default:
            FileHandle.standardError.write(Data("usage: drip-bench-store bench|commits DIR N|churn DIR\n".utf8))
            exit(2)
        }
    }
}

/// The processes that a test watches from outside.
enum Children {
    static func commits(directory: String, count: Int) throws {
        let store = try SQLiteStore.open(directory: directory, holder: "commits", now: Workload.start)
        for number in 0..<count { try enrolOne(number, in: store) }
        print(count)
        store.close()
    }

    static func steps(directory: String, leads: Int, steps: Int) throws {
        let store = try SQLiteStore.open(directory: directory, holder: "steps", now: Workload.start)
        _ = try Workload().enrol(leads, in: store)
        _ = try Workload().run(steps, batch: 1_000, in: store)
        store.close()
    }

    static func churn(directory: String) throws {
        let store = try SQLiteStore.open(directory: directory, holder: "churn", now: Workload.start)
        let workload = Workload()
        for number in 0... {
            try enrolOne(number, in: store)
            // Marks what is due and leaves it in flight, or records it, by turns.
            if number % 3 == 2 { _ = try workload.run(2, batch: 1, in: store) }
            // Unbuffered: a line that the parent read is a commit that must be there.
            FileHandle.standardOutput.write(Data("\(number)\n".utf8))
        }
    }

    private static func enrolOne(_ number: Int, in store: SQLiteStore) throws {
        let workload = Workload()
        try store.commit(at: Workload.start, today: Workload.today(Workload.start)) { transaction in
            let lead = try transaction.upsert(try workload.draft(number)).lead
            _ = try transaction.enroll(
                lead.id, in: Workload.campaign, at: Workload.start, first: workload.first(number))
        }
    }
}
