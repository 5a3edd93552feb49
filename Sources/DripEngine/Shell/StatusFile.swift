package import DripCore
package import Foundation

/// Writes `status.json` and `status.txt` from one value, each whole or not at all.
package struct StatusFile: Sendable {
    private let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package var jsonPath: String { directory + "/status.json" }
    package var textPath: String { directory + "/status.txt" }

    package func write(_ report: StatusReport) throws {
        try replace(jsonPath, with: try StatusFile.json(report) + Data("\n".utf8))
        try replace(textPath, with: Data(StatusText.render(report).utf8))
    }

    /// Keys in snake_case and in a fixed order, so that two files can be compared line by line.
    package static func json(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(value)
    }

    /// Reads what `json` wrote.
    package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: data)
    }

    /// A reader sees the old file or the new one, never half of either; the group may read it.
    private func replace(_ path: String, with data: Data) throws {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw StatusFileFailure(path: draft, code: errno) }
        defer { close(descriptor) }
        _ = fchmod(descriptor, 0o640)
        try data.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                guard count > 0 else { throw StatusFileFailure(path: draft, code: errno) }
                written += count
            }
        }
        guard rename(draft, path) == 0 else { throw StatusFileFailure(path: path, code: errno) }
    }
}

/// A status file that could not be written; the daemon logs it and goes on.
struct StatusFileFailure: Error, CustomStringConvertible {
    var path: String
    var code: Int32
    var description: String { "\(path): \(String(cString: strerror(code)))" }
}
