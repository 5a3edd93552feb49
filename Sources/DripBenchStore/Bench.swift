import DripCore
import DripStore
import DripStoreSQLite
import Foundation

/// The figures of the store, each beside the limit of the same run, as one JSON object.
struct Bench {
    private var leads = 1_000_000
    private var steps = 200_000
    private var batches = [1_000, 64]
    private var growth = [10_000, 100_000, 1_000_000]
    private var workload = Workload()
    private var directory = FileManager.default.temporaryDirectory.appendingPathComponent("drip-bench-store").path

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw StoreError(.misuse, "\(flag) needs a value") }
            let numbers = value.split(separator: ",").compactMap { Int($0) }
            switch flag {
            case "--leads": leads = numbers.first ?? leads
            case "--steps": steps = numbers.first ?? steps
            case "--batches": batches = numbers
            case "--growth": growth = numbers
            case "--due": workload.dueOrder = Workload.Order(rawValue: value) ?? .sequential
            case "--keys": workload.keyOrder = Workload.Order(rawValue: value) ?? .sequential
            case "--dir": directory = value
            default: throw StoreError(.misuse, "unknown flag \(flag)")
            }
        }
    }

    func run() throws {
        try? FileManager.default.removeItem(atPath: directory)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var report: [String: Any] = [
            "leads": leads, "due": workload.dueOrder.rawValue, "keys": workload.keyOrder.rawValue,
        ]

        let place = directory + "/main"
        var store = try SQLiteStore.open(directory: place, holder: "bench", now: Workload.start)
        let enrolling = try workload.enrol(leads, in: store)
        report["enrolCPUMicroseconds"] = enrolling.cpuSeconds * 1e6 / Double(leads)
        report["enrolPerSecond"] = rounded(Double(leads) / enrolling.seconds)
        store.close()
        report.merge(try disk(place)) { $1 }

        let began = ContinuousClock.now
        store = try SQLiteStore.open(directory: place, holder: "bench", now: Workload.start)
        let next = try store.read { try $0.nextDueAt(.email) }
        report["openMilliseconds"] = began.duration(to: .now).seconds * 1_000
        guard next != nil else { throw StoreError(.misuse, "nothing is due after enrolling") }

        for batch in batches {
            let limit = try AppendLimit.measure(directory: directory, rows: 500 * batch, batch: batch)
            let run = try workload.run(steps, batch: batch, in: store)
            report["batch\(batch)"] = [
                "stepsPerSecond": rounded(run.perSecond), "commits": run.commits, "appendPerSecond": rounded(limit),
                "shareOfAppend": run.perSecond / limit,
                "cpuMicrosecondsPerStep": run.cpuSeconds * 1e6 / Double(run.steps),
                "longestCommitMilliseconds": run.longestSeconds * 1_000,
            ]
        }
        let snapshotBegan = ContinuousClock.now
        _ = try store.read { try $0.statusSnapshot(now: Workload.start, today: Workload.today(Workload.start)) }
        report["snapshotMilliseconds"] = snapshotBegan.duration(to: .now).seconds * 1_000
        store.close()
        report["afterSteps"] = try disk(place)
        report["peakMiB"] = peakMiB()

        try FileManager.default.removeItem(atPath: place)
        report["growth"] = try growth.map { size in
            let place = directory + "/growth\(size)"
            defer { try? FileManager.default.removeItem(atPath: place) }
            let store = try SQLiteStore.open(directory: place, holder: "bench", now: Workload.start)
            defer { store.close() }
            _ = try workload.enrol(size, in: store)
            let run = try workload.run(min(steps, 100_000), batch: 1_000, in: store)
            return [
                "leads": Double(size), "microsecondsPerStep": 1e6 / run.perSecond,
                "cpuMicrosecondsPerStep": run.cpuSeconds * 1e6 / Double(run.steps),
            ]
        }
        let json = try JSONSerialization.data(withJSONObject: report, options: [.prettyPrinted, .sortedKeys])
        print(String(decoding: json, as: UTF8.self))
    }

    private func disk(_ place: String) throws -> [String: Any] {
        let sizes = try AppendLimit.sizes(of: place + "/" + SQLiteStore.fileName)
        let all = sizes.values.reduce(0, +)
        let journal = sizes["journal"] ?? 0
        return [
            "megabytesPerMillionWithoutJournal": Double(all - journal) / Double(leads),
            "megabytesPerMillion": Double(all) / Double(leads), "bytesOf": sizes,
        ]
    }

    private func peakMiB() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1_024
    }

    private func rounded(_ value: Double) -> Int { Int(value.rounded()) }
}
