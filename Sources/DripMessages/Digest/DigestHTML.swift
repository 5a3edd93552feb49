/// A digest as HTML for mail programs: styles stand at their elements, and there is no colour but a grey that both grounds bear.
enum DigestHTML {
    private static let line = "1px solid #8b949e"

    static func html(_ title: String, _ head: String, _ tables: [DigestTable], _ words: DigestWords) -> String {
        let parts = tables.map(part).joined()
        return """
            <!doctype html>
            <html lang="\(words.code)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="supported-color-schemes" content="light dark">
            <title>\(escaped(title))</title>
            </head>
            <body style="margin:0;padding:16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;\
            font-size:16px;line-height:1.45">
            <div style="max-width:640px;margin:0 auto">
            <h1 style="font-size:22px;margin:0 0 4px">\(escaped(title))</h1>
            <p style="margin:0 0 8px">\(escaped(head))</p>
            \(parts)<p style="margin:24px 0 0;padding-top:8px;border-top:\(line);font-size:13px">\(escaped(words.footer))</p>
            </div>
            </body>
            </html>

            """
    }

    private static func part(_ table: DigestTable) -> String {
        var html = ""
        if !table.title.isEmpty {
            html += "<h2 style=\"font-size:18px;margin:24px 0 4px\">\(escaped(table.title))</h2>\n"
        }
        if !table.name.isEmpty {
            let words = table.isUrgent ? "<strong>\(escaped(table.line))</strong>" : escaped(table.line)
            html += "<h3 style=\"font-size:16px;margin:16px 0 0;overflow-wrap:anywhere\">\(escaped(table.name))</h3>\n"
            html += "<p style=\"margin:0 0 4px\">\(words)</p>\n"
        }
        if !table.rows.isEmpty {
            html += "<table style=\"width:100%;border-collapse:collapse;font-size:14px\">\n"
            html += "<thead><tr>" + table.head.enumerated().map { cell($1, at: $0, isHead: true) }.joined()
            html += "</tr></thead>\n<tbody>\n"
            for row in table.rows {
                html += "<tr>" + row.cells.enumerated().map { cell($1, at: $0, isHead: false) }.joined() + "</tr>\n"
            }
            html += "</tbody>\n</table>\n"
        }
        if !table.note.isEmpty { html += "<p style=\"margin:4px 0 0;font-size:13px\">\(escaped(table.note))</p>\n" }
        return html
    }

    private static func cell(_ text: String, at column: Int, isHead: Bool) -> String {
        let side = column == 0 ? "left" : "right"
        let space = column == 0 ? "4px 0" : "4px 0 4px 8px"
        let style = "padding:\(space);text-align:\(side);vertical-align:top;border-bottom:\(line)"
        if isHead { return "<th scope=\"col\" style=\"\(style)\">\(escaped(text))</th>" }
        if column == 0 { return "<th scope=\"row\" style=\"\(style);font-weight:normal\">\(escaped(text))</th>" }
        return "<td style=\"\(style)\">\(escaped(text))</td>"
    }

    /// As it stands in HTML, also in an attribute's quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
