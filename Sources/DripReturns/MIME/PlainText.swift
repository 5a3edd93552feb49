/// The words of an HTML page, good enough to find codes and phrases in; it is never shown as a page.
enum PlainText {
    static func of(html: String) -> String {
        var text = String.UnicodeScalarView()
        var rest = html.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "<" {
                let tag = rest.prefix { $0 != ">" }
                guard tag.endIndex < rest.endIndex else { break }
                if let address = addressInTag(tag) {
                    text.append(contentsOf: "<\(address)>".unicodeScalars)
                } else if breaksLine(tag) {
                    text.append("\n")
                }
                rest = rest[rest.index(after: tag.endIndex)...]
            } else if scalar == "&", let (entity, length) = entity(rest) {
                text.append(entity)
                rest = rest.dropFirst(length)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }

    private static let blocks: Set<String> = [
        "br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "pre", "hr", "body", "html", "blockquote",
    ]

    private static func breaksLine(_ tag: Substring.UnicodeScalarView) -> Bool {
        let name = tag.drop { $0 == "/" }.prefix { $0.properties.isAlphabetic || ("0"..."9").contains($0) }
        return name.count <= 10 && blocks.contains(String(name).lowercased())
    }

    /// `<user@example.com>`, which is no tag.
    private static func addressInTag(_ tag: Substring.UnicodeScalarView) -> String? {
        guard tag.count <= 320, tag.contains("@"), !tag.contains(where: { $0.value <= 0x20 || $0 == "=" }) else {
            return nil
        }
        return String(tag)
    }

    private static let entities: [String: Unicode.Scalar] = [
        "lt": "<", "gt": ">", "amp": "&", "quot": "\"", "nbsp": " ", "apos": "'", "#39": "'", "#64": "@", "#46": ".",
    ]

    private static func entity(_ rest: Substring.UnicodeScalarView) -> (Unicode.Scalar, Int)? {
        let name = rest.prefix(8).prefix { $0 != ";" }
        guard name.count < 8, let scalar = entities[String(name).lowercased()] else { return nil }
        return (scalar, name.count + 1)
    }
}
