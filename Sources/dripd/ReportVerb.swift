import ArgumentParser
import DripCore
import DripHTTP
import DripMessages
import Foundation

/// `dripd report`.
struct ReportVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show rates, times and amounts, by campaign, step, source and more.",
        discussion: """
            Numbers come from roll-ups, so that it answers at once whatever has happened. What each of them means stands in \
            docs/reports.md. Months are those of the policy's time zone.
            """)

    @OptionGroup var options: ConfigurationOption
    @Option(help: "By what: \(ReportRequest.By.allCases.map(\.rawValue).joined(separator: ", ")).") var by = "campaign"
    @Option(help: "The first month, such as 2027-01.") var from: String?
    @Option(help: "The last month, such as 2027-03.") var to: String?
    @Option(help: "Only this campaign.") var campaign: String?
    @Flag(help: "Print the digest of the last full week, in the language that `report: digest` in policy.yaml says.")
    var digest = false
    @Flag(help: "Print it as JSON.") var json = false
    @Flag(help: "Print it as CSV, for spreadsheets.") var csv = false
    @Option(help: "Write it as a page for a browser into this file.") var html: String?

    func validate() throws {
        guard [json, csv, html != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Choose one of --json, --csv and --html.")
        }
        guard digest else { return }
        guard !csv, from == nil, to == nil, campaign == nil, by == "campaign" else {
            throw ValidationError(
                "A digest is of the last full week and of everything: it goes with --json or --html alone.")
        }
    }

    func run() throws {
        if digest { return try printDigest() }
        let fields: [(name: String, value: String)] =
            [("by", by)]
            + [("from", from), ("to", to), ("campaign", campaign)].compactMap { name, value in value.map { (name, $0) }
            }
        let request: ReportRequest
        do {
            request = try ReportRequest(query: fields)
        } catch {
            throw Complaint(error.message)
        }
        let access = try Access.find(try options.load(), for: .read, verb: "report")
        let report = try access.perform(.report(request), Report.self) { reply in
            if case .reported(let report) = reply { report } else { nil }
        }
        if json { return Terminal.say(try Output.json(report)) }
        // A table ends with the end of its last line.
        if csv { return FileHandle.standardOutput.write(Data(ReportCSV.text(report).utf8)) }
        guard let html else { return Terminal.say(ReportText.text(report)) }
        try write(ReportPage.html(report), to: html)
    }

    private func printDigest() throws {
        let access = try Access.find(try options.load(), for: .read, verb: "report")
        let report = try access.perform(.digest, DigestReport.self) { reply in
            if case .digest(let report) = reply { report } else { nil }
        }
        if json { return Terminal.say(try Output.json(report)) }
        let mail = DigestMail(report)
        if let html { return try write(mail.html, to: html) }
        Terminal.say("\(mail.subject)\n\n\(mail.text)")
    }

    private func write(_ page: String, to html: String) throws {
        do {
            try Data(page.utf8).write(to: URL(filePath: html), options: .atomic)
        } catch {
            throw Complaint("\(html) cannot be written: \(error.localizedDescription)")
        }
        Terminal.say("written to \(html)")
    }
}
