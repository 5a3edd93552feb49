package import DripCore

/// Reads `dripd.yaml`.
package enum ConfigurationLoader {
    /// The configuration, or nil where there is any error; `path` names the file in diagnostics, and relative paths in
    /// it are taken from its folder.
    package static func load(_ bytes: [UInt8], path: String) -> (configuration: Configuration?, diagnostics: [Diagnostic])
    {
        (nil, [])
    }
}
