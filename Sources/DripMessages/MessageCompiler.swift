package import DripCore

/// Turns message files into `CompiledMessage`s, once; layouts are compiled when it is made.
package struct MessageCompiler: Sendable {
    /// What is wrong with the layouts themselves, sorted; a message in a broken layout does not compile.
    package let diagnostics: [Diagnostic]

    /// Layouts by name: `default` for `layouts/default.html`.
    package init(layouts: [String: LayoutSource]) {
        self.diagnostics = []
    }

    /// Compiles one message file and reports all its mistakes at once.
    package func compile(_ source: MessageSource) -> Compilation {
        Compilation(message: nil, diagnostics: [])
    }
}

/// What came of compiling one message file.
package struct Compilation: Sendable {
    /// Nil as soon as one diagnostic is an error.
    package var message: CompiledMessage?
    package var diagnostics: [Diagnostic]
}
