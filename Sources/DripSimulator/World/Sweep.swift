import DripCore

extension Scenario {
    /// The same history with the process killed in every one of its commits, before and after that is on disk, and
    /// before every one of its effects: a crash wherever one can be.
    package func sweep(commits: Int, effects: Int) -> [Scenario] {
        let points =
            (0..<commits).flatMap { [CrashPoint.commit($0, durable: false), .commit($0, durable: true)] }
            + (0..<effects).map { CrashPoint.effect($0) }
        return points.map { point in
            var scenario = self
            let crash = Action(at: startsAt, kind: .crash(point, downtime: .minutes(4)))
            scenario.actions.insert(crash, at: 0)
            return scenario
        }
    }
}
