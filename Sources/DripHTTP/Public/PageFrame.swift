import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The frame of every public page: HTML that needs no script, on any screen, in light and dark.
enum PageFrame {
    private static let style = """
        :root{color-scheme:light dark;--text:#1d1d1f;--back:#f5f5f2;--card:#fff;--line:#767676;--main:#0b57a4;--on:#fff}
        @media (prefers-color-scheme:dark){:root{--text:#ececea;--back:#161618;--card:#222226;--line:#8e8e93;\
        --main:#8ec3ff;--on:#10233a}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--text);font:1.0625rem/1.55 system-ui,sans-serif}
        main{max-width:34rem;margin:0 auto;padding:2rem 1.25rem}
        section,.card{background:var(--card);border-radius:.75rem;padding:1.25rem;margin:0 0 1rem}
        h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem}
        h2,legend{font-size:1.1rem;font-weight:600;margin:0 0 .5rem;padding:0}
        p{margin:0 0 1rem}
        p:last-child{margin:0}
        fieldset{border:0;margin:0 0 1rem;padding:0}
        label{display:flex;gap:.75rem;align-items:flex-start;padding:.6rem 0;min-height:2.75rem}
        input[type=checkbox],input[type=radio]{width:1.35rem;height:1.35rem;margin:.15rem 0 0;flex:none;\
        accent-color:var(--main)}
        input[type=text],input[type=email],input[type=tel],select{display:block;width:100%;font:inherit;padding:.65rem;\
        border:1px solid var(--line);border-radius:.5rem;background:var(--back);color:inherit}
        button{font:inherit;font-weight:600;min-height:2.75rem;padding:.6rem 1.1rem;border-radius:.5rem;cursor:pointer;\
        border:2px solid var(--main);background:var(--main);color:var(--on);margin:0 .5rem .5rem 0}
        button.quiet{background:transparent;color:var(--main)}
        a{color:var(--main)}
        :focus-visible{outline:3px solid var(--main);outline-offset:2px}
        .said{border-left:4px solid var(--main);padding:.5rem 1rem;margin:0 0 1rem}
        .trap{position:absolute;left:-999rem}
        .field{margin:0 0 .75rem}
        .field label{display:block;min-height:0;padding:0 0 .3rem}
        .field span{font-size:.95rem}
        .mistake{display:block;font-weight:600;margin:.35rem 0 0}
        input[aria-invalid=true],select[aria-invalid=true]{border:2px solid var(--main)}
        a.button{display:inline-block;padding:.7rem 1.1rem;border-radius:.5rem;background:var(--main);color:var(--on);\
        font-weight:600;text-decoration:none}
        dl{margin:0 0 1rem}
        dt{font-weight:600}
        dd{margin:0 0 .5rem;overflow-wrap:anywhere}
        blockquote{white-space:normal}
        ul.plain{list-style:none;margin:0;padding:0}
        ul.plain li{padding:.35rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
        """

    /// What a page may load and do: nothing but its own style, and forms that come back here.
    private static let policy: String = {
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(digest)'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'"
    }()

    /// `body` is HTML: every text in it has been through `escaped`.
    static func response(
        _ words: PageWords, status: HTTPResponse.Status = .ok, title: String, body: String
    ) -> Response {
        let html = """
            <!doctype html>
            <html lang="\(words.code)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <title>\(escaped(title))</title>
            <style>\(style)</style>
            </head>
            <body>
            <main>
            <h1>\(escaped(title))</h1>
            \(body)
            </main>
            </body>
            </html>

            """
        var response = Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
        response.headers[.contentLanguage] = words.code
        return response
    }

    /// A text as it stands in HTML, also in an attribute's quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
