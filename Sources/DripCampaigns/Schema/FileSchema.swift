/// The files that people write, each with the schema that is made of the keys its loader reads.
package enum FileSchema: String, CaseIterable, Sendable {
    case campaign, policy, scoring, form, config, provider

    package var schema: SchemaTree {
        SchemaWriter.schema(
            of: spec, title: title, comment: "Made by `dripd schema \(rawValue)` from the keys that dripd reads.")
    }

    private var spec: MappingSpec {
        switch self {
        case .campaign: CampaignKeys.spec
        case .policy: PolicyKeys.spec
        case .scoring: ScoringKeys.spec
        case .form: FormKeys.spec
        case .config: ConfigurationKeys.spec
        case .provider: ProviderKeys.spec
        }
    }

    private var title: String {
        switch self {
        case .campaign: "A campaign of dripd: campaign.yaml"
        case .policy: "The policy of dripd: policy.yaml"
        case .scoring: "The scoring of dripd: scoring.yaml"
        case .form: "A sign-up form of dripd: forms/NAME.yaml"
        case .config: "The configuration of dripd: dripd.yaml"
        case .provider: "A provider of HTTP transports of dripd"
        }
    }
}
