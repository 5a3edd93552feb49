import DripCore
import Foundation

/// A file of addresses: one a line, or a CSV table with a column `email`.
enum AddressList {
    /// The addresses, each with its line.
    static func read(_ path: String) throws -> [(line: Int, address: String)] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Complaint("\(path): it cannot be read.")
        }
        return try read(Array(data), path: path)
    }

    static func read(_ bytes: [UInt8], path: String) throws -> [(line: Int, address: String)] {
        var reader = CSVReader(bytes)
        var addresses: [(line: Int, address: String)] = []
        do {
            guard let first = try reader.next() else { throw Complaint("\(path): it is empty.") }
            var column = 0
            let names = first.cells.map { LeadDoor.attributeName(of: $0) ?? "" }
            if let index = names.firstIndex(where: { ["email", "e_mail", "email_address"].contains($0) }) {
                column = index
            } else if first.cells.count == 1, first.cells[0].contains("@") {
                addresses.append((first.line, first.cells[0]))
            } else {
                throw Complaint("\(path): no column is called email, and the first line is no address.")
            }
            while let record = try reader.next() {
                let cell = column < record.cells.count ? record.cells[column] : ""
                if !cell.isEmpty { addresses.append((record.line, cell)) }
            }
        } catch let error as CSVReader.Failure {
            throw Complaint("\(path):\(error.line): \(error)")
        }
        return addresses.map { ($0.line, $0.address.trimmingCharacters(in: .whitespaces)) }
    }
}
