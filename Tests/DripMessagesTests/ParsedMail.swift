import Foundation
import Testing

/// A mail as Python's parser reads it.
struct ParsedMail: Decodable {
    struct Part: Decodable {
        var type: String
        var text: String
    }

    var defects: [String]
    var headers: [[String]]
    var sender: [String]
    var parts: [Part]

    func header(_ name: String) -> [String] { headers.filter { $0[0] == name }.map { $0[1] } }

    /// Reads mails with `parse_mail.py`, many in one go; without Python the test fails.
    static func parse(_ mails: [[UInt8]]) throws -> [ParsedMail] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "parse_mail.py")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path()]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var data = Data()
        for mail in mails {
            data.append(contentsOf: "\(mail.count)\n".utf8)
            data.append(contentsOf: mail)
        }
        // The script answers only when it has read everything, so writing all of it first cannot block.
        try input.fileHandleForWriting.write(contentsOf: data)
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "parse_mail.py failed; is python3 installed?")
        let parsed = try JSONDecoder().decode([ParsedMail].self, from: answer)
        try #require(parsed.count == mails.count)
        return parsed
    }
}
