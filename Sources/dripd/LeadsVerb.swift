import ArgumentParser
import DripCore
import DripEngine
import Foundation

/// `dripd leads`: all of them, a page at a time, so that a million need the memory of a hundred.
struct LeadsVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leads", abstract: "List all leads, oldest first, for people or as a CSV list.",
        discussion: """
            Columns are key, email, time_zone, locale, the lead's stage, score, fit and engagement as they are now, and the \
            names of attributes. A CSV list goes back in with `dripd import`; --map "stage=-" --map "score=-" leaves out what \
            only dripd says. Whoever was erased is not there.
            """)

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print a CSV table, for spreadsheets and other systems.") var csv = false
    @Option(
        help: "Which columns, with commas between, such as key,email,city, or all; key,email,stage,score without it.")
    var columns: String?
    @Flag(help: "Print each lead as JSON, on a line of its own.") var json = false

    func validate() throws {
        if csv && json { throw ValidationError("give either --csv or --json") }
        if json && columns != nil { throw ValidationError("--columns goes with a table; JSON has everything") }
    }

    func run() throws {
        let isAll = columns == "all"
        var columns = try isAll ? .standard : self.columns.map(Self.columns(of:)) ?? .standard
        let access = try Access.find(try options.load(), for: .read, verb: "leads")
        if isAll {
            // Whichever attributes anybody has: all leads are asked twice, and still none is kept.
            var names: Set<String> = []
            try eachPage(of: access) { leads in for lead in leads { names.formUnion(lead.attributes.keys) } }
            columns = .all(with: names)
        }
        if csv { write(CSVWriter.row(columns.names)) }
        try eachPage(of: access) { try show($0, columns) }
    }

    private static func columns(of written: String) throws -> LeadColumns {
        do throws(LeadColumns.Mistake) {
            return try LeadColumns(written)
        } catch {
            throw refuse("--columns: \(error)")
        }
    }

    private func eachPage(of access: Access, _ body: ([LeadSummary]) throws -> Void) throws {
        try access.eachPage(of: .leads, LeadSummary.self) { reply in
            if case .leads(let page) = reply { page } else { nil }
        } then: {
            try body($0)
        }
    }

    private func show(_ leads: [LeadSummary], _ columns: LeadColumns) throws {
        guard !leads.isEmpty else { return }
        if csv {
            write(leads.map { CSVWriter.row(columns.cells(of: $0)) }.joined())
        } else if json {
            for lead in leads { Terminal.say(String(decoding: try Self.line(lead), as: UTF8.self)) }
        } else {
            Terminal.say(Terminal.table(leads.map { columns.cells(of: $0).map { $0.isEmpty ? "–" : $0 } }, indent: ""))
        }
    }

    private func write(_ text: String) { Terminal.write(Data(text.utf8), to: .standardOutput) }

    /// As the API has it, on one line.
    private static func line(_ lead: LeadSummary) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(lead)
    }
}
