import DripCore

/// The partials and catalogues of a folder: what its messages share beside layouts.
///
/// The rule: `partials/NAME.md` is a partial, `partials/NAME.LOCALE.md` its translation; `catalogues/NAME.yaml` is a
/// catalogue. Whatever else lies there is not read, which is told.
///
/// Edge cases: a file that cannot be read is there all the same, so that whoever names it is not told to write it.
struct SharedFiles {
    private(set) var partials: [PartialSource] = []
    private(set) var catalogues: [CatalogueSource] = []
    private(set) var diagnostics: [Diagnostic] = []

    static let partialFolder = "partials"
    static let catalogueFolder = "catalogues"
    /// Folders that can be no campaign's.
    static let folders: Set<String> = [Library.layoutFolder, partialFolder, catalogueFolder, FormFiles.folder]

    private let tree: FileTree

    init(_ tree: FileTree) {
        self.tree = tree
        let unreadable = tree.diagnostics.filter { $0.severity == .error }.map(\.file)
        for path in Set(tree.files.keys).union(unreadable).sorted() {
            if let file = Self.file(path, in: Self.partialFolder) {
                readPartial(path, file)
            } else if let file = Self.file(path, in: Self.catalogueFolder) {
                readCatalogue(path, file)
            }
        }
    }

    private static func file(_ path: String, in folder: String) -> String? {
        path.hasPrefix("\(folder)/") ? String(path.dropFirst(folder.count + 1)) : nil
    }

    private mutating func readPartial(_ path: String, _ file: String) {
        let locale = Library.translation(path)?.tag
        let name = String(file.prefix { $0 != "." })
        let isWhole = file == "\(name).md" || locale != nil && file.split(separator: ".").count == 3
        guard isWhole, Naming.isName(name) else {
            if file.lowercased() == "readme.md" { return }
            return warn(
                path, "this is no partial, and is not read",
                "Partials are named like `partials/signature.md` or `partials/signature.id.md`, in lower-case letters, "
                    + "digits and hyphens.")
        }
        if let other = partials.first(where: { $0.name == name && $0.locale == locale }) {
            return warn(
                path, "\(quoted(other.path)) is for the locale `\(locale ?? "")` already, so this file is not used",
                "Keep one of the two.")
        }
        let text = tree.files[path].flatMap { self.text($0, path) }
        partials.append(PartialSource(name: name, locale: locale, path: path, text: text))
    }

    private mutating func readCatalogue(_ path: String, _ file: String) {
        let name = file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
        guard file.hasSuffix(".yaml"), Naming.isName(name) else {
            if file.lowercased() == "readme.md" { return }
            return warn(
                path, "this is no catalogue, and is not read",
                "Catalogues are named like `catalogues/case-studies.yaml`, in lower-case letters, digits and hyphens.")
        }
        var table: CatalogueSource.Table?
        if let bytes = tree.files[path] {
            let findings = Findings(file: path)
            do {
                table = CatalogueReader.read(try SourceText(bytes, path: path), findings: findings)
            } catch {
                findings.add(error)
            }
            diagnostics += findings.diagnostics
        }
        catalogues.append(CatalogueSource(name: name, path: path, table: table))
    }

    private mutating func text(_ bytes: [UInt8], _ path: String) -> String? {
        do {
            return try SourceText(bytes, path: path).text
        } catch {
            diagnostics.append(error)
            return nil
        }
    }

    private mutating func warn(_ path: String, _ message: String, _ hint: String) {
        diagnostics.append(
            Diagnostic(.warning, file: path, line: 0, column: 0, message: message, hint: hint))
    }
}
