import ArgumentParser
import DripSimulator
import Foundation

/// `dripd-sim`: many histories of the daemon in virtual time, each judged by every guarantee.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dripd-sim", abstract: "Run the engine and its store through histories full of faults.",
        discussion: """
            Every history comes from its seed alone: a seed that fails, fails again. Ends with 1 where a guarantee \
            was broken.
            """)

    @Option(help: "How many seeds to run, beginning with --from.")
    var seeds: UInt64 = 100

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Stop after so many seconds, however many seeds are left.")
    var seconds: Double?

    @Option(help: "How many seeds to run at the same time; what is printed does not depend on it.")
    var atOnce = 1

    @Option(help: "Run this one seed.")
    var seed: UInt64?

    @Option(help: "Instead of histories: enrol so many leads of calm folders, and compare each plan to what was done.")
    var plans: Int?

    @Flag(help: "Print the history of --seed.")
    var verbose = false

    @Flag(help: "Make the failing history of --seed as small as it goes, and print it.")
    var shrink = false

    @Flag(help: "Run --seed once more for each of its commits and effects, with a crash there.")
    var sweep = false

    @Flag(help: "Stop at the first seed that fails.")
    var stopAtFirst = false

    @Flag(help: "Print nothing but failures and the last line.")
    var brief = false

    func validate() throws {
        guard (1...64).contains(atOnce) else { throw ValidationError("--at-once \(atOnce): between 1 and 64") }
    }

    func run() throws {
        let ground = try Ground()
        defer { ground.clear() }
        if let plans { return try comparePlans(plans, on: ground) }
        let range = seed.map { $0...$0 } ?? from...(from + max(1, seeds) - 1)
        let began = Date()
        let runs = SeedRuns(
            range, atOnce: seed == nil ? atOnce : 1, until: seconds.map { began.addingTimeInterval($0) },
            isVerbose: verbose)
        defer { runs.stop() }
        var figures = Figures()
        var failed: [UInt64] = []
        for seed in range {
            guard let verdict = try runs.verdict(of: seed) else { break }
            figures.add(verdict.figures)
            for line in verdict.history { print(line) }
            if self.seed != nil { print("digest \(String(verdict.digest, radix: 16))") }
            lazy var scenario = Scenario(seed: seed, zones: ground.zones)
            if sweep { failed += try runSweep(scenario, verdict.figures, on: ground, &figures) }
            guard !verdict.isGood else { continue }
            failed.append(seed)
            print("seed \(seed) FAILED")
            for violation in verdict.violations.prefix(10) { print("  \(violation)") }
            print("  again: dripd-sim --seed \(seed) --verbose, smaller: dripd-sim --seed \(seed) --shrink")
            if shrink, let first = verdict.violations.first {
                try printSmallest(scenario, guarantee: first.guarantee, on: ground)
            }
            if stopAtFirst { break }
        }
        let elapsed = Date().timeIntervalSince(began)
        print(brief ? figures.line(elapsed: elapsed) : figures.table(elapsed: elapsed))
        if !failed.isEmpty {
            print(
                "FAILED: \(failed.count) of \(figures.seeds) histories: "
                    + failed.prefix(50).map(String.init).joined(separator: " ")
            )
            throw ExitCode(1)
        }
    }

    private func comparePlans(_ leads: Int, on ground: Ground) throws {
        let judge = try PlannedIsDone.run(leads: leads, on: ground)
        for complaint in judge.complaints.prefix(20) { print(complaint) }
        print(judge.summary)
        if !judge.complaints.isEmpty { throw ExitCode(1) }
    }

    private func printSmallest(_ scenario: Scenario, guarantee: String, on ground: Ground) throws {
        var shrinker = Shrinker(scenario, guarantee: guarantee, on: ground)
        shrinker.run()
        print("\nthe smallest history that still breaks \(guarantee), after \(shrinker.tries) tries:\n")
        print(shrinker.best.summary)
        let verdict = try Simulation.run(shrinker.best, on: ground, isVerbose: true)
        print("")
        for line in verdict.history { print(line) }
        for violation in verdict.violations { print(violation) }
    }

    /// The seed, as often as it failed with a crash somewhere.
    private func runSweep(
        _ scenario: Scenario, _ reached: Figures, on ground: Ground, _ figures: inout Figures
    ) throws -> [UInt64] {
        var failed: [UInt64] = []
        for variant in scenario.sweep(commits: reached.commits, effects: reached.effects) {
            let verdict = try Simulation.run(variant, on: ground)
            figures.add(verdict.figures)
            guard !verdict.isGood, let crash = variant.actions.first else { continue }
            failed.append(scenario.seed)
            print("seed \(scenario.seed) FAILED with \(crash.kind)")
            for violation in verdict.violations.prefix(3) { print("  \(violation)") }
        }
        return failed
    }
}
