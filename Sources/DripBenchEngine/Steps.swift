import ArgumentParser
import DripCore
import DripEngine
import DripStoreSQLite
import Foundation

/// Decide, reserve, mark and record through the engine and the durable store, with a transport that answers at once.
struct Steps: ParsableCommand {
    @Option(help: "How many leads are enrolled.") var leads = 20_000
    @Option(help: "The transport's in_flight; a commit carries up to twice as many.") var inFlight = 500
    @Option(help: "An empty directory for the state.") var dir: String

    func run() throws {
        var now = Instant(seconds: 1_800_000_000)
        let store = try SQLiteStore.open(directory: dir, holder: "bench", now: now)
        defer { store.close() }
        let engine = try Engine.boot(
            store: store, update: try Folder.programme(),
            identity: .init(version: "bench", node: "bench", startedAt: now),
            transports: [.init(name: "null", channel: .email, inFlight: inFlight)], now: now)
        let clock = ContinuousClock()
        let enrolling = try clock.measure { try enrol(in: engine, now: now) }
        _ = try engine.recover(now: now)
        now = now + .seconds(10)
        var steps = 0
        var commits = 0
        let sending = clock.measure {
            var effects = engine.step(.ring, now: now)
            while true {
                let orders = effects.flatMap { effect -> [SendOrder] in
                    if case .send(_, let orders) = effect { orders } else { [] }
                }
                guard !orders.isEmpty else { break }
                steps += orders.count
                commits += 1
                // A millisecond a commit, so that time passes as it would.
                now = now + .milliseconds(1)
                let results = orders.map {
                    AttemptResult(delivery: $0.delivery.id, outcome: .accepted, code: 250, text: "250 2.0.0 Ok")
                }
                effects = engine.step(.results(results), now: now)
            }
        }
        try printFigures([
            "leads": Double(leads), "steps": Double(steps), "commits": Double(commits),
            "enrolled_per_second": Double(leads) / (enrolling / .seconds(1)),
            "steps_per_second": Double(steps) / (sending / .seconds(1)),
        ])
    }

    private func enrol(in engine: Engine, now: Instant) throws {
        for start in stride(from: 1, through: leads, by: ImportBatch.limit) {
            let rows = (start..<min(start + ImportBatch.limit, leads + 1)).map { number in
                ImportBatch.Row(
                    line: number,
                    cells: ["lead\(number)@example.com", "Asia/Jakarta", "id", "Budi", "Toko Maju", "retail"])
            }
            let batch = ImportBatch(
                columns: ["email", "time_zone", "locale", "first_name", "company", "industry"], rows: rows,
                campaign: Folder.campaign)
            _ = engine.step(.command(.importLeads(batch), Ticket(number: 1)), now: now)
        }
    }
}
