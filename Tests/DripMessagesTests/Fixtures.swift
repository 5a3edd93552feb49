import DripCore
import DripMessages
import Foundation
import Testing

/// The smallest layout that the rules allow.
let plainLayout = LayoutSource(
    name: "default", path: "layouts/default.html",
    html: """
        <!DOCTYPE html>
        <html lang="{{ message.locale | default: "en" }}"><head><title>{{ message.subject }}</title>
        <style>@media (prefers-color-scheme: dark) { body { color: #eee; }}</style></head>
        <body><div hidden>{{ message.preheader }}</div>
        {{ content }}
        <p>{{ sender.postal_address }} <a href="{{ links.unsubscribe }}">Unsubscribe</a></p></body></html>

        """)

func messageSource(
    subject: String = "Hello", preheader: String? = nil, body: String, path: String = "nurture/welcome.md",
    layout: String = "default"
) -> MessageSource {
    MessageSource(
        path: path, subject: Located(subject, line: 2, column: 10),
        preheader: preheader.map { Located($0, line: 3, column: 12) },
        layout: Located(layout, line: 4, column: 9), body: Located(body, line: 6, column: 1))
}

/// What messages of a test share.
struct Shared {
    var partials: [PartialSource] = []
    var catalogues: [CatalogueSource] = []

    /// Partials by the names of their files: `signature.id`.
    init(partials: [String: String] = [:], catalogues: [CatalogueSource] = []) {
        self.partials = partials.sorted { $0.key < $1.key }.map { file, text in
            let parts = file.split(separator: ".").map(String.init)
            return PartialSource(
                name: parts[0], locale: parts.count > 1 ? parts[1] : nil, path: "partials/\(file).md", text: text)
        }
        self.catalogues = catalogues
    }

    func compiler(_ layout: LayoutSource = plainLayout) -> MessageCompiler {
        MessageCompiler(layouts: [layout.name: layout], partials: partials, catalogues: catalogues)
    }
}

func compile(
    subject: String = "Hello", preheader: String? = nil, body: String, path: String = "nurture/welcome.md",
    layout: LayoutSource = plainLayout, shared: Shared = Shared()
) -> Compilation {
    shared.compiler(layout)
        .compile(
            messageSource(subject: subject, preheader: preheader, body: body, path: path, layout: layout.name))
}

func context(
    _ attributes: [String: AttributeValue] = [:], locale: String? = nil, zone: Zone = .utc
) throws -> MessageContext {
    let sender = Policy.Sender(name: "Dewi from Acme", address: try EmailAddress("dewi@acme.example"))
    let lead = Lead(
        id: LeadID(rawValue: 7), key: "crm-7", address: try EmailAddress("Budi@Example.com"),
        zoneName: "Asia/Jakarta", locale: locale, attributes: attributes)
    return MessageContext(
        lead: lead, campaign: CampaignID(rawValue: "ebook-nurture"), campaignName: "E-book nurture",
        step: StepID(rawValue: "welcome"), zone: zone, sender: sender, postalAddress: "Acme, Jl. Sudirman 1, Jakarta",
        unsubscribe: UnsubscribeRoute(
            oneClickURL: "https://mail.acme.example/u/abc", mailbox: try EmailAddress("stop@acme.example")))
}

/// The compiled message; its mistakes fail the test.
func compiled(
    subject: String = "Hello", preheader: String? = nil, body: String, path: String = "nurture/welcome.md",
    layout: LayoutSource = plainLayout, shared: Shared = Shared(), sourceLocation: SourceLocation = #_sourceLocation
) throws -> CompiledMessage {
    let compilation = compile(
        subject: subject, preheader: preheader, body: body, path: path, layout: layout, shared: shared)
    #expect(compilation.diagnostics.isEmpty, sourceLocation: sourceLocation)
    return try #require(compilation.message, sourceLocation: sourceLocation)
}

extension RenderedMessage {
    var htmlText: String { String(decoding: html, as: UTF8.self) }
    var plainText: String { String(decoding: text, as: UTF8.self) }
    /// The HTML that came from the Markdown alone.
    var content: String {
        let html = htmlText
        guard let start = html.range(of: "</div>\n"), let end = html.range(of: "\n<p>Acme,") else { return html }
        return String(html[start.upperBound..<end.lowerBound])
    }
    /// The text part without its footer.
    var bodyText: String {
        let text = plainText
        guard let end = text.range(of: "--\n", options: .backwards) else { return text }
        return String(text[..<end.lowerBound])
    }
}
