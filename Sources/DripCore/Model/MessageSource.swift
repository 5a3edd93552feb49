/// A value and the place in a file where it stands, so that whoever finds a mistake later can still point at it.
package struct Located<Value: Hashable & Sendable>: Hashable, Sendable {
    package var value: Value
    /// 1-based.
    package var line: Int
    /// 1-based, in characters.
    package var column: Int

    package init(_ value: Value, line: Int, column: Int) {
        self.value = value
        self.line = line
        self.column = column
    }
}

/// A message file, split into its front matter and its body; nothing in it is compiled yet.
package struct MessageSource: Hashable, Sendable {
    /// Relative to the campaigns folder: `ebook-nurture/welcome.md`.
    package var path: String
    /// A template, like every text here.
    package var subject: Located<String>
    package var preheader: Located<String>?
    /// Overrides of the policy's sender.
    package var from: Policy.Sender?
    package var replyTo: EmailAddress?
    package var track: Policy.OwnTracking?
    /// Name of a file in `layouts/`, without `.html`.
    package var layout: Located<String>
    /// Markdown with template tags.
    package var body: Located<String>

    package init(
        path: String, subject: Located<String>, preheader: Located<String>? = nil, from: Policy.Sender? = nil,
        replyTo: EmailAddress? = nil, track: Policy.OwnTracking? = nil, layout: Located<String>, body: Located<String>
    ) {
        self.path = path
        self.subject = subject
        self.preheader = preheader
        self.from = from
        self.replyTo = replyTo
        self.track = track
        self.layout = layout
        self.body = body
    }
}

/// A layout file: HTML with template tags and one `{{ content }}`.
package struct LayoutSource: Hashable, Sendable {
    /// `default` for `layouts/default.html`.
    package var name: String
    package var path: String
    package var html: String

    package init(name: String, path: String, html: String) {
        self.name = name
        self.path = path
        self.html = html
    }
}
