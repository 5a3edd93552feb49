import ArgumentParser
import DripCore
import Foundation

/// `dripd hook`.
struct HookCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hook",
        abstract: "Hand in what a provider posted: bounces, complaints, unsubscribes, changed leads.",
        discussion: """
            For a web server that takes the provider's webhooks: body and headers just as they came, since the signature \
            is checked first. What is refused ends with 1 and can be given again; what was acted upon is known then. \
            docs/operations.md says what to set up at each provider.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The transport that the provider is one of, as dripd.yaml names it.") var transport: String
    @Option(help: "The file with the body; - is standard input.") var body: String
    @Option(help: "A header of the request, as 'Name: value'; once for each.") var header: [String] = []
    @Option(help: "A file of headers, one a line: for those that no other user of this machine may see.")
    var headers: String?
    @Option(help: "The whole address that it was posted to, for a provider that signs it.") var url = ""
    @Option(help: "When it came, for one that was kept, such as 2026-12-24T11:30:00Z.") var receivedAt: String?
    @Flag(help: "Print the answer as JSON.") var json = false

    /// A little more than is taken, so that what is too much is told as such.
    private static let most = (1 << 20) + 1

    func run() throws {
        let request = try request()
        let access = try Access.find(try options.load(), for: .write, verb: "hook")
        let answer = try access.perform(.hook(request), HookAnswer.self) { reply in
            if case .hooked(let answer) = reply { answer } else { nil }
        }
        Terminal.say(json ? try Output.json(answer) : Output.text(answer))
    }

    private func request() throws -> HookRequest {
        var lines = header
        if let headers {
            guard let data = FileManager.default.contents(atPath: headers) else {
                throw refuse("--headers \(headers): the file cannot be read")
            }
            lines += String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        }
        var receivedAtMilliseconds: Int64?
        if let receivedAt {
            guard let instant = Instant(receivedAt) else {
                throw refuse("--received-at \(receivedAt): write an instant such as 2026-12-24T11:30:00Z")
            }
            receivedAtMilliseconds = instant.milliseconds
        }
        return HookRequest(
            transport: transport, headers: try lines.enumerated().map { try Self.header($1, number: $0 + 1) },
            body: try bytes(), url: url,
            receivedAtMilliseconds: receivedAtMilliseconds)
    }

    /// What is wrong is told by its number: it may hold a secret.
    private static func header(_ line: String, number: Int) throws -> HookRequest.Header {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw refuse(
                "header \(number), counted from --header on, has no name: write 'Name: value', each on one line")
        }
        return HookRequest.Header(
            name: line[..<colon].trimmingCharacters(in: .whitespaces),
            value: line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }

    private func bytes() throws -> Data {
        guard let file = body == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: body) else {
            throw refuse("--body \(body): the file cannot be read")
        }
        do {
            return try file.read(upToCount: Self.most) ?? Data()
        } catch {
            throw refuse("--body \(body): \(error)")
        }
    }
}

extension Output {
    static func text(_ answer: HookAnswer) -> String {
        guard !answer.events.isEmpty else { return "nothing in it is an event" }
        return Terminal.table(
            answer.events.map { event in
                [event.id, event.meaning.isEmpty ? "–" : event.meaning, event.done.words, event.detail]
            }, indent: "")
    }
}

extension HookAnswer.Done {
    fileprivate var words: String {
        switch self {
        case .acted: "acted upon"
        case .known: "known already"
        case .unproved: "proved by nothing"
        case .ignored: "ignored"
        case .unreadable: "not understood"
        case .refused: "refused"
        }
    }
}
