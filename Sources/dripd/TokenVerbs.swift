import ArgumentParser
import DripCore
import DripHTTP
import Foundation

/// `dripd token`: who may use the API.
struct TokenVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Say which programs may use the API.",
        discussion: """
            A program sends its token as `Authorization: Bearer …`. dripd keeps only a hash of it: a token that is lost is \
            revoked, and another one made.
            """,
        subcommands: [TokenAdd.self, TokenList.self, TokenRevoke.self])

    fileprivate static func perform(
        _ command: Command, _ options: ConfigurationOption, for need: Access.Need
    ) throws -> [AccessToken] {
        let access = try Access.find(try options.load(), for: need, verb: "token")
        return try access.perform(command, [AccessToken].self) { reply in
            if case .tokens(let tokens) = reply { tokens } else { nil }
        }
    }
}

struct TokenAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a token, and print it: this once.",
        discussion: """
            The scopes: `read` asks for leads, campaigns and figures; `ingest` hands in leads, events and enrollments and \
            reads nothing; `admin` does whatever dripd can do here, but make tokens.
            """)

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "What it is for, such as crm or web-shop.") var name: String
    @Option(help: "read, ingest or admin; repeat it for more.") var scope: [String]

    func run() throws {
        let scopes = try scope.map { text in
            guard let scope = AccessToken.Scope(rawValue: text) else {
                throw refuse("--scope \(text): it is read, ingest or admin")
            }
            return scope
        }
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        // A prefix by which scanners of sources and logs know it for a secret.
        let text =
            "dripd_"
            + Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let token = AccessToken(name: name, scopes: scopes, hash: TokenBook.hash(of: text), createdAt: .epoch)
        _ = try TokenVerb.perform(.addToken(token), options, for: .write)
        Terminal.say(text)
    }
}

struct TokenList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens: their names, what they may, since when.")

    @OptionGroup var options: ConfigurationOption
    @Flag(help: "Print the answer as JSON.") var json = false

    func run() throws {
        // Only whoever may make rights may see them.
        let tokens = try TokenVerb.perform(.tokens, options, for: .write)
        if json { return Terminal.say(try Output.json(tokens)) }
        if tokens.isEmpty { return Terminal.say("no token: `dripd token add NAME --scope read` makes one") }
        for token in tokens {
            let scopes = token.scopes.map(\.rawValue).joined(separator: ", ")
            Terminal.say("\(token.name): \(scopes), since \(token.createdAt)")
        }
    }
}

struct TokenRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a token back; the next request with it is refused.")

    @OptionGroup var options: ConfigurationOption
    @Argument(help: "The token's name.") var name: String

    func run() throws {
        _ = try TokenVerb.perform(.revokeToken(name), options, for: .write)
        Terminal.say("\(name) may ask no more")
    }
}
