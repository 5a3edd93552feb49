import DripCore
import DripEngine
import DripMessages
import Testing

/// G5, ten thousand times: somebody unsubscribes by the link in a message at about the moment at which the next one goes.
///
/// Each lead has a first message, whose link it follows around the second one's due instant: before, in the very millisecond,
/// between the mark and its answer, while it waits for another attempt, after it. From the commit of the unsubscribe on, nothing
/// of that lead may be marked.
@Suite struct UnsubscribeRacesTests {
    private static let count = 10_000
    /// The second step is due so long after the enrollment.
    private static let due = TimeSpan.days(2)

    /// When a lead unsubscribes, counted from its due instant, in milliseconds.
    private static let moments: [Int64] = [-60_000, -2, -1, 0, 1, 2, 500, 60_000, 1_800_001]

    @Test func afterTheCommitNothingIsMarked() throws {
        let world = try World(
            files: Folder.with(
                steps: ["id: one, after: 0s, email: m.md", "id: two, after: 2d, email: m.md, late_max: 4d"],
                policy: "min_gap: 0s"),
            inFlight: 64)
        let rows = (0..<Self.count).map { ["lead\($0)", "lead\($0)@example.com"] }
        for start in stride(from: 0, to: Self.count, by: 1_000) {
            try world.importLeads(Array(rows[start..<(start + 1_000)]), columns: ["key", "email"], into: "c")
            world.run(for: .milliseconds(7))
        }
        world.run(for: .minutes(1))
        #expect(world.sends.count == Self.count)
        var links: [String: (enrollment: EnrollmentID, due: Instant)] = [:]
        for order in world.sends {
            links[order.lead.key] = (order.delivery.enrollment, order.plannedAt + Self.due)
        }
        // A third of the answers come late, a third are refusals for now, the rest comes at once.
        world.respond = { [unowned world] order in
            switch order.delivery.enrollment.rawValue / 1_024 % 3 {
            case 0: order.markedAt + .milliseconds(300) <= world.now ? World.accepted(order) : nil
            case 1: order.delivery.attempts == 1 ? World.refusedForNow(order) : World.accepted(order)
            default: World.accepted(order)
            }
        }
        let races = links.sorted { $0.key < $1.key }.enumerated().map { index, link in
            (
                key: link.key, enrollment: link.value.enrollment,
                at: link.value.due + .milliseconds(Self.moments[index % Self.moments.count])
            )
        }.sorted { ($0.at, $0.key) < ($1.at, $1.key) }
        var marksAt: [String: Int] = [:]
        for race in races {
            // Half of the time what is due at that very instant is marked first.
            if race.enrollment.rawValue / 1_024 % 2 == 0 {
                world.run(until: race.at)
            } else {
                world.sleep(until: race.at)
            }
            let request = PreferenceRequest(enrollment: race.enrollment, action: .unsubscribe)
            guard case .preference(let view) = try world.command(.preference(request)) else {
                Issue.record("no answer for \(race.key)")
                return
            }
            #expect(view.isUnsubscribed)
            marksAt[race.key] = world.markedCount(of: race.key)
        }
        world.respond = World.accepted
        world.run(for: .days(5))
        var sent = 0
        for race in races {
            let marks = world.markedCount(of: race.key)
            #expect(marks == marksAt[race.key], "\(race.key) was marked after its unsubscribe")
            if marks > 1 { sent += 1 }
        }
        // Races that are always won by one side are none.
        #expect((1_000..<9_000).contains(sent), "\(sent) were sent the second message")
        #expect(try world.audit() == [])
    }
}
