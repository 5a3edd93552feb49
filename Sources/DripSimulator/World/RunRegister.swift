import DripCore

/// Which enrollment of the state is which run: needed only where a lead may have several runs of one campaign.
///
/// It numbers the runs of a lead through a campaign in the order in which the state has them, which is that of their numbers.
struct RunRegister {
    private var runs: [Int: Run] = [:]
    private var counts: [Run: Int] = [:]

    subscript(number: Int) -> Run? { runs[number] }

    /// A row of the state's enrollments.
    struct Row {
        var number: Int
        var lead: String
        var campaign: String
        var key: String?
        var enrolledAt: Instant
    }

    /// Enrollments that got another number when their lead was merged are the same runs.
    mutating func take(moves: [(from: Int, now: Int)]) {
        for (from, now) in moves { if let run = runs[from] { runs[now] = run } }
    }

    /// Takes what it does not know yet; answers that.
    mutating func take(_ rows: [Row]) -> [(run: Run, enrolledAt: Instant)] {
        var new: [(Run, Instant)] = []
        for row in rows where runs[row.number] == nil {
            let first = Run(lead: row.lead, campaign: row.campaign)
            let number = counts[first, default: 0] + 1
            counts[first] = number
            let run = Run(lead: row.lead, campaign: row.campaign, number: number, key: row.key)
            runs[row.number] = run
            new.append((run, row.enrolledAt))
        }
        return new
    }
}

extension Simulation {
    /// Whether a lead may have several runs of one campaign.
    var hasRuns: Bool {
        scenario.hasMerges || scenario.hasErasures
            || scenario.folders.contains { folder in folder.campaigns.keys.contains(where: folder.mayRunAgain) }
    }

    /// Tells of the runs that came to be since somebody last looked, of campaigns that may be gone through again.
    func discover() throws {
        guard hasRuns, machine != nil else { return }
        try discoverMerges()
        let rows = try files.tables.rows(
            """
            SELECT e.id, l.key, c.name, e.run_key, e.enrolled_at FROM enrollments e
            JOIN readable_leads l ON l.id = e.id >> 10 JOIN campaigns c ON c.id = e.campaign ORDER BY e.id
            """
        ).compactMap { row -> RunRegister.Row? in
            guard let number = row[0].flatMap({ Int($0) }), let lead = row[1], let campaign = row[2],
                let at = row[4].flatMap({ Int64($0) })
            else { return nil }
            return .init(
                number: number, lead: lead, campaign: campaign, key: row[3], enrolledAt: Instant(milliseconds: at))
        }
        let shown = clock.shows(at: now)
        for (run, enrolledAt) in runs.take(rows)
        where roster.findsRuns || roster.live?.mayRunAgain(run.campaign) ?? false {
            roster.found(run)
            tell(.enrolled(run, isCertain: true, isNew: enrolledAt == shown))
        }
    }

    /// Merges that nobody answered and that are done all the same, and what became of the numbers of enrollments.
    func discoverMerges() throws {
        guard scenario.hasMerges else { return }
        for (from, into) in try files.tables.merged().sorted(by: { $0.key < $1.key })
        where roster.people.now(from) == from {
            for fact in roster.merge(from, into: into) { tell(fact) }
        }
        runs.take(moves: try files.tables.moves())
    }

    /// The run of an enrollment; nil where lead and campaign tell it.
    func register(_ enrollment: EnrollmentID) -> Run? {
        guard hasRuns else { return nil }
        let number = Int(enrollment.rawValue)
        if runs[number] == nil { try? discover() }
        return runs[number]
    }

    func ledger() throws -> Ledger {
        try discover()
        return try Ledger.make(files.tables, runs: runs)
    }
}

extension FolderPlan {
    /// Whether a lead may go through a campaign more than once, or come to it by a step of another one: the state says which
    /// runs there are.
    func mayRunAgain(_ campaign: String) -> Bool {
        guard let plan = campaigns[campaign] else { return false }
        return plan.again != .never
            || campaigns.values.contains { $0.steps.contains { $0.inner == .enrollIn(campaign) } }
            || plan.enrolsByStage
    }
}
