package import DripCore
package import DripStore

extension Engine {
    /// Why an engine cannot begin, with everything that is wrong in the folder.
    package struct BootFailure: Error, CustomStringConvertible {
        package var report: ReloadReport

        package var description: String {
            report.diagnostics.map(\.description).joined(separator: "\n")
                + "\nno usable policy.yaml, and none from before: nothing can run. Mend it and start again."
        }
    }

    /// Makes the engine that runs the loaded files, and puts them on record unless it is only asked a question.
    package static func boot(
        store: any DripStore, update: ProgrammeUpdate, identity: Identity, transports: [TransportDescription],
        applies: Bool = true, now: Instant
    ) throws -> Engine {
        guard let programme = update.programme else { throw BootFailure(report: update.report) }
        let engine = Engine(store: store, identity: identity, programme: programme, transports: transports)
        try engine.takeHolds()
        engine.release = try store.read { try Release(in: $0) }
        engine.prunedAt = try store.read { try $0.lastTurnAt() }
        // What waits for a transport that is not there any more is moved to the one that its step names now.
        for route in try store.read({ try $0.routes() }) where !engine.lanes.contains(where: { $0.route == route }) {
            engine.lanes.append(Lane(route: route, members: []))
        }
        let days = try store.read { try $0.transportDays() }
        engine.outlets = transports.map { transport in
            Outlet(transport: transport, day: days.first { $0.transport == transport.name }, now: now)
        }
        // Nothing is under way yet: what it would log has nobody to hear it.
        var effects: [Effect] = []
        engine.editWork = [.load(update, before: update.before, nil)]
        while !engine.editWork.isEmpty {
            try engine.advanceEdits(limit: Engine.editPage, writes: applies, now: now, effects: &effects)
        }
        return engine
    }
}
