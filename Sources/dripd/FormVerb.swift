import ArgumentParser
import DripCore
import DripEngine
import DripHTTP
import DripMessages

/// `dripd form`: a sign-up form as HTML for a web site.
struct FormVerb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "form", abstract: "Print a sign-up form as HTML, to be put on a web site.",
        discussion: """
            Plain HTML: no script, no cookie, no style but what hides the field that catches programs. It is posted to \
            the public pages, so that `public_url` and `public` must stand in dripd.yaml. The files are read as they are on disk; \
            put the HTML on the site anew after an edit of the form's fields.
            """)

    @OptionGroup var options: ConfigurationOption
    @Option(help: "The language of its words: en or id.") var lang = "en"
    @Argument(help: "The form: the name of its file in forms/, without .yaml.") var form: String

    func run() throws {
        guard ["en", "id"].contains(lang) else { throw refuse("--lang \(lang): the pages have en and id") }
        let configuration = try options.load()
        guard let url = configuration.publicURL else {
            throw Complaint("a form is posted to the public pages: set `public_url` and `public` in dripd.yaml.")
        }
        let (tree, loader) = try Installation(configuration: configuration).readFiles()
        let update = loader.load(disk: tree, applied: [:], running: [:])
        guard let found = update.programme?.forms[FormID(rawValue: form)] else {
            for diagnostic in update.report.diagnostics { Terminal.complain(diagnostic.description) }
            let known = (update.programme?.forms.keys.sorted() ?? []).map(\.rawValue).joined(separator: ", ")
            throw Complaint("no form \"\(form)\" that loads; there are: \(known.isEmpty ? "none" : known)")
        }
        Terminal.say(FormHTML.embedded(found, action: "\(url)/f/\(form)", language: Language(tag: lang)))
    }
}
