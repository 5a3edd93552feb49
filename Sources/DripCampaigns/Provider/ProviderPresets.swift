package import DripCore

/// The providers that ship: the files of `Providers/`, compiled into the binary, so that nothing has to lie beside it.
package enum ProviderPresets {
    /// Name and bytes of each, in alphabetical order.
    package static let files: [(name: String, bytes: [UInt8])] = [
        ("activecampaign", PackageResources.activecampaign_yaml),
        ("amazon-ses", PackageResources.amazon_ses_yaml),
        ("brevo", PackageResources.brevo_yaml),
        ("hubspot", PackageResources.hubspot_yaml),
        ("mailgun", PackageResources.mailgun_yaml),
        ("marketo", PackageResources.marketo_yaml),
        ("postmark", PackageResources.postmark_yaml),
        ("resend", PackageResources.resend_yaml),
        ("salesforce", PackageResources.salesforce_yaml),
        ("sendgrid", PackageResources.sendgrid_yaml),
        ("slack", PackageResources.slack_yaml),
        ("twilio", PackageResources.twilio_yaml),
        ("webhook", PackageResources.webhook_yaml),
        ("whatsapp", PackageResources.whatsapp_yaml),
    ]

    package static var names: [String] { files.map(\.name) }

    /// The preset of that name; nil where there is none.
    package static func named(_ name: String) -> Provider? {
        guard let file = files.first(where: { $0.name == name }) else { return nil }
        return ProviderLoader.load(file.bytes, path: "\(name).yaml", name: name).provider
    }
}
