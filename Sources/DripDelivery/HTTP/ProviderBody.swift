import DripCore
import Foundation

/// A provider's body for one message.
///
/// The rule: the tree of the file with the values in their places, as values. A value is never parsed: whatever it holds,
/// it stays one text, number or flag, and a list of them a list; within a longer text a list is written with commas. What is not there (an optional setting, a lead's missing attribute, an empty text)
/// takes its key with it; a group that loses all it had goes too, and an item of a list that loses any of it; but an
/// empty text that the file itself writes stays. Worked example: `reply_to: { email: $reply_to }` is left out whole where
/// there is none.
struct ProviderBody {
    /// Settings and secrets, by name.
    let setting: (String) -> String?
    let fields: (String) -> [HTTPSettings.Field]
    let recipient: String?
    let content: MessageContent

    /// The value of one `$name`; nil where it is not there.
    func value(_ value: ProviderValue) -> JSONValue? {
        switch value {
        case .recipient: text(recipient)
        case .subject: text(content.subject)
        case .preheader: text(content.preheader)
        case .html: text(content.html)
        case .text: text(content.text)
        case .textLine: text(content.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        case .from: text(mailbox)
        case .fromName: text(content.fromName)
        case .fromEmail: text(content.fromAddress.text)
        case .replyTo: text(content.replyTo?.text)
        case .messageID: text(content.messageID)
        case .unsubscribeURL: text(content.unsubscribeURL)
        case .idempotencyKey: text(content.idempotencyKey)
        case .returnToken: text(content.returnToken)
        case .campaign: text(content.campaign.rawValue)
        case .step: text(content.step.rawValue)
        case .dueAt: text(content.dueAt.description)
        case .mimeBase64: text(content.mail.map { Data($0.bytes).base64EncodedString() })
        case .headers:
            .group(Dictionary(content.headers.map { ($0.name, .text($0.value)) }) { first, _ in first })
        case .header(let name):
            text(content.headers.first { $0.name.lowercased() == name.lowercased() }?.value)
        case .leadKey: text(content.leadKey)
        case .leadAttributes: .group(content.attributes.mapValues(Self.json))
        case .attribute(let name):
            content.attributes[name].flatMap { $0.isBlank ? nil : Self.json($0) }
        }
    }

    /// A text with its places filled; nil where one of them is empty, for half a text says something else.
    func text(_ text: ProviderText) -> String? {
        var result = ""
        for piece in text.pieces {
            switch piece {
            case .literal(let literal): result += literal
            case .setting(let name):
                guard let filled = setting(name) else { return nil }
                result += filled
            case .value(let value):
                guard let filled = self.value(value).flatMap(Self.words), !filled.isEmpty else { return nil }
                result += filled.joined(separator: ", ")
            }
        }
        return result
    }

    func json(_ tree: ProviderTree) -> JSONValue? {
        switch tree {
        case .number(let number): return .number(number)
        case .flag(let flag): return .flag(flag)
        case .text(let text):
            if text.pieces.count == 1, case .value(let value) = text.pieces[0] { return self.value(value) }
            return self.text(text).map(JSONValue.text)
        case .list(let items):
            let filled = items.compactMap { isWhole($0) ? json($0) : nil }
            return filled.isEmpty && !items.isEmpty ? nil : .list(filled)
        case .group(let entries):
            var group: [String: JSONValue] = [:]
            for entry in entries {
                switch entry {
                case .key(let name, let tree): group[name] = json(tree)
                case .fields(let name):
                    for field in fields(name) { group[field.name] = json(.text(field.value)) }
                }
            }
            return group.isEmpty && !entries.isEmpty ? nil : .group(group)
        }
    }

    /// Whether an item of a list has all that the file gives it: `{ Name: List-Id, Value: … }` without its value is none.
    private func isWhole(_ item: ProviderTree) -> Bool {
        guard case .group(let entries) = item else { return true }
        return entries.allSatisfy { entry in
            if case .key(_, let tree) = entry { json(tree) != nil } else { true }
        }
    }

    /// `application/x-www-form-urlencoded`; a list repeats its name.
    func form(_ tree: ProviderTree) -> [UInt8] {
        guard case .group(let entries) = tree else { return [] }
        var pairs: [(String, String)] = []
        for entry in entries {
            switch entry {
            case .key(let name, .list(let items)): pairs += items.compactMap { json($0)?.word }.map { (name, $0) }
            case .key(let name, let tree): pairs += (json(tree).flatMap(Self.words) ?? []).map { (name, $0) }
            case .fields(let name):
                pairs += fields(name).compactMap { field in json(.text(field.value))?.word.map { (field.name, $0) } }
            }
        }
        return Array(
            pairs.map { "\(PercentCoding.encode($0.0))=\(PercentCoding.encode($0.1))" }.joined(separator: "&").utf8)
    }

    /// `Acme <hello@example.com>`, the name quoted where it has to be (RFC 5322 §3.4).
    private var mailbox: String {
        let address = content.fromAddress.text
        guard !content.fromName.isEmpty else { return address }
        let isPlain = content.fromName.utf8.allSatisfy { byte in
            byte >= 0x80 || byte == 0x20 || !"()<>[]:;@\\,.\"".utf8.contains(byte) && byte > 0x20 && byte < 0x7F
        }
        let quoted = content.fromName.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "\(isPlain ? content.fromName : "\"\(quoted)\"") <\(address)>"
    }

    private func text(_ text: String?) -> JSONValue? {
        guard let text, !text.isEmpty else { return nil }
        return .text(text)
    }

    /// A single value as a text, or those of a list; nil for groups, and for a list that holds one.
    private static func words(_ value: JSONValue) -> [String]? {
        guard case .list(let items) = value else { return value.word.map { [$0] } }
        let words = items.compactMap(\.word)
        return words.count == items.count ? words : nil
    }

    private static func json(_ value: AttributeValue) -> JSONValue {
        switch value {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .flag(let flag): .flag(flag)
        case .list(let list): .list(list.values.map(json))
        }
    }
}
