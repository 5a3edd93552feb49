import Foundation

let usage = """
    usage: drip-bench transport --port PORT [--host HOST] [--connections N] [--messages M] [--bytes B] [--credit C]
                                [--no-pipelining]
    Sends M mails of B octets over N connections without TLS, at most C * N at once, and prints the figures as JSON.

    """

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("drip-bench: \(message)\n\(usage)".utf8))
    exit(64)
}

var words = CommandLine.arguments.dropFirst()
guard words.popFirst() == "transport" else { fail("the first word is \"transport\"") }
var options: [String: String] = [:]
while let word = words.popFirst() {
    if word == "--no-pipelining" {
        options[word] = ""
    } else if ["--host", "--port", "--connections", "--messages", "--bytes", "--credit"].contains(word),
        let value = words.popFirst()
    {
        options[word] = value
    } else {
        fail("\(word) is no option, or has no value")
    }
}

@MainActor func number(_ option: String, _ fallback: Int?) -> Int {
    guard let text = options[option] else {
        if let fallback { return fallback }
        fail("\(option) is missing")
    }
    guard let value = Int(text), value > 0 else { fail("\(option) takes a number above zero") }
    return value
}

let bench = TransportBench(
    host: options["--host"] ?? "127.0.0.1", port: number("--port", nil), connections: number("--connections", 32),
    messages: number("--messages", 20_000), bytes: number("--bytes", 4_096),
    pipelines: options["--no-pipelining"] == nil, credit: number("--credit", 2))
do {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(try bench.run()), as: UTF8.self))
} catch {
    fail("\(error)")
}
