import ArgumentParser
import DripCore
import DripEngine
import Foundation

/// `dripd reload`.
struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the campaign files and zone rules anew, and say what changed.",
        discussion: """
            What is broken keeps its last good version. Exits 1 where any file has an error, after everything that is \
            sound was put live.
            """)

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let access = try Access.find(try options.load(), for: .write, verb: "reload")
        let report = try access.perform(.reload, ReloadReport.self) { reply in
            if case .reloaded(let report) = reply { report } else { nil }
        }
        let hasErrors = report.diagnostics.contains { $0.severity == .error }
        if json {
            Terminal.say(try Output.json(report))
        } else {
            for diagnostic in report.diagnostics { Terminal.complain(diagnostic.description) }
            if report.changed.isEmpty, report.changedFiles.isEmpty { Terminal.say("nothing changed") }
            for plan in report.held { Terminal.say(Output.heldLine(plan)) }
            if !report.changed.isEmpty { Terminal.say("changed: \(Output.list(report.changed))") }
            if !report.changedFiles.isEmpty {
                Terminal.say("changed for all: \(report.changedFiles.joined(separator: ", "))")
            }
            if !report.kept.isEmpty { Terminal.say("keeps its last good version: \(Output.list(report.kept))") }
            if !report.broken.isEmpty { Terminal.say("cannot run: \(Output.list(report.broken))") }
        }
        if hasErrors { throw ExitCode(1) }
    }
}

/// `dripd status`.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the daemon is doing.",
        discussion: """
            Asks the daemon; where it does not answer, shows the status file that it left. Exits 0 where it runs, starts \
            or drains; 1 where it is dead or hangs, or never ran here; 3 where it is stopped; 4 where its store failed; 5 where its state is a copy that nobody confirmed.
            """)

    /// An engine that says nothing for so long hangs; its file tells more than waiting.
    static let patience = TimeSpan.seconds(10)

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        let configuration = try options.load()
        let file = StatusFile(directory: configuration.runtimeDirectory)
        let (report, ageSeconds) = try current(configuration, file)
        if json {
            Terminal.say(try Output.json(report))
        } else {
            Terminal.say(StatusText.render(report))
        }
        if let ageSeconds, report.state != .stopped {
            throw Complaint(
                "dripd does not answer: it is dead or hangs, and the above is what it wrote \(Int(ageSeconds)) s ago. "
                    + "See `systemctl status dripd`.")
        }
        if let code = Self.exitCode(of: report.state) { throw ExitCode(code) }
    }

    /// What a state of a daemon that answers, or ended in order, is to a script; nil where messages go out.
    static func exitCode(of state: StatusReport.State) -> Int32? {
        switch state {
        case .starting, .running, .draining: nil
        case .stopped: 3
        case .storeFailed: 4
        case .recovered: 5
        }
    }

    /// From the daemon, or from its file with the file's age by the machine's own clock.
    private func current(
        _ configuration: Configuration, _ file: StatusFile
    ) throws -> (report: StatusReport, ageSeconds: Double?) {
        let client = DaemonClient(directory: configuration.runtimeDirectory)
        if case .answers(let socket)? = try? client.probe(.read) {
            if let report = try? client.using(socket).perform(
                .status, as: StatusReport.self, timeout: Self.patience)
            {
                return (report, nil)
            }
        }
        guard let data = FileManager.default.contents(atPath: file.jsonPath),
            let attributes = try? FileManager.default.attributesOfItem(atPath: file.jsonPath),
            let modified = attributes[.modificationDate] as? Date
        else {
            throw Complaint(
                "dripd does not answer, and there is no status file at \(file.jsonPath): it never ran here, or you may "
                    + "not read it (the group of that file may).")
        }
        return (try StatusFile.decode(StatusReport.self, from: data), -modified.timeIntervalSinceNow)
    }
}
