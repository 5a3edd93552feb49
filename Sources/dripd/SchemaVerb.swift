import ArgumentParser
import DripCampaigns
import DripEngine
import Foundation

/// `dripd schema`: what editors and validators need to know of a file.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema (2020-12) of a kind of file, for editors and validators.",
        discussion: """
            A schema knows every key, what it means, and the form of its value; only `dripd check` knows whether an event, \
            a message or a time zone is there. An editor with YAML support completes and checks a file that opens with a \
            line such as `# yaml-language-server: $schema=../.schema/campaign.json`.
            """)

    /// The kinds of files: those that people write, and the one that dripd does.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case campaign, policy, scoring, form, config, provider, status
    }

    @Argument(help: "The kind of file.")
    var kind: Kind

    func run() throws {
        let schema =
            switch kind {
            case .campaign: FileSchema.campaign.schema
            case .policy: FileSchema.policy.schema
            case .scoring: FileSchema.scoring.schema
            case .form: FileSchema.form.schema
            case .config: FileSchema.config.schema
            case .provider: FileSchema.provider.schema
            case .status: StatusSchema.schema
            }
        Terminal.write(Data(schema.json.utf8), to: .standardOutput)
    }
}
