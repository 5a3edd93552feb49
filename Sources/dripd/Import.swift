import ArgumentParser
import DripCore
import Foundation

/// `dripd import`: a lead list, in portions that leave room for sending.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import leads from a CSV file, and enrol them.",
        discussion: """
            The first row names the columns: email (or key), time_zone, locale; every other column is a fact about the \
            lead. --map "Work E-Mail=email" says what the head of another system means, --map "Notes=-" leaves a \
            column out. A row that cannot be taken is named and left out; the others are imported. A lead that stands in the \
            list twice, an unknown zone and a date that is none are warnings. Exits 1 where any row was refused.
            """)

    @OptionGroup var options: ConfigurationOption

    @Argument(help: "The CSV file (UTF-8).")
    var file: String

    @Option(help: "Enrol every lead in this campaign.")
    var campaign: String?

    @Option(
        help: ArgumentHelp(
            "What a column is: its head as the file has it, and the field that it becomes, or - to leave it out. Once for each.",
            valueName: "column=field"))
    var map: [String] = []

    @Flag(help: "Print the summary as JSON.")
    var json = false

    func run() throws {
        let mapping: ColumnMapping
        do throws(ColumnMapping.Mistake) {
            mapping = try ColumnMapping(map)
        } catch {
            throw refuse("--map \(error)")
        }
        let configuration = try options.load()
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Complaint("\(file): it cannot be read.")
        }
        let access = try Access.find(configuration, for: .write, verb: "import")
        let bytes = Array(data)
        var total = ImportSummary()
        do {
            try send(bytes, by: mapping, to: access, total: &total)
        } catch {
            // What was taken before is in: say so, before saying why it ended.
            Terminal.endProgress()
            if total != ImportSummary() { try? report(total) }
            if let failure = error as? CSVReader.Failure {
                throw Complaint(
                    "\(file):\(failure.line): error: \(failure.description). Nothing from this line on was read: mend it, "
                        + "and import again; what is in already stays as it is.")
            }
            throw error
        }
        Terminal.endProgress()
        try report(total)
    }

    /// A piece of the list: so many rows at most, and so many bytes.
    private static let pieceBytes = 8 << 20

    private func send(
        _ bytes: [UInt8], by mapping: ColumnMapping, to access: Access, total: inout ImportSummary
    ) throws {
        var reader = CSVReader(bytes)
        guard let first = try reader.next() else { throw Complaint("\(file): the list is empty: not even a header.") }
        let header = Header(columns: try columns(of: first, by: mapping), separator: reader.separator)
        let id = campaign.map { CampaignID(rawValue: $0) }
        var rows: [CSVReader.Record] = []
        var read = 0
        // A piece knows only itself; who stands in two of them is known here.
        let door = try? LeadDoor(columns: header.columns)
        var keys = RepeatedKeys()
        func flush() throws {
            guard let first = rows.first else { return }
            for row in rows {
                guard let verdict = door?.admit(row.cells, unreadable: row.unreadable, knownZones: { _ in true }),
                    case .admitted(let lead, _) = verdict,
                    let warning = keys.take(lead.key, line: row.line, inFrontOf: first.line)
                else { continue }
                total.warnings.append(.init(line: row.line, column: warning.column, reason: warning.reason))
            }
            total.add(try send(rows, under: header, of: bytes, campaign: id, to: access))
            read += rows.count
            rows.removeAll(keepingCapacity: true)
            Terminal.progress("\(read) rows, \(total.refused.count) refused")
        }
        while true {
            let record: CSVReader.Record?
            do {
                record = try reader.next()
            } catch {
                try flush()
                throw error
            }
            guard let record else { return try flush() }
            guard record.bytes.count <= Self.pieceBytes else {
                total.refused.append(
                    .init(line: record.line, column: "", reason: "the row is longer than \(Self.pieceBytes >> 20) MiB"))
                continue
            }
            let size = rows.first.map { record.bytes.upperBound - $0.bytes.lowerBound } ?? record.bytes.count
            if rows.count == ImportBatch.limit || size > Self.pieceBytes { try flush() }
            rows.append(record)
        }
    }

    /// The first row of every piece: the columns by the names that they are to have, as the file parts them.
    private struct Header {
        var columns: [String]
        var separator: UInt8

        var bytes: [UInt8] { Array(CSVWriter.row(columns, separator: Unicode.Scalar(separator)).utf8) }
    }

    /// What the columns are called, where the door takes them all: nothing is sent of a list of which it does not.
    private func columns(of head: CSVReader.Record, by mapping: ColumnMapping) throws -> [String] {
        do {
            let columns = try mapping.applied(to: head.cells)
            _ = try LeadDoor(columns: columns)
            return columns
        } catch let mistake as ColumnMapping.Mistake {
            throw Complaint("\(file):\(head.line): error: --map: \(Terminal.line(mistake.description))")
        } catch let complaint as LeadDoor.Complaint {
            let mends = ColumnMapping.mends(of: complaint, in: head.cells).map { together in
                together.map { "--map \(Terminal.shellWord($0))" }.joined(separator: " ")
            }
            throw Complaint(
                "\(file):\(head.line): error: column \"\(Terminal.line(complaint.column))\": \(complaint.reason)"
                    + (mends.isEmpty ? "" : ": try " + mends.joined(separator: " or ")))
        }
    }

    private func send(
        _ rows: [CSVReader.Record], under header: Header, of bytes: [UInt8], campaign: CampaignID?, to access: Access
    ) throws -> ImportSummary {
        switch access {
        case .daemon(let client):
            guard let first = rows.first, let last = rows.last else { return ImportSummary() }
            let piece = header.bytes + bytes[first.bytes.lowerBound..<last.bytes.upperBound]
            return try client.importCSV(piece, campaign: campaign, firstLine: first.line)
        case .direct:
            let batch = ImportBatch(
                columns: header.columns,
                rows: rows.map { .init(line: $0.line, cells: $0.cells, unreadable: $0.unreadable) }, campaign: campaign)
            return try access.perform(.importLeads(batch), ImportSummary.self) { reply in
                if case .imported(let summary) = reply { summary } else { nil }
            }
        }
    }

    private func report(_ summary: ImportSummary) throws {
        if json {
            Terminal.say(try Output.json(summary))
        } else {
            for item in summary.refused.prefix(100) {
                Terminal.complain(
                    "\(file):\(item.line): refused: \(item.column.isEmpty ? "the row" : item.column): \(item.reason)")
            }
            if summary.refused.count > 100 {
                Terminal.complain("… and \(summary.refused.count - 100) more; --json lists them all")
            }
            for item in summary.warnings.prefix(20) {
                Terminal.complain("\(file):\(item.line): warning: \(item.column): \(item.reason)")
            }
            if summary.warnings.count > 20 { Terminal.complain("… and \(summary.warnings.count - 20) more warnings") }
            let rows = Set(summary.refused.map(\.line)).count
            var parts = ["\(summary.created) new", "\(summary.updated) known"]
            if campaign != nil {
                parts += ["\(summary.enrolled) enrolled", "\(summary.alreadyEnrolled) enrolled before"]
                if summary.suppressed > 0 { parts.append("\(summary.suppressed) on the do-not-send list") }
            }
            if summary.nowConfirmed > 0 {
                parts.append("\(summary.nowConfirmed) no longer on the do-not-send list as unconfirmed")
            }
            parts.append("\(rows) refused")
            if !summary.warnings.isEmpty {
                parts.append("\(summary.warnings.count) warning\(summary.warnings.count == 1 ? "" : "s")")
            }
            Terminal.say(parts.joined(separator: ", "))
        }
        if !summary.refused.isEmpty { throw ExitCode(1) }
    }
}
