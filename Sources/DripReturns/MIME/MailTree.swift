import CGMime

/// A mail taken apart by GMime: its head, and its parts in the order in which they stand.
///
/// Nothing in a mail makes this fail: what GMime cannot take apart is one part of plain text, as a reader would show it.
struct MailTree {
    struct Part {
        /// `text/plain`, in lower case.
        var type: String
        var charset: String?
        /// `delivery-status` or the like, of a `multipart/report`.
        var reportType: String?
        /// The part's own; those of the mail inside for a `message/rfc822`.
        var headers: HeaderFields
        /// With its transfer encoding undone; empty for parts that hold parts.
        var content: [UInt8]
        /// In how many attached mails it lies: 0 is what the sender of the report wrote.
        var mailDepth: Int
    }

    let headers: HeaderFields
    private(set) var parts: [Part] = []
    /// What the report itself says: chosen by `WordedReport`.
    private(set) var words = ""

    init(_ bytes: [UInt8]) {
        _ = MailTree.started
        guard
            let message = bytes.prefix(ReturnLimits.mailBytes).withUnsafeBufferPointer({ mail in
                drip_mime_read(mail.baseAddress, mail.count)
            })
        else {
            headers = HeaderFields()
            return
        }
        defer { drip_mime_release(message) }
        headers = MailTree.headers(of: drip_mime_object(message))
        if let body = drip_mime_body(message) { collect(body, nesting: 0, mailDepth: 0) }
        words = WordedReport.words(of: parts)
    }

    /// Initialised once, on first use; the initialiser of a `static let` is itself thread-safe.
    private static let started: Void = drip_mime_start()

    private mutating func collect(_ object: UnsafeMutablePointer<GMimeObject>, nesting: Int, mailDepth: Int) {
        guard parts.count < ReturnLimits.parts, nesting < ReturnLimits.nesting else { return }
        var part = Part(
            type: MailTree.type(of: object), charset: MailTree.parameter("charset", of: object),
            reportType: MailTree.parameter("report-type", of: object)?.lowercased(),
            headers: MailTree.headers(of: object), content: [], mailDepth: mailDepth)
        switch drip_mime_kind_of(object) {
        case DRIP_MIME_MULTIPART:
            parts.append(part)
            for index in 0..<drip_mime_child_count(object) {
                guard parts.count < ReturnLimits.parts, let child = drip_mime_child(object, index) else { return }
                collect(child, nesting: nesting + 1, mailDepth: mailDepth)
            }
        case DRIP_MIME_MESSAGE:
            guard let inner = drip_mime_inner(object) else { return }
            part.headers = MailTree.headers(of: drip_mime_object(inner))
            parts.append(part)
            if let body = drip_mime_body(inner) { collect(body, nesting: nesting + 1, mailDepth: mailDepth + 1) }
        case DRIP_MIME_LEAF:
            part.content = MailTree.content(of: object)
            parts.append(part)
        default:
            return
        }
    }

    private static func type(of object: UnsafeMutablePointer<GMimeObject>) -> String {
        guard let type = drip_mime_type(object), let subtype = drip_mime_subtype(object) else { return "text/plain" }
        return "\(String(cString: type))/\(String(cString: subtype))".lowercased()
    }

    private static func parameter(_ name: String, of object: UnsafeMutablePointer<GMimeObject>) -> String? {
        drip_mime_parameter(object, name).map { String(cString: $0) }
    }

    private static func headers(of object: UnsafeMutablePointer<GMimeObject>) -> HeaderFields {
        var fields = HeaderFields()
        for index in 0..<min(Int(drip_mime_header_count(object)), ReturnLimits.headers) {
            guard let name = drip_mime_header_name(object, Int32(index)),
                let value = drip_mime_header_value(object, Int32(index))
            else { continue }
            fields.append(name: String(cString: name), value: String(cString: value))
        }
        return fields
    }

    private static func content(of object: UnsafeMutablePointer<GMimeObject>) -> [UInt8] {
        let length = drip_mime_content_limit(object, ReturnLimits.partBytes)
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            count = max(0, drip_mime_content(object, start, buffer.count))
        }
    }
}

extension MailTree.Part {
    var isText: Bool { type.hasPrefix("text/") }

    /// Its content as text, at most `ReturnLimits.text` characters or so; HTML without its tags.
    var text: String {
        let whole = decoded(content.prefix(ReturnLimits.text * 4))
        return type == "text/html" ? PlainText.of(html: whole) : whole
    }

    /// In its character set; in UTF-8 where it is that; else byte by byte (ISO 8859-1), so that codes can be read.
    private func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        let name = charset?.lowercased() ?? "utf-8"
        let isUTF8 = name == "utf-8" || name == "us-ascii" || name == "utf8"
        if isUTF8 || bytes.allSatisfy({ $0 < 0x80 && $0 != 0x1B }) {
            if let text = String(validating: bytes, as: UTF8.self) { return text }
        } else if let text = converted(bytes, from: name) {
            return text
        }
        return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private func converted(_ bytes: ArraySlice<UInt8>, from charset: String) -> String? {
        guard charset.utf8.count <= 40, charset.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var length = 0
        let text = bytes.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.flatMap { drip_mime_utf8(charset, $0, bytes.count, &length) }
        }
        guard let text else { return nil }
        defer { drip_mime_free(text) }
        return text.withMemoryRebound(to: UInt8.self, capacity: length) { start in
            String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
        }
    }
}
