import DripCore
import DripEngine

// Leads that ask to be forgotten. Afterwards the state does not know them by name: who they were is noted before.

extension Simulation {
    /// Notes what a lead is called that is to be erased, and which runs it has.
    func note(toBeErased lead: String) throws {
        try discover()
        for row in try files.tables.rows("SELECT id FROM readable_leads WHERE key = '\(lead)'") {
            if let number = row[0].flatMap({ Int($0) }) { toBeErased[number] = lead }
        }
    }

    /// Erasures that nobody answered and that are done all the same.
    func discoverErasures() throws {
        guard !toBeErased.isEmpty else { return }
        let done = try files.tables.rows("SELECT id FROM leads WHERE erased_at IS NOT NULL ORDER BY id")
        for number in done.compactMap({ $0[0].flatMap { Int($0) } }) {
            guard let lead = toBeErased[number] else { continue }
            for fact in erased(lead) { tell(fact) }
        }
    }

    /// What follows from an erasure that is done, with what the state still has at that very moment: a run that goes on would
    /// skip all that it has for want of a mailbox, and look well in the end.
    func erased(_ lead: String) -> [Fact.What] {
        let facts = roster.erase(lead)
        return facts.isEmpty ? [] : facts + [traces(of: lead)]
    }

    /// Looks once more in the end: nothing may have brought it back.
    func tellTraces() {
        for lead in roster.erased.sorted() { tell(traces(of: lead)) }
    }

    /// What is left of a lead that was erased, in any column of any table, and the runs of it that go on.
    private func traces(of lead: String) -> Fact.What {
        let addresses = roster.ownMailboxes(of: lead)
        let numbers = toBeErased.filter { $0.value == lead }.keys.sorted().map { "\($0)" }.joined(separator: ", ")
        do {
            let cells = try files.tables.cells().filter { cell in
                cell.text == lead || addresses.contains { cell.text.lowercased().contains($0) }
            }
            let runs = try files.tables.rows(
                """
                SELECT c.name FROM enrollments e JOIN campaigns c ON c.id = e.campaign
                WHERE e.id >> 10 IN (\(numbers)) AND e.status IN (0, 1)
                """)
            let left = cells.map { "\($0.column): \($0.text.prefix(80))" }
            return .kept(lead: lead, Set(left + runs.map { "its run in \($0[0] ?? "?")" }).sorted())
        } catch {
            return .unusable("the tables cannot be read: \(error)")
        }
    }
}

extension Tables {
    /// Every text that the state holds, and where; packed ones as the letters that stand in them.
    func cells() throws -> [(column: String, text: String)] {
        let columns = try rows(
            """
            SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name NOT IN ('files') ORDER BY 1, 2
            """
        ).map { $0.compactMap(\.self) }.filter { $0.count == 2 }
        return try columns.flatMap { column -> [(column: String, text: String)] in
            let sql = """
                SELECT CASE typeof("\(column[1])") WHEN 'blob' THEN hex("\(column[1])") ELSE "\(column[1])" END,
                typeof("\(column[1])") FROM "\(column[0])" WHERE typeof("\(column[1])") IN ('text', 'blob')
                """
            return try rows(sql).compactMap { row in
                row[0].map { ("\(column[0]).\(column[1])", row[1] == "blob" ? Self.letters($0) : $0) }
            }
        }
    }

    private static func letters(_ hex: String) -> String {
        var digits = hex.utf8.makeIterator()
        var bytes: [UInt8] = []
        func value(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit - 0x30 : digit - 0x37 }
        while let high = digits.next(), let low = digits.next() { bytes.append(value(high) << 4 | value(low)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
